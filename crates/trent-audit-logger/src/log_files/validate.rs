//! Validating log files offline, as AWS documents it: from the newest digest back to the first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use trent_types::{AccountId, Timestamp};

use super::digest::{DigestFile, HASH_ALGORITHM, Metadata, SIGNATURE_ALGORITHM};
use super::layout::{self, BUCKET, SIGNATURE};
use crate::signing::{PublicKeys, moment_of};

/// What is validated.
#[derive(Debug, Clone)]
pub struct Validation {
    /// Whose files.
    pub account: AccountId,
    /// Only digests that end at this moment or later.
    pub start: Timestamp,
    /// Only digests that end at this moment or earlier.
    pub end: Timestamp,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogsReport {
    /// Digests that are what was signed.
    pub digests: u64,
    /// Log files that are what a good digest says.
    pub logs: u64,
    /// Log files that are newer than the last digest: nothing says yet what they must be.
    pub pending: u64,
    /// Every file that is missing, changed, or out of order, and in what way.
    pub problems: Vec<String>,
}

/// Validates the digests and log files of an account in all Regions that have digests.
///
/// # Errors
/// When a folder cannot be listed, or a file that is there not be read.
pub fn validate_logs(
    directory: &Path,
    wanted: &Validation,
    keys: &PublicKeys,
) -> io::Result<LogsReport> {
    let mut report = LogsReport::default();
    let mut regions = BTreeSet::new();
    for kind in ["CloudTrail", "CloudTrail-Digest"] {
        let folder = directory.join(format!("AWSLogs/{}/{kind}", wanted.account));
        regions.extend(names(&folder)?);
    }
    if regions.is_empty() {
        report.problems.push(format!("there is no log file of the account {}", wanted.account));
    }
    for region in regions {
        let (digests, folder) = digests(directory, wanted, &region)?;
        let walk = Walk {
            directory,
            wanted,
            keys,
            region: &region,
            digests,
            named: BTreeSet::new(),
            report: &mut report,
        };
        walk.run(&folder)?;
    }
    Ok(report)
}

/// The digests of a Region by the moment at which they end, and where they are.
fn digests(
    directory: &Path,
    wanted: &Validation,
    region: &str,
) -> io::Result<(BTreeMap<Timestamp, String>, String)> {
    let folder = layout::digests(&wanted.account, region);
    let mut found = BTreeMap::new();
    for object in objects(directory, &folder)? {
        if let Some(end) = end_of(&object) {
            found.insert(end, object);
        }
    }
    Ok((found, folder))
}

/// When a digest ends, by its name.
fn end_of(object: &str) -> Option<Timestamp> {
    basic_moment(object.strip_suffix(".json.gz")?.rsplit('_').next()?)
}

struct Walk<'a> {
    directory: &'a Path,
    wanted: &'a Validation,
    keys: &'a PublicKeys,
    region: &'a str,
    digests: BTreeMap<Timestamp, String>,
    /// The log files that digests name.
    named: BTreeSet<String>,
    report: &'a mut LogsReport,
}

/// What the digest after it says of a digest.
struct Successor {
    object: String,
    hash: String,
    signature: String,
    starts: Timestamp,
}

