//! Grants that name a user or role follow it to another name; of one that is gone they keep the
//! unique id, so that one that is made later under the same name has nothing of its grants.

use trent_types::{EntityRecord, Partition};

use crate::session::{Param, Session, Stop};

/// An account's users and roles have an ARN in each.
const PARTITIONS: [Partition; 3] = [Partition::Aws, Partition::AwsCn, Partition::AwsUsGov];

const NAMED: [&str; 2] = [
    "UPDATE key_grant SET grantee = $1 WHERE grantee = $2 AND grantee_is_service = FALSE",
    "UPDATE key_grant SET retiring = $1 WHERE retiring = $2 AND retiring_is_service = FALSE",
];

/// Sessions of a role, whose ARNs begin with $2.
const SESSIONS: [&str; 2] = [
    "UPDATE key_grant SET \
     grantee = CAST($1 AS TEXT) || substr(grantee, length(CAST($2 AS TEXT)) + 1) \
     WHERE substr(grantee, 1, length(CAST($2 AS TEXT))) = CAST($2 AS TEXT) \
     AND grantee_is_service = FALSE",
    "UPDATE key_grant SET \
     retiring = CAST($1 AS TEXT) || substr(retiring, length(CAST($2 AS TEXT)) + 1) \
     WHERE substr(retiring, 1, length(CAST($2 AS TEXT))) = CAST($2 AS TEXT) \
     AND retiring_is_service = FALSE",
];

/// A user has another name or path.
pub(super) async fn rename(
    session: &impl Session,
    before: &EntityRecord,
    after: &EntityRecord,
) -> Result<(), Stop> {
    for partition in PARTITIONS {
        replace(session, NAMED, &after.arn(partition), &before.arn(partition)).await?;
    }
    Ok(())
}

/// A user or role is gone.
pub(super) async fn forget(session: &impl Session, gone: &EntityRecord) -> Result<(), Stop> {
    let id = gone.id();
    for partition in PARTITIONS {
        replace(session, NAMED, id, &gone.arn(partition)).await?;
    }
    let EntityRecord::Role(role) = gone else { return Ok(()) };
    for partition in PARTITIONS {
        let (partition, account) = (partition.as_str(), role.account.as_str());
        let sessions = ["arn:", partition, ":sts::", account, ":assumed-role/", &role.name, "/"];
        replace(session, SESSIONS, &[id, ":"].concat(), &sessions.concat()).await?;
    }
    Ok(())
}

async fn replace(
    session: &impl Session,
    statements: [&'static str; 2],
    by: &str,
    text: &str,
) -> Result<(), Stop> {
    for sql in statements {
        session.execute(sql, &[Param::Text(by), Param::Text(text)]).await?;
    }
    Ok(())
}
