//! Log files and digest files in CloudTrail's layout, for tools that read those (CloudTrail user
//! guide, "CloudTrail log file integrity validation").
//!
//! ```text
//! DIR/AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/
//!     ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_….json.gz
//! DIR/AWSLogs/ACCOUNT/CloudTrail-Digest/REGION/YYYY/MM/DD/
//!     ACCOUNT_CloudTrail-Digest_REGION_trent_REGION_YYYYMMDDTHHMMSSZ.json.gz
//!     ….json.gz.sig       what S3 keeps as the object's metadata: signature and algorithm
//! ```
//!
//! The folder stands for a bucket named `trent`. A log file has the records of one account and
//! Region that have come since the one before; a digest file names the log files of about an hour,
//! with their hashes, and the digest before it. Records of requests that were not authenticated
//! belong to no account and are in no log file: they are in the trail itself.
//!
//! # Each record in exactly one file
//! What a chain's next files hold – from which record to which, and the moment in their names – is
//! first written into the chain's state in the store, as a plan. Content and names of files follow
//! from plan and records alone, so a plan is carried out again after a crash, with the same result.
//! Only when all of its files are synced the state moves on to the end of the plan. States have
//! versions: of two processes that work on one chain, one cannot note anything.

mod digest;
mod layout;
mod plan;
mod validate;
mod writer;

#[cfg(test)]
mod tests;

pub use validate::{LogsReport, Validation, validate_logs};
pub use writer::{LogFiles, LogFilesConfig, LogFilesError};
