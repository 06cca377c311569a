//! One checkpoint as a line of text.

use std::fmt::Write;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use trent_types::{AccountId, Timestamp};

use crate::chain::{Chain, Head};
use crate::signing::{SignatureError, SigningKey, moment_of, seal};

const FORMAT: &str = "trent-checkpoint/1";

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CheckpointLine {
    /// From 1, in its file.
    pub(super) number: u64,
    pub(super) time: Timestamp,
    /// [`line_hash`] of the line before; zeros in a file's first.
    pub(super) previous: [u8; 32],
    pub(super) heads: Vec<(Chain, Head)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields<'a> {
    format: &'a str,
    number: u64,
    time: &'a str,
    previous: &'a str,
    #[serde(borrow)]
    heads: Vec<HeadFields<'a>>,
    key: &'a str,
    #[serde(rename = "signature")]
    _signature: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadFields<'a> {
    chain: &'a str,
    sequence: u64,
    hash: &'a str,
}

/// What a line is known by in the one that follows it.
pub(super) fn line_hash(line: &str) -> [u8; 32] {
    Sha256::digest(line.as_bytes()).into()
}

impl CheckpointLine {
    /// The line, without its end.
    pub(super) fn signed(&self, key: &SigningKey) -> Result<String, SignatureError> {
        let Self { number, time, previous, heads } = self;
        let mut text = String::with_capacity(1024 + heads.len() * 128);
        // Cannot fail: a string takes everything.
        let _ = write!(
            text,
            "{{\"format\":\"{FORMAT}\",\"number\":{number},\"time\":\"{}\",\"previous\":\"{}\",\
             \"heads\":[",
            time.iso8601(),
            hex::encode(previous)
        );
        for (index, (chain, head)) in heads.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let name = chain.as_ref().map_or("", AccountId::as_str);
            let (sequence, hash) = (head.sequence, hex::encode(head.hash));
            let _ = write!(
                text,
                "{comma}{{\"chain\":\"{name}\",\"sequence\":{sequence},\"hash\":\"{hash}\"}}"
            );
        }
        text.push(']');
        seal::seal(text, key)
    }

    /// Takes a line apart, and says which key it claims to be signed with. Nothing is checked.
    pub(super) fn parse(line: &str) -> Option<(Self, String)> {
        let fields: Fields<'_> = serde_json::from_str(line).ok()?;
        if fields.format != FORMAT {
            return None;
        }
        let heads = fields.heads.iter().map(|head| {
            let chain = match head.chain {
                "" => None,
                account => Some(account.parse().ok()?),
            };
            Some((chain, Head { sequence: head.sequence, hash: hash_of(head.hash)? }))
        });
        let heads = heads.collect::<Option<Vec<_>>>()?;
        let (time, previous) = (moment_of(fields.time)?, hash_of(fields.previous)?);
        Some((Self { number: fields.number, time, previous, heads }, fields.key.to_owned()))
    }
}

fn hash_of(digits: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    hex::decode_to_slice(digits, &mut hash).ok()?;
    Some(hash)
}
