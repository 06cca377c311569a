//! Names of files, as CloudTrail gives them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use trent_types::{AccountId, Timestamp};

/// The bucket that a directory stands for.
pub(super) const BUCKET: &str = "trent";

/// The trail's name in the names of digests.
const TRAIL: &str = "trent";

/// What follows a digest's name in the name of its signature's file.
pub(super) const SIGNATURE: &str = ".sig";

fn folder(account: &AccountId, kind: &str, region: &str, at: Timestamp) -> String {
    let (year, month, day, ..) = at.civil();
    format!("AWSLogs/{account}/{kind}/{region}/{year:04}/{month:02}/{day:02}")
}

/// A log file's object: named after the moment of its plan, and the first record that is in it.
pub(super) fn log_object(
    account: &AccountId,
    region: &str,
    at: Timestamp,
    first_sequence: u64,
) -> String {
    let folder = folder(account, "CloudTrail", region, at);
    let minute: String = at.iso8601_basic().chars().take(13).collect();
    let mut unique = Sha256::new();
    unique.update(format!("{account} {region} {first_sequence}"));
    let mut unique = hex::encode_upper(unique.finalize());
    unique.truncate(16);
    format!("{folder}/{account}_CloudTrail_{region}_{minute}Z_{unique}.json.gz")
}

/// A digest's object, named after the moment at which it ends.
pub(super) fn digest_object(account: &AccountId, region: &str, end: Timestamp) -> String {
    let folder = folder(account, "CloudTrail-Digest", region, end);
    let end = end.iso8601_basic();
    format!("{folder}/{account}_CloudTrail-Digest_{region}_{TRAIL}_{region}_{end}.json.gz")
}

/// The folder under which all digests of an account and Region are.
pub(super) fn digests(account: &AccountId, region: &str) -> String {
    format!("AWSLogs/{account}/CloudTrail-Digest/{region}")
}

/// The folder under which all log files of an account and Region are.
pub(super) fn logs(account: &AccountId, region: &str) -> String {
    format!("AWSLogs/{account}/CloudTrail/{region}")
}

/// SHA-256 in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Writes a file, durably: whole or not at all, in the place of one that may be there.
pub(super) fn write(directory: &Path, object: &str, bytes: &[u8]) -> io::Result<()> {
    let path = directory.join(object);
    let folder = path.parent().unwrap_or(directory);
    DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
    let mut beside = path.clone().into_os_string();
    beside.push(".new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o644).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, &path)?;
    // Every folder on the way may be new.
    let mut folder = Some(folder);
    while let Some(present) = folder.filter(|folder| folder.starts_with(directory)) {
        File::open(present)?.sync_all()?;
        folder = present.parent();
    }
    Ok(())
}

/// Compresses, always to the same bytes.
pub(super) fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Reads a compressed file. There is nothing after its end.
pub(super) fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut decoder = GzDecoder::new(packed);
    decoder.read_to_end(&mut bytes)?;
    if decoder.into_inner().is_empty() {
        return Ok(bytes);
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "something follows the compressed content"))
}
