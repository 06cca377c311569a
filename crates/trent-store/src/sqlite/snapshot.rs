//! A copy of a registry in SQLite at one moment, made while a process uses it, and what it holds.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};
use trent_types::{AccountId, KeyArn, KeyId, MaterialId};

use super::session::stop;
use crate::StoreError;
use crate::migrations::SQLITE_VERSION;

const MATERIALS: &str = "SELECT m.region, k.account, m.key_id, m.multi_region, m.material_id, \
    m.sealed FROM key_material m JOIN kms_key k ON k.region = m.region \
    AND k.key_id = m.key_id AND k.multi_region = m.multi_region";

const SECRETS: &str = "SELECT account, access_key_id, sealed_secret FROM access_key";

/// A registry that nobody uses: a snapshot of one that somebody does.
#[derive(Debug)]
pub struct Snapshot(Connection);

/// Something that is sealed under the domain key, and what it is sealed for.
#[derive(Debug)]
pub enum SealedItem {
    /// Key material.
    Material {
        /// The key.
        key: KeyArn,
        /// Which of its materials.
        material: MaterialId,
        /// Sealed.
        sealed: Vec<u8>,
    },
    /// A secret access key.
    Secret {
        /// The account.
        account: AccountId,
        /// The access key's id.
        access_key_id: String,
        /// Sealed.
        sealed: Vec<u8>,
    },
}

/// How much a snapshot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotCounts {
    /// Keys, in any state.
    pub keys: u64,
    /// Aliases.
    pub aliases: u64,
    /// Access keys.
    pub access_keys: u64,
    /// Audit records that the trail has perhaps not yet accepted.
    pub outbox: u64,
}

impl Snapshot {
    /// Copies the registry in the file `from`, as the last commit before now left it, to the new
    /// file `to` (mode 0600), which is not synced yet. A process may read and write `from`
    /// meanwhile: neither waits for the other. Blocks.
    ///
    /// `VACUUM INTO` reads in one transaction and writes live rows only. So what was deleted
    /// before, destroyed key material above all, is not in the copy: neither in free pages nor in a
    /// log, which the copy does not have.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when a file cannot be used, [`StoreError::Corrupt`] when `from`
    /// is no registry, [`StoreError::Schema`] when a newer program has made it.
    pub fn take(from: &Path, to: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let source = open(from, flags)?;
        schema(&source)?;
        // SQLite would make it readable for others; into an empty file it writes as into none.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(to)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", to.display())))?;
        let target = to.to_str().ok_or_else(|| {
            StoreError::Unavailable(format!("{}: not a name in UTF-8", to.display()))
        })?;
        source.execute("VACUUM INTO ?1", [target]).map_err(|error| stop(&error))?;
        drop(source);
        Self::open(to)
    }

    /// Opens a snapshot to read it.
    ///
    /// # Errors
    /// As for [`Self::take`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let snapshot = Self(open(path, flags)?);
        schema(&snapshot.0)?;
        Ok(snapshot)
    }

    /// The version of its schema.
    ///
    /// # Errors
    /// As for [`Self::take`].
    pub fn schema(&self) -> Result<i32, StoreError> {
        schema(&self.0)
    }

    /// Whether the file is in order, page by page.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] says what is not.
    pub fn check(&self) -> Result<(), StoreError> {
        let check = self.0.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
        let said: String = check.map_err(|error| stop(&error))?;
        if said == "ok" { Ok(()) } else { Err(StoreError::Corrupt(said)) }
    }

    /// How much it holds.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn counts(&self) -> Result<SnapshotCounts, StoreError> {
        let counts = "SELECT (SELECT count(*) FROM kms_key), (SELECT count(*) FROM key_alias), \
            (SELECT count(*) FROM access_key), (SELECT count(*) FROM outbox)";
        let read = |row: &Row<'_>| {
            let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok(SnapshotCounts {
                keys: count(0)?,
                aliases: count(1)?,
                access_keys: count(2)?,
                outbox: count(3)?,
            })
        };
        Ok(self.0.query_row(counts, [], read).map_err(|error| stop(&error))?)
    }

    /// A small setting, by name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT value FROM setting WHERE name = ?1";
        let read = self.0.query_row(sql, [name], |row| row.get(0)).optional();
        Ok(read.map_err(|error| stop(&error))?)
    }

    /// Everything that is sealed under the domain key, one after the other, until `visit` fails.
    ///
    /// # Errors
    /// The visitor's, or when the snapshot cannot be read.
    pub fn each_sealed<E: From<StoreError>>(
        &self,
        mut visit: impl FnMut(SealedItem) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(MATERIALS, material, &mut visit)?;
        self.each(SECRETS, secret, &mut visit)
    }

    fn each<E: From<StoreError>>(
        &self,
        sql: &str,
        item: fn(&Row<'_>) -> rusqlite::Result<Option<SealedItem>>,
        visit: &mut impl FnMut(SealedItem) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error: rusqlite::Error| E::from(stop(&error).into());
        let mut statement = self.0.prepare(sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let corrupt = || E::from(StoreError::Corrupt("a sealed row is not one of ours".into()));
            visit(item(row).map_err(failed)?.ok_or_else(corrupt)?)?;
        }
        Ok(())
    }
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;")?;
        Ok(connection)
    });
    opened.map_err(|error| stop(&error).into())
}

