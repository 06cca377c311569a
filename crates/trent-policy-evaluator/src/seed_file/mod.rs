//! Keys that a deployment begins with, from a file: fixed ids and fixed material, for tests and
//! development, and for keys that come from elsewhere.
//!
//! | module | job |
//! |---|---|
//! | `yaml` | the text as a tree that is wiped when it is dropped |
//! | `members` | the tree's members by name, each fault with its path |
//! | `read` | the tree as keys and aliases |
//! | `moment` | dates |
//! | `policy_text` | a policy that is written as YAML, as JSON |
//! | `apply` | what is not there yet is made |
//!
//! No message of these modules contains anything of the file but member names and numbers of lines:
//! what stands at the wrong place may be a key.

mod apply;
mod members;
mod moment;
mod policy_text;
mod read;
#[cfg(test)]
mod tests;
mod yaml;

use trent_types::{
    AccountId, AliasName, KeyArn, KeyFamily, KeyId, KeyUsage, MaterialId, Region, SecretBytes, Tag,
    Timestamp,
};

#[cfg(test)]
pub(crate) use apply::Seeded;
pub(crate) use apply::{SeedFault, Seeder};

/// What a file says that a deployment shall have. It holds key material, which is wiped when it is
/// dropped.
#[derive(Debug)]
pub struct Seed {
    pub(crate) keys: Vec<SeededKey>,
    pub(crate) aliases: Vec<SeededAlias>,
}

/// Where keys belong for which the file names no account or Region.
#[derive(Debug, Clone)]
pub struct SeedHome {
    /// The deployment's account.
    pub account: AccountId,
    /// The default Region.
    pub region: Region,
    /// The Regions that are served.
    pub regions: Vec<Region>,
}

/// What is wrong with a seed file, and where. It shows nothing of the file but names of members.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// It is not YAML, or YAML of a kind that is not taken.
    #[error("line {line}: {what}")]
    Yaml {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A member is missing, unknown or not what it must be.
    #[error("{path} (line {line}): {what}")]
    Member {
        /// The member, as in `Keys.Symmetric.Aes[0].Metadata.KeyId`.
        path: String,
        /// Its line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// A key of the file.
#[derive(Debug)]
pub(crate) struct SeededKey {
    pub(crate) arn: KeyArn,
    /// Under which part of the file it stands.
    pub(crate) section: Section,
    pub(crate) usage: KeyUsage,
    pub(crate) description: String,
    /// `None`: the default policy.
    pub(crate) policy: Option<String>,
    pub(crate) tags: Vec<Tag>,
    /// When the material is rotated next; `None`: never by itself.
    pub(crate) next_rotation: Option<Timestamp>,
    /// Oldest first: 32 bytes each, or one PEM.
    pub(crate) materials: Vec<(MaterialId, SecretBytes)>,
    /// Where it stands in the file.
    pub(crate) path: String,
}

/// The parts of the file that keys stand under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// `Keys.Symmetric.Aes`.
    Aes,
    /// `Keys.Asymmetric.Rsa`.
    Rsa,
    /// `Keys.Asymmetric.Ecc`.
    Ecc,
}

impl Section {
    /// Whether a key of this kind may stand here.
    pub(crate) const fn takes(self, family: KeyFamily) -> bool {
        match self {
            Self::Aes => matches!(family, KeyFamily::Symmetric),
            Self::Rsa => matches!(family, KeyFamily::Rsa),
            Self::Ecc => matches!(family, KeyFamily::Ec | KeyFamily::Ed25519),
        }
    }
}

/// An alias of the file.
#[derive(Debug)]
pub(crate) struct SeededAlias {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: AliasName,
    pub(crate) target: KeyId,
    /// Where it stands in the file.
    pub(crate) path: String,
}
