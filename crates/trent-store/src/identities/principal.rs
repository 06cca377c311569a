//! A user or role with everything that it acts under.

use trent_types::{Entity, EntityKind, EntityRecord, Tag};

use super::entity::{self, Boundary, record, role_columns, user_columns};
use super::names::{fold, owner_params};
use crate::session::{Param, Session, Stop, first};
use crate::{StoreError, StoredPolicy, StoredPrincipal};

/// Tags (1), policies inside (2) and attached (3), those of a user's groups, and the permissions
/// boundary (4). Of an attached policy that is the account's own the document is there; of AWS's it
/// is not. The row of a policy says under which name it was found, to tell the two apart.
const PARTS: &str = "\
    SELECT 1, tag_key, tag_value, '' FROM iam_tag \
    WHERE account = $1 AND kind = $2 AND owner = $3 \
    UNION ALL SELECT 2, name, document, '' FROM iam_inline_policy \
    WHERE account = $1 AND kind = $2 AND owner = $3 \
    UNION ALL SELECT 2, g.name || '/' || i.name, i.document, '' FROM iam_membership m \
    JOIN iam_group g ON g.account = m.account AND g.folded_name = m.group_name \
    JOIN iam_inline_policy i ON i.account = m.account AND i.kind = 'group' \
    AND i.owner = m.group_name \
    WHERE m.account = $1 AND $2 = 'user' AND m.user_name = $3 \
    UNION ALL SELECT 3, a.policy_arn, v.document, a.policy FROM iam_attachment a \
    LEFT JOIN iam_policy p ON p.account = a.account AND p.folded_name = a.policy \
    LEFT JOIN iam_policy_version v ON v.account = p.account AND v.policy = p.folded_name \
    AND v.number = p.default_version \
    WHERE a.account = $1 AND a.kind = $2 AND a.owner = $3 \
    UNION ALL SELECT 3, a.policy_arn, v.document, a.policy FROM iam_membership m \
    JOIN iam_attachment a ON a.account = m.account AND a.kind = 'group' \
    AND a.owner = m.group_name \
    LEFT JOIN iam_policy p ON p.account = a.account AND p.folded_name = a.policy \
    LEFT JOIN iam_policy_version v ON v.account = p.account AND v.policy = p.folded_name \
    AND v.number = p.default_version \
    WHERE m.account = $1 AND $2 = 'user' AND m.user_name = $3 \
    UNION ALL SELECT 4, '', v.document, p.folded_name FROM iam_policy p \
    JOIN iam_policy_version v ON v.account = p.account AND v.policy = p.folded_name \
    AND v.number = p.default_version WHERE p.account = $1 AND p.folded_name = $4";

const USER_BY_ID: &str =
    concat!("SELECT ", user_columns!(), " FROM iam_user u WHERE u.user_id = $1");

const ROLE_BY_ID: &str =
    concat!("SELECT ", role_columns!(), " FROM iam_role r WHERE r.role_id = $1");

/// See [`crate::IdentityStore::principal`]. To be called at one moment.
pub(crate) async fn principal(
    session: &impl Session,
    entity: &Entity,
) -> Result<Option<StoredPrincipal>, Stop> {
    match entity.kind {
        EntityKind::User | EntityKind::Role => {}
        EntityKind::Group | EntityKind::Policy => return Ok(None),
    }
    let Some((record, boundary)) = entity::find(session, entity).await? else { return Ok(None) };
    let folded = fold(&entity.name);
    let [account, kind, owner] = owner_params(entity, &folded);
    let bound = Param::Text(boundary.as_ref().map_or("", |boundary| &boundary.policy));
    let (mut tags, mut policies, mut limit) = (Vec::new(), Vec::new(), None);
    for mut row in session.query(PARTS, &[account, kind, owner, bound]).await? {
        let (part, name, text) = (row.int()?, row.text()?, row.optional_text()?);
        match (part, text) {
            (1, Some(value)) => tags.push(Tag { key: name, value }),
            (2, Some(text)) => policies.push(StoredPolicy { source: name, document: Some(text) }),
            (3, document) => policies.push(managed(name, document, &row.text()?)?),
            (4, Some(text)) => limit = Some(text),
            _ => return Err(StoreError::Corrupt(format!("{name} has no document")).into()),
        }
    }
    tags.sort_unstable();
    policies.sort_unstable_by(|one, other| {
        (&one.source, &one.document).cmp(&(&other.source, &other.document))
    });
    // One that a user has and a group of the user's has too.
    policies.dedup();
    let boundary =
        boundary.map(|Boundary { arn, policy }| managed(arn, limit, &policy)).transpose()?;
    Ok(Some(StoredPrincipal { record, tags, boundary, policies }))
}

/// A managed policy. One of the account's own whose document is missing must not pass for one of
/// AWS's.
fn managed(
    arn: String,
    document: Option<String>,
    found_under: &str,
) -> Result<StoredPolicy, StoreError> {
    if document.is_none() && !found_under.contains(':') {
        return Err(StoreError::Corrupt(format!("{arn} has no version in force")));
    }
    Ok(StoredPolicy { source: arn, document })
}

/// See [`crate::IdentityStore::by_unique_ids`].
pub(crate) async fn by_unique_ids(
    session: &impl Session,
    ids: &[String],
) -> Result<Vec<EntityRecord>, Stop> {
    let mut found = Vec::new();
    for id in ids {
        for (sql, kind) in [(USER_BY_ID, EntityKind::User), (ROLE_BY_ID, EntityKind::Role)] {
            if let Some(mut row) = first(session.query(sql, &[Param::Text(id)]).await?) {
                found.push(record(&mut row, kind)?);
            }
        }
    }
    Ok(found)
}