impl Walk<'_> {
    fn run(mut self, folder: &str) -> io::Result<()> {
        let ends: Vec<_> = self.digests.keys().copied().rev().collect();
        let newest = ends.first().copied();
        let mut successor: Option<Successor> = None;
        for end in ends.into_iter().filter(|end| *end <= self.wanted.end) {
            if end < self.wanted.start && successor.is_none() {
                break;
            }
            let Some(object) = self.digests.get(&end).cloned() else { continue };
            if let Some(after) = successor.take_if(|after| after.object != object) {
                if self.directory.join(&after.object).exists() {
                    self.problem(&object, "out of order: the digest after it follows another one");
                } else {
                    self.missing(&after);
                }
            }
            if end < self.wanted.start {
                break;
            }
            successor = self.digest(&object, end, successor.take())?;
        }
        if let Some(after) = successor
            && !self.directory.join(&after.object).exists()
        {
            self.missing(&after);
        }
        if newest.is_none() {
            self.problem(folder, "there is no digest");
        }
        self.unnamed(newest)
    }

    /// Validates a digest and the log files that it names. Says what it says of the one before it.
    fn digest(
        &mut self,
        object: &str,
        end: Timestamp,
        successor: Option<Successor>,
    ) -> io::Result<Option<Successor>> {
        let content = match read(&self.directory.join(object))? {
            Ok(content) => content,
            Err(problem) => {
                self.problem(object, problem);
                return Ok(None);
            }
        };
        let signature = self.signature(object)?;
        if let Some(after) = &successor
            && (after.hash != layout::sha256(&content)
                || signature.as_ref() != Some(&after.signature))
        {
            self.problem(object, "changed: the digest after it names another hash or signature");
            return Ok(None);
        }
        let Some(digest) = self.signed(object, &content, signature.as_deref(), end) else {
            return Ok(None);
        };
        if successor.is_some_and(|after| after.starts < end) {
            self.problem(object, "out of order: it ends after the next one begins");
        }
        self.report.digests += 1;
        for log in &digest.log_files {
            self.named.insert(log.s3_object.clone());
            match read(&self.directory.join(&log.s3_object))? {
                Ok(content) if layout::sha256(&content) == log.hash_value => self.report.logs += 1,
                Ok(_) => self.problem(&log.s3_object, "changed: its hash is another"),
                Err(problem) => self.problem(&log.s3_object, problem),
            }
        }
        let starts = moment_of(&digest.digest_start_time).unwrap_or_default();
        Ok(digest.previous_digest_s3_object.map(|object| Successor {
            object,
            hash: digest.previous_digest_hash_value.unwrap_or_default(),
            signature: digest.previous_digest_signature.unwrap_or_default(),
            starts,
        }))
    }

    /// The signature beside a digest, in the one way in which it is written.
    fn signature(&mut self, object: &str) -> io::Result<Option<String>> {
        let object = format!("{object}{SIGNATURE}");
        let bytes = match fs::read(self.directory.join(&object)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.problem(&object, "missing: the digest's signature");
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let metadata = serde_json::from_slice::<Metadata>(&bytes).ok();
        let good = metadata.filter(|metadata| {
            metadata.signature_algorithm == SIGNATURE_ALGORITHM
                && Metadata::to_bytes(&metadata.signature).is_ok_and(|written| written == bytes)
        });
        if good.is_none() {
            self.problem(&object, "changed: it is no signature of a digest");
        }
        Ok(good.map(|metadata| metadata.signature))
    }

    /// Takes a digest apart, if it is what was signed, for this place.
    fn signed(
        &mut self,
        object: &str,
        content: &[u8],
        signature: Option<&str>,
        end: Timestamp,
    ) -> Option<DigestFile> {
        let signature = signature?;
        let Ok(digest) = serde_json::from_slice::<DigestFile>(content) else {
            self.problem(object, "changed: it is no digest");
            return None;
        };
        let fingerprint = &digest.digest_public_key_fingerprint;
        let bytes = hex::decode(signature).ok().filter(|bytes| hex::encode(bytes) == signature);
        let verified = bytes.ok_or_else(|| "the signature is wrong".to_owned()).and_then(|bytes| {
            let text = digest.signed_text(content);
            self.keys.verify(fingerprint, &text, &bytes).map_err(|error| error.to_string())
        });
        if let Err(reason) = verified {
            self.problem(object, &format!("changed: {reason}"));
            return None;
        }
        let hashed = digest.log_files.iter().all(|log| log.hash_algorithm == HASH_ALGORITHM);
        if (digest.digest_s3_bucket.as_str(), digest.digest_s3_object.as_str()) != (BUCKET, object)
            || digest.aws_account_id != self.wanted.account.as_str()
            || digest.digest_end_time != end.iso8601()
            || !hashed
        {
            self.problem(object, "out of order: it is the digest of another place");
            return None;
        }
        Some(digest)
    }

    /// Log files that no digest names.
    fn unnamed(&mut self, newest: Option<Timestamp>) -> io::Result<()> {
        let whole = self.wanted.start <= Timestamp::default();
        for object in objects(self.directory, &layout::logs(&self.wanted.account, self.region))? {
            if self.named.contains(&object) || !object.ends_with(".json.gz") {
                continue;
            }
            let minute = object.rsplit('_').nth(1).and_then(|minute| {
                let (date, time) = minute.strip_suffix('Z')?.split_once('T')?;
                basic_moment(&format!("{date}T{time}00Z"))
            });
            let covered =
                |minute: Timestamp| newest.is_some_and(|end| minute.plus_millis(60_000) <= end);
            match minute {
                Some(minute) if !covered(minute) => self.report.pending += 1,
                // What earlier digests name is not known.
                Some(minute) if !whole && minute < self.wanted.start => {}
                Some(_) if whole && self.report.problems.is_empty() => {
                    self.problem(&object, "no digest names it");
                }
                Some(_) => {}
                None => self.problem(&object, "no name of a log file"),
            }
        }
        Ok(())
    }

    /// A digest that a later one names is not there.
    fn missing(&mut self, named: &Successor) {
        // Older ones than are wanted may have been moved elsewhere.
        if end_of(&named.object).is_none_or(|end| end >= self.wanted.start) {
            self.problem(&named.object, "missing, and a later digest names it");
        }
    }

    fn problem(&mut self, object: &str, what: &str) {
        self.report.problems.push(format!("{object}: {what}"));
    }
}

/// The content of a compressed file; the inner error says what is wrong with it.
fn read(path: &Path) -> io::Result<Result<Vec<u8>, &'static str>> {
    match fs::read(path) {
        Ok(packed) => Ok(layout::unpack(&packed).map_err(|_| "changed: it is not compressed")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Err("missing")),
        Err(error) => Err(error),
    }
}

/// `YYYYMMDDTHHMMSSZ`.
fn basic_moment(text: &str) -> Option<Timestamp> {
    let piece = |from: usize, to: usize| text.get(from..to);
    if text.len() != 16 {
        return None;
    }
    let (year, month, day) = (piece(0, 4)?, piece(4, 6)?, piece(6, 8)?);
    let (hour, minute, second) = (piece(9, 11)?, piece(11, 13)?, piece(13, 15)?);
    let moment = moment_of(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))?;
    (moment.iso8601_basic() == text).then_some(moment)
}

/// Every file under a folder, named from the directory on.
fn objects(directory: &Path, folder: &str) -> io::Result<Vec<String>> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::from(folder)]);
    while let Some(folder) = folders.pop() {
        for name in names(&directory.join(&folder))? {
            let path = folder.join(name);
            if directory.join(&path).is_dir() {
                folders.push(path);
            } else {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The names in a folder; none when it is not there.
fn names(folder: &Path) -> io::Result<BTreeSet<String>> {
    match fs::read_dir(folder) {
        Ok(entries) => {
            entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}
