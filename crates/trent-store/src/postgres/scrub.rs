//! Destroyed key material leaves the data files; the migration `V10__scrub` says how.

use trent_types::Timestamp;

use crate::session::{Param, Session, Stop};

/// After this time the files are written anew once more: longer than any snapshot should live.
const ONCE_MORE_MS: i64 = 600_000;

/// Whoever comes second waits here, and finds nothing left to do.
const DONE: &str = "DELETE FROM material_debris WHERE at <= $1 AND scrubbed";

const BEGUN: &str = "UPDATE material_debris SET scrubbed = TRUE WHERE NOT scrubbed";

const SCRUB: &str = "SELECT scrub_key_material()::text";

/// Writes the table of key material anew if something was destroyed since.
pub(super) async fn scrub(session: &impl Session, now: Timestamp) -> Result<bool, Stop> {
    let long_ago = Param::Int(now.plus_millis(-ONCE_MORE_MS).as_millis());
    let done = session.execute(DONE, &[long_ago]).await?;
    let begun = session.execute(BEGUN, &[]).await?;
    if done + begun == 0 {
        return Ok(false);
    }
    session.query(SCRUB, &[]).await?;
    Ok(true)
}
