//! `kms:ReEncryptOnSameKey`: whether ReEncrypt moves a ciphertext to the key that it is under
//! already.

use trent_bus::messages::Question;

use super::Asker;
use super::resolve::{Resolved, resolve};
use crate::core::{Core, Unavailable};

/// Whether both questions of ReEncrypt are about one key; `None` where they are not of ReEncrypt,
/// or one of them names no key.
pub(super) async fn on_same_key(
    core: &Core,
    asker: &Asker<'_>,
    questions: &[Question],
) -> Result<Option<bool>, Unavailable> {
    let [from, to] = questions else { return Ok(None) };
    if from.action != "kms:ReEncryptFrom" || to.action != "kms:ReEncryptTo" {
        return Ok(None);
    }
    let mut keys = Vec::with_capacity(2);
    for question in [from, to] {
        let Some(resource) = question.resource.clone() else { return Ok(None) };
        match resolve(core, asker, &question.action, resource).await? {
            Ok(Resolved::Key { key, .. }) => keys.push(key.stored.record.arn()),
            Ok(
                Resolved::NewKey(_)
                | Resolved::Alias { .. }
                | Resolved::Entity(_)
                | Resolved::Role { .. }
                | Resolved::Other(_),
            )
            | Err(_) => return Ok(None),
        }
    }
    Ok(Some(keys.first() == keys.last()))
}
