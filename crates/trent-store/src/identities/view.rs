//! A user, group, role or policy with everything that belongs to it alone.

use trent_types::{
    AccessKey, AccountId, Entity, EntityKind, EntityRecord, IdentityView, InlinePolicy,
    PolicyVersion, Tag, Timestamp, User,
};

use super::access_keys::access_key_from;
use super::entity::{self, group_columns, moment, small};
use super::names::{fold, owner_params};
use crate::StoreError;
use crate::session::{Param, Row, Session, Stop, first};

const TAGS: &str = "SELECT tag_key, tag_value FROM iam_tag \
    WHERE account = $1 AND kind = $2 AND owner = $3";

const INLINE: &str = "SELECT name, document FROM iam_inline_policy \
    WHERE account = $1 AND kind = $2 AND owner = $3";

const ATTACHED: &str = "SELECT policy_arn FROM iam_attachment \
    WHERE account = $1 AND kind = $2 AND owner = $3";

const GROUPS: &str = concat!(
    "SELECT ",
    group_columns!(),
    " FROM iam_membership m JOIN iam_group g ON g.account = m.account ",
    "AND g.folded_name = m.group_name WHERE m.account = $1 AND m.user_name = $2 ",
    "ORDER BY m.group_name"
);

const ACCESS_KEYS: &str = "SELECT a.access_key_id, a.account, u.name, a.status, a.created_at \
    FROM access_key a JOIN iam_user u ON u.account = a.account AND u.folded_name = a.owner \
    WHERE a.account = $1 AND a.owner = $2 ORDER BY a.access_key_id";

const VERSIONS: &str = "SELECT number, document, created_at FROM iam_policy_version \
    WHERE account = $1 AND policy = $2 ORDER BY number";

/// When the account was made, or else its first access key of the root user.
const SINCE: &str = "SELECT coalesce((SELECT created_at FROM account WHERE id = $1), \
    (SELECT min(created_at) FROM access_key WHERE account = $1 AND owner = ''))";

const ROOT_KEYS: &str = "SELECT access_key_id, account, CAST(NULL AS TEXT), status, created_at \
    FROM access_key WHERE account = $1 AND owner = '' ORDER BY access_key_id";

/// See [`crate::IdentityStore::identity`]. To be called at one moment.
pub(crate) async fn identity(
    session: &impl Session,
    entity: &Entity,
) -> Result<Option<IdentityView>, Stop> {
    if entity.kind == EntityKind::User && entity.name.is_empty() {
        return root(session, entity.account).await;
    }
    let Some((record, boundary)) = entity::find(session, entity).await? else { return Ok(None) };
    let folded = fold(&entity.name);
    let owner = owner_params(entity, &folded);
    let named = [Param::Text(entity.account.as_str()), Param::Text(&folded)];
    let mut view = bare(record);
    view.boundary = boundary.map(|boundary| boundary.arn);
    view.tags = rows(session, TAGS, &owner, tag).await?;
    view.tags.sort_unstable();
    match entity.kind {
        EntityKind::User | EntityKind::Group | EntityKind::Role => {
            view.inline = rows(session, INLINE, &owner, inline).await?;
            view.inline.sort_unstable_by(|one, other| one.name.cmp(&other.name));
            view.attached = rows(session, ATTACHED, &owner, Row::text).await?;
            view.attached.sort_unstable();
        }
        EntityKind::Policy => view.versions = rows(session, VERSIONS, &named, version).await?,
    }
    match entity.kind {
        EntityKind::User => {
            view.groups = rows(session, GROUPS, &named, entity::group).await?;
            view.access_keys = rows(session, ACCESS_KEYS, &named, access_key).await?;
        }
        EntityKind::Group | EntityKind::Role | EntityKind::Policy => {}
    }
    Ok(Some(view))
}

/// The root user, who has access keys and nothing else.
async fn root(session: &impl Session, account: AccountId) -> Result<Option<IdentityView>, Stop> {
    let params = [Param::Text(account.as_str())];
    let since = first(session.query(SINCE, &params).await?);
    let Some(since) = since.map(|mut row| row.optional_int()).transpose()?.flatten() else {
        return Ok(None);
    };
    let mut view = bare(EntityRecord::User(User {
        account,
        path: "/".to_owned(),
        name: String::new(),
        user_id: account.as_str().to_owned(),
        created_at: Timestamp::from_millis(since),
    }));
    view.access_keys = rows(session, ROOT_KEYS, &params, access_key).await?;
    Ok(Some(view))
}

/// Nothing belongs to it yet.
const fn bare(record: EntityRecord) -> IdentityView {
    IdentityView {
        record,
        tags: Vec::new(),
        boundary: None,
        inline: Vec::new(),
        attached: Vec::new(),
        groups: Vec::new(),
        access_keys: Vec::new(),
        versions: Vec::new(),
    }
}

async fn rows<T>(
    session: &impl Session,
    sql: &'static str,
    params: &[Param<'_>],
    read: fn(&mut Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, Stop> {
    let rows = session.query(sql, params).await?;
    Ok(rows.into_iter().map(|mut row| read(&mut row)).collect::<Result<_, _>>()?)
}

fn tag(row: &mut Row) -> Result<Tag, StoreError> {
    Ok(Tag { key: row.text()?, value: row.text()? })
}

fn inline(row: &mut Row) -> Result<InlinePolicy, StoreError> {
    Ok(InlinePolicy { name: row.text()?, document: row.text()? })
}

fn version(row: &mut Row) -> Result<PolicyVersion, StoreError> {
    Ok(PolicyVersion { number: small(row)?, document: row.text()?, created_at: moment(row)? })
}

fn access_key(row: &mut Row) -> Result<AccessKey, StoreError> {
    let id = row.text()?;
    access_key_from(id, row)
}
