//! What GenerateMac and VerifyMac have in common.

use trent_types::{KeyUsage, MacAlgorithm, Primitive, SecretBytes};

use crate::decode::{Blob, Flag, Text};
use crate::error::AwsError;
use crate::json::Object;
use crate::key_state;
use crate::ports::Question;
use crate::rules;
use crate::steps::Target;

/// A message to be authenticated, or that was.
pub(crate) struct Message<'a> {
    key_id: Text<'a>,
    pub(crate) message: SecretBytes,
    pub(crate) algorithm: MacAlgorithm,
    dry_run: bool,
}

impl<'a> Message<'a> {
    /// From members that validation has found to be good.
    pub(crate) fn new(
        key_id: Option<Text<'a>>,
        message: Option<Blob>,
        algorithm: Option<Text<'a>>,
        dry_run: Option<Flag>,
    ) -> Result<Self, AwsError> {
        Ok(Self {
            key_id: rules::present(key_id)?,
            message: rules::present(message)?.0,
            algorithm: rules::validated(&rules::present(algorithm)?)?,
            dry_run: rules::is_set(dry_run),
        })
    }

    /// The one question.
    pub(crate) fn question(&self, action: &'static str, primitive: Primitive) -> Question<'_> {
        let conditions = vec![rules::condition("kms:MacAlgorithm", self.algorithm.as_str())];
        rules::about_use_of(action, &self.key_id, primitive, conditions)
    }

    /// `requestParameters`.
    pub(crate) fn show(&self, out: &mut Object<'_>) {
        out.text("keyId", &self.key_id);
        out.text("macAlgorithm", self.algorithm.as_str());
        rules::show_dry_run(out, self.dry_run);
    }

    /// Checks the key's state, usage and algorithm; a dry run ends here.
    pub(crate) fn check(&self, key: &Target<'_>, operation: &str) -> Result<(), AwsError> {
        key_state::usable(key.record)?;
        rules::meant_for(key.record, KeyUsage::GenerateVerifyMac, operation)?;
        if key.record.spec.mac_algorithm() != Some(self.algorithm) {
            return Err(rules::incompatible(key.record, self.algorithm.as_str()));
        }
        rules::end_dry_run(self.dry_run)
    }
}
