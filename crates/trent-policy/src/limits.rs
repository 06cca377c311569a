//! How long documents may be (AWS KMS Developer Guide, "Resource quotas"; IAM User Guide, "IAM and
//! AWS STS quotas").

use trent_types::EntityKind;

use crate::{PolicyError, PolicyKind};

/// A key policy, in bytes (`LimitExceededException`).
pub const KEY_POLICY_BYTES: usize = 32_768;
/// Any policy in a request, in characters (the shape's own maximum, `ValidationException`).
pub const DOCUMENT_CHARACTERS: usize = 131_072;
/// All inline policies of a user, in characters without white space.
pub const USER_INLINE_CHARACTERS: usize = 2_048;
/// All inline policies of a role, in characters without white space.
pub const ROLE_INLINE_CHARACTERS: usize = 10_240;
/// All inline policies of a group, in characters without white space.
pub const GROUP_INLINE_CHARACTERS: usize = 5_120;
/// A managed policy, in characters without white space.
pub const MANAGED_CHARACTERS: usize = 6_144;
/// A role's trust policy, in characters without white space (`LimitExceeded`).
pub const TRUST_CHARACTERS: usize = 2_048;
/// All session policies of a session, in characters without white space (`PackedPolicyTooLarge`).
pub const SESSION_CHARACTERS: usize = 2_048;

/// How long all inline policies of such an entity may be together, in characters without white
/// space; `None` for a managed policy, which has none.
#[must_use]
pub const fn inline_characters(kind: EntityKind) -> Option<usize> {
    match kind {
        EntityKind::User => Some(USER_INLINE_CHARACTERS),
        EntityKind::Role => Some(ROLE_INLINE_CHARACTERS),
        EntityKind::Group => Some(GROUP_INLINE_CHARACTERS),
        EntityKind::Policy => None,
    }
}

/// A document's length as IAM counts it against its quotas: characters, white space left out.
#[must_use]
pub fn length_without_white_space(text: &str) -> usize {
    text.chars().filter(|c| !c.is_ascii_whitespace()).count()
}

/// The limits that hold for every document of a kind. Those of inline and managed policies depend
/// on what the policy is attached to and are for whoever attaches it.
pub(crate) fn check(text: &str, kind: PolicyKind) -> Result<(), PolicyError> {
    let within = |length: usize, limit: usize| {
        if length > limit { Err(PolicyError::TooLarge { length, limit }) } else { Ok(()) }
    };
    if kind == PolicyKind::KeyPolicy {
        return within(text.len(), KEY_POLICY_BYTES);
    }
    within(text.chars().count(), DOCUMENT_CHARACTERS)?;
    match kind {
        PolicyKind::KeyPolicy | PolicyKind::Identity => Ok(()),
        PolicyKind::Session => within(length_without_white_space(text), SESSION_CHARACTERS),
        PolicyKind::Trust => within(length_without_white_space(text), TRUST_CHARACTERS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_of_aws_is_one_and_within_its_limit() {
        for policy in trent_types::aws_managed_policies() {
            let parsed = crate::Policy::parse(policy.document, crate::PolicyKind::Identity);
            assert!(parsed.is_ok(), "{policy:?}");
            assert!(length_without_white_space(policy.document) <= MANAGED_CHARACTERS);
        }
    }
    use crate::Policy;

    #[test]
    fn white_space_is_not_counted() {
        assert_eq!(length_without_white_space("{ \"a\":\n\t1 }"), 7);
    }

    #[test]
    fn each_kind_of_document_has_its_own_limit() {
        let key = (PolicyKind::KeyPolicy, r#""Principal": "*""#);
        let identity = (PolicyKind::Identity, r#""Action": "*", "Resource": "*""#);
        let session = (PolicyKind::Session, r#""Action": "*", "Resource": "*""#);
        let trust = (PolicyKind::Trust, r#""Principal": "*", "Action": "sts:*""#);
        for ((kind, elements), limit) in [
            (key, KEY_POLICY_BYTES),
            (identity, DOCUMENT_CHARACTERS),
            (session, SESSION_CHARACTERS),
            (trust, TRUST_CHARACTERS),
        ] {
            let with_id = |id: &str| {
                format!(r#"{{"Id":"{id}","Statement":{{"Effect":"Allow",{elements}}}}}"#)
            };
            let rest = match kind {
                PolicyKind::KeyPolicy | PolicyKind::Identity => with_id("").len(),
                PolicyKind::Session | PolicyKind::Trust => length_without_white_space(&with_id("")),
            };
            // In a key policy a character above 7 bits counts for its bytes.
            let fill = if kind == PolicyKind::KeyPolicy { "x" } else { "\u{e9}" };
            let longest = with_id(&fill.repeat(limit - rest));
            assert!(Policy::parse(&longest, kind).is_ok(), "{kind:?}");
            let too_long = with_id(&fill.repeat(limit - rest + 1));
            let expected = PolicyError::TooLarge { length: limit + 1, limit };
            assert_eq!(Policy::parse(&too_long, kind).unwrap_err(), expected, "{kind:?}");
        }
        let text = r#"{"Id":"%","Statement":{"Effect":"Allow","Principal":"*"}}"#;
        let text = text.replace('%', &"\u{e9}".repeat(KEY_POLICY_BYTES / 2));
        assert!(matches!(
            Policy::parse(&text, PolicyKind::KeyPolicy),
            Err(PolicyError::TooLarge { limit: KEY_POLICY_BYTES, .. })
        ));
    }

    #[test]
    fn inline_policies_share_the_room_of_their_entity() {
        assert_eq!(inline_characters(EntityKind::User), Some(2_048));
        assert_eq!(inline_characters(EntityKind::Role), Some(10_240));
        assert_eq!(inline_characters(EntityKind::Group), Some(5_120));
        assert_eq!(inline_characters(EntityKind::Policy), None);
    }
}