/// The version of a file's schema, which must not be newer than this program's.
fn schema(connection: &Connection) -> Result<i32, StoreError> {
    let sql = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
    let version: i32 =
        connection.query_row(sql, [], |row| row.get(0)).map_err(|error| stop(&error))?;
    if version > SQLITE_VERSION {
        return Err(StoreError::Schema(format!(
            "the registry's schema is version {version}, this program knows {SQLITE_VERSION}: use \
             a newer program"
        )));
    }
    Ok(version)
}

fn material(row: &Row<'_>) -> rusqlite::Result<Option<SealedItem>> {
    let (region, account): (String, String) = (row.get(0)?, row.get(1)?);
    let (key_id, multi_region): (Vec<u8>, bool) = (row.get(2)?, row.get(3)?);
    let (material, sealed): (Vec<u8>, Vec<u8>) = (row.get(4)?, row.get(5)?);
    let read = || {
        let key_id = KeyId::from_bytes(key_id.try_into().ok()?, multi_region);
        let key = KeyArn { region: region.parse().ok()?, account: account.parse().ok()?, key_id };
        let material = MaterialId::from_bytes(material.try_into().ok()?);
        Some(SealedItem::Material { key, material, sealed })
    };
    Ok(read())
}

fn secret(row: &Row<'_>) -> rusqlite::Result<Option<SealedItem>> {
    let account: String = row.get(0)?;
    let (access_key_id, sealed) = (row.get(1)?, row.get(2)?);
    let account = account.parse().ok();
    Ok(account.map(|account| SealedItem::Secret { account, access_key_id, sealed }))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::Sqlite;

    const CANARY: [u8; 32] = *b"material that has been destroyed";

    /// A registry with a key whose material is `kept`, and the open connection to it.
    fn registry(path: &Path, kept: &[u8]) -> Connection {
        drop(Sqlite::open(path).unwrap());
        let connection = Connection::open(path).unwrap();
        let key = "INSERT INTO kms_key (region, key_id, multi_region, account, created_at, spec, \
            key_usage, origin, manager, state, description, current_material, version) VALUES \
            ('eu-west-1', ?1, FALSE, '123456789012', 0, '', '', '', '', 'Enabled', '', x'00', 1)";
        connection.execute(key, [[7_u8; 16].as_slice()]).unwrap();
        insert(&connection, 1, kept);
        connection
    }

    fn insert(connection: &Connection, material: u8, sealed: &[u8]) {
        let sql = "INSERT INTO key_material VALUES ('eu-west-1', ?1, FALSE, ?2, ?3)";
        let (key_id, material) = ([7_u8; 16], [material; 32]);
        connection.execute(sql, (key_id.as_slice(), material.as_slice(), sealed)).unwrap();
    }

    fn holds(path: &Path, needle: &[u8]) -> bool {
        fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle)
    }

    #[test]
    fn destroyed_material_is_not_in_a_snapshot_though_the_file_and_its_log_still_have_it() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("registry"), folder.path().join("copy"));
        let connection = registry(&from, b"kept");
        connection.execute_batch("PRAGMA secure_delete = OFF").unwrap();
        insert(&connection, 2, &CANARY);
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        connection.execute("DELETE FROM key_material WHERE sealed = ?1", [&CANARY[..]]).unwrap();
        assert!(holds(&from, &CANARY), "the test shows nothing");
        let snapshot = Snapshot::take(&from, &to).unwrap();
        assert!(!holds(&to, &CANARY));
        snapshot.check().unwrap();
        let mut found = Vec::new();
        let visit = |item| {
            found.push(item);
            Ok::<_, StoreError>(())
        };
        snapshot.each_sealed(visit).unwrap();
        let [SealedItem::Material { key, material, sealed }] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(key.key_id, KeyId::from_bytes([7; 16], false));
        assert_eq!((*material, &sealed[..]), (MaterialId::from_bytes([1; 32]), &b"kept"[..]));
        assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
        let files = fs::read_dir(folder.path()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        assert!(names.into_iter().all(|name| !name.starts_with("copy-")), "a log beside the copy");
    }

    #[test]
    fn what_a_transaction_has_not_committed_is_not_in_a_snapshot_and_it_does_not_wait_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("registry"), folder.path().join("copy"));
        let connection = registry(&from, b"kept");
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        insert(&connection, 2, b"not yet");
        let snapshot = Snapshot::take(&from, &to).unwrap();
        assert!(!holds(&to, b"not yet"));
        let counts = SnapshotCounts { keys: 1, aliases: 0, access_keys: 0, outbox: 0 };
        assert_eq!(snapshot.counts().unwrap(), counts);
        assert_eq!(snapshot.schema().unwrap(), SQLITE_VERSION);
    }

    #[test]
    fn a_newer_schema_and_another_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("registry"), folder.path().join("copy"));
        let connection = registry(&from, b"kept");
        let newer = "INSERT INTO refinery_schema_history (version, name) VALUES (99, 'later')";
        connection.execute_batch(newer).unwrap();
        let Err(StoreError::Schema(text)) = Snapshot::take(&from, &to) else { panic!("taken") };
        assert!(text.contains("version 99"), "{text}");
        assert!(!to.exists());
        let other = folder.path().join("other");
        fs::write(&other, [7; 4096]).unwrap();
        assert!(matches!(Snapshot::open(&other), Err(StoreError::Corrupt(_))));
    }
}
