//! Changes that only roles know.

use trent_types::{Entity, EntityKind, IdentityRefused};

use super::locks::lock;
use super::names::refused;
use crate::session::{Param, Session, Stop};

const DESCRIBE: &str =
    "UPDATE iam_role SET description = $1 WHERE account = $2 AND folded_name = $3";

const SET_LONGEST: &str =
    "UPDATE iam_role SET max_session_seconds = $1 WHERE account = $2 AND folded_name = $3";

const TRUST: &str = "UPDATE iam_role SET trust_policy = $1 WHERE account = $2 AND folded_name = $3";

/// [`trent_types::IdentityChange::UpdateRole`].
pub(super) async fn update(
    session: &impl Session,
    role: &Entity,
    description: Option<&str>,
    max_session_seconds: Option<u32>,
) -> Result<(), Stop> {
    let folded = locked_role(session, role).await?;
    let (account, folded) = (Param::Text(role.account.as_str()), Param::Text(&folded));
    if let Some(text) = description {
        session.execute(DESCRIBE, &[Param::Text(text), account, folded]).await?;
    }
    if let Some(seconds) = max_session_seconds {
        session.execute(SET_LONGEST, &[Param::Int(seconds.into()), account, folded]).await?;
    }
    Ok(())
}

/// [`trent_types::IdentityChange::SetTrustPolicy`].
pub(super) async fn trust(
    session: &impl Session,
    role: &Entity,
    document: &str,
) -> Result<(), Stop> {
    let folded = locked_role(session, role).await?;
    let (account, folded) = (Param::Text(role.account.as_str()), Param::Text(&folded));
    session.execute(TRUST, &[Param::Text(document), account, folded]).await?;
    Ok(())
}

async fn locked_role(session: &impl Session, role: &Entity) -> Result<String, Stop> {
    match role.kind {
        EntityKind::Role => Ok(lock(session, role).await?.folded),
        EntityKind::User | EntityKind::Group | EntityKind::Policy => {
            let text = format!("{} is not a role.", role.name);
            Err(refused(IdentityRefused::InvalidInput(text)))
        }
    }
}
