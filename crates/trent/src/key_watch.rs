//! Watches the key files while a role runs: a ring that changed is taken over without a restart.
//!
//! A file is read twice a second, and what is new is believed when it was the same twice, so that
//! nothing half written is. What is no ring, or would take away a key that is needed, is logged
//! once and changes nothing. No key is kept here: what is known of it is its digest.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use metrics::{describe_gauge, gauge};
use sha2::{Digest, Sha256};
use tokio::time::MissedTickBehavior;
use trent_bus::{PermitKeys, Sealer};
use trent_crypto_worker::Worker;
use trent_policy_evaluator::TokenKeys;
use trent_runtime::Shutdown;
use trent_types::KeyRing;

use crate::key_files::{self, RingName};

/// How often a file is read.
const INTERVAL: Duration = Duration::from_millis(500);

const VERSION: &str = "trent_key_ring_version";
const VERSIONS: &str = "trent_key_ring_versions";

/// Takes a ring over, or says why not; nothing has changed then.
type TakeOver = Box<dyn Fn(KeyRing) -> Result<(), String> + Send>;

/// The files that one process watches.
pub(crate) struct KeyWatch(Vec<Watched>);

struct Watched {
    name: RingName,
    path: PathBuf,
    loaded: Loaded,
    /// The content at the last look; zeros when there was none.
    seen: [u8; 32],
    /// What was wrong at the last look.
    complaint: Option<String>,
    take_over: TakeOver,
}

/// What is known of the ring in use: its versions in order, the current one first, each with the
/// digest of its key.
#[derive(PartialEq, Eq)]
struct Loaded(Vec<(u8, [u8; 32])>);

impl KeyWatch {
    /// Watches nothing yet.
    pub(crate) fn new() -> Self {
        describe_gauge!(VERSION, "Versions of a key ring in use: current, newest and oldest");
        describe_gauge!(VERSIONS, "How many versions of a key ring are accepted");
        Self(Vec::new())
    }

    /// Watches the file of the domain keys.
    pub(crate) fn domain(&mut self, path: &Path, ring: &KeyRing, worker: &Arc<Worker>) {
        let worker = Arc::clone(worker);
        let take_over = move |ring: KeyRing| {
            let needed = |version| format!("version {version} is missing and still needed");
            worker.replace_domain_keys(&ring).map_err(needed)
        };
        self.add(RingName::Domain, path, ring, Box::new(take_over));
    }

    /// Watches the file of the Permit keys.
    pub(crate) fn permit(&mut self, path: &Path, ring: &KeyRing, keys: &Arc<PermitKeys>) {
        let keys = Arc::clone(keys);
        let take_over = move |ring| {
            keys.replace(ring);
            Ok(())
        };
        self.add(RingName::Permit, path, ring, Box::new(take_over));
    }

    /// Watches the file of the trail's Permit keys.
    pub(crate) fn trail(&mut self, path: &Path, ring: &KeyRing, keys: &Arc<PermitKeys>) {
        let keys = Arc::clone(keys);
        let take_over = move |ring| {
            keys.replace(ring);
            Ok(())
        };
        self.add(RingName::Trail, path, ring, Box::new(take_over));
    }

    /// Watches the file of the bus keys.
    pub(crate) fn bus(&mut self, path: &Path, ring: &KeyRing, sealer: &Arc<Sealer>) {
        let sealer = Arc::clone(sealer);
        let take_over = move |ring| {
            sealer.replace(ring);
            Ok(())
        };
        self.add(RingName::Bus, path, ring, Box::new(take_over));
    }

    /// Watches the file of the token keys.
    pub(crate) fn token(&mut self, path: &Path, ring: &KeyRing, keys: &Arc<TokenKeys>) {
        let keys = Arc::clone(keys);
        let take_over = move |ring| {
            keys.replace(ring);
            Ok(())
        };
        self.add(RingName::Token, path, ring, Box::new(take_over));
    }

    fn add(&mut self, name: RingName, path: &Path, ring: &KeyRing, take_over: TakeOver) {
        let (path, loaded) = (path.to_owned(), Loaded::of(ring));
        show(name, ring);
        self.0.push(Watched { name, path, loaded, seen: [0; 32], complaint: None, take_over });
    }

    /// Looks at the files until the shutdown.
    pub(crate) async fn run(mut self, mut shutdown: Shutdown) {
        let mut every = tokio::time::interval(INTERVAL);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! { () = shutdown.requested() => return, _ = every.tick() => {} }
            // A file system that hangs holds up nothing else.
            let looked = tokio::task::spawn_blocking(move || {
                self.0.iter_mut().for_each(Watched::look);
                self
            });
            match looked.await {
                Ok(watch) => self = watch,
                Err(error) => {
                    tracing::error!(%error, "the key files are no longer watched");
                    return;
                }
            }
        }
    }
}

impl Watched {
    fn look(&mut self) {
        let complaint = self.try_look().err();
        if let Some(why) = &complaint
            && complaint != self.complaint
        {
            let (ring, file) = (self.name.label(), self.path.display());
            tracing::warn!(ring, %file, why, "the key file is not taken over; the old keys stay");
        }
        self.complaint = complaint;
    }

    /// One look at the file.
    ///
    /// # Errors
    /// Why it cannot be taken over.
    fn try_look(&mut self) -> Result<(), String> {
        let text = key_files::text(&self.path).map_err(|error| error.to_string())?;
        let digest: [u8; 32] = Sha256::digest(text.expose()).into();
        if digest != std::mem::replace(&mut self.seen, digest) {
            return Ok(());
        }
        let ring = key_files::parse(&text).ok_or("it is not a key file")?;
        let found = Loaded::of(&ring);
        if found == self.loaded {
            return Ok(());
        }
        self.loaded.may_become(&found)?;
        let (current, newest, oldest) = (ring.current().0, ring.newest(), ring.oldest());
        let gauges = Gauges { current, newest, oldest, versions: found.0.len() };
        (self.take_over)(ring)?;
        let accepted: Vec<u8> = found.0.iter().map(|(version, _)| *version).collect();
        let name = self.name.label();
        tracing::info!(ring = name, current, ?accepted, "keys were taken over from their file");
        if !self.loaded.0.iter().any(|(version, _)| *version == current) {
            let why = "it was not accepted before it became current";
            tracing::warn!(ring = name, current, why, "others may not know this key yet");
        }
        gauges.set(self.name);
        self.loaded = found;
        Ok(())
    }
}

impl Loaded {
    fn of(ring: &KeyRing) -> Self {
        let digest = |(version, key): (u8, &trent_types::SecretBytes)| {
            (version, Sha256::digest(key.expose()).into())
        };
        Self(ring.iter().map(digest).collect())
    }

    /// Whether a ring can be followed by the next: the key that makes new things now is still
    /// accepted, for its work is under way everywhere, and no number stands for another key.
    fn may_become(&self, next: &Self) -> Result<(), String> {
        let same = |version: u8| next.0.iter().find(|(known, _)| *known == version);
        if let Some((current, _)) = self.0.first()
            && same(*current).is_none()
        {
            return Err(format!("version {current} is missing, which is the current one"));
        }
        let changed = |(version, digest): &&(u8, [u8; 32])| {
            same(*version).is_some_and(|(_, other)| other != digest)
        };
        match self.0.iter().find(changed) {
            Some((version, _)) => Err(format!("version {version} is another key than before")),
            None => Ok(()),
        }
    }
}

/// What the metrics say of a ring.
struct Gauges {
    current: u8,
    newest: u8,
    oldest: u8,
    versions: usize,
}

impl Gauges {
    fn set(&self, name: RingName) {
        let ring = name.label();
        for (which, version) in
            [("current", self.current), ("newest", self.newest), ("oldest", self.oldest)]
        {
            gauge!(VERSION, "ring" => ring, "use" => which).set(f64::from(version));
        }
        let versions = u32::try_from(self.versions).unwrap_or(u32::MAX);
        gauge!(VERSIONS, "ring" => ring).set(f64::from(versions));
    }
}

fn show(name: RingName, ring: &KeyRing) {
    let (current, newest, oldest) = (ring.current().0, ring.newest(), ring.oldest());
    Gauges { current, newest, oldest, versions: ring.iter().count() }.set(name);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Mutex;

    use trent_types::SecretBytes;

    use super::*;

    fn line(version: u8) -> String {
        format!("{version} {}\n", format!("{version:02x}").repeat(32))
    }

    struct Rig {
        folder: tempfile::TempDir,
        watched: Watched,
        taken: Arc<Mutex<Vec<Vec<u8>>>>,
    }

    impl Rig {
        fn new(text: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("permit.key");
            fs::write(&path, text).unwrap();
            let ring = KeyRing::parse(text).unwrap();
            let taken = Arc::new(Mutex::new(Vec::new()));
            let log = Arc::clone(&taken);
            let take_over: TakeOver = Box::new(move |ring: KeyRing| {
                log.lock().unwrap().push(ring.iter().map(|(version, _)| version).collect());
                if ring.get(9).is_some() { Err("nine".into()) } else { Ok(()) }
            });
            let (loaded, seen) = (Loaded::of(&ring), [0; 32]);
            let name = RingName::Permit;
            let watched = Watched { name, path, loaded, seen, complaint: None, take_over };
            Self { folder, watched, taken }
        }

        /// What is taken over of this text, and what is complained of.
        fn see(&mut self, text: &str) -> (Vec<Vec<u8>>, Option<String>) {
            fs::write(&self.watched.path, text).unwrap();
            self.watched.look();
            self.watched.look();
            (std::mem::take(&mut self.taken.lock().unwrap()), self.watched.complaint.clone())
        }
    }

    #[test]
    fn a_ring_is_taken_over_at_each_step_of_a_rotation() {
        let mut rig = Rig::new(&line(1));
        assert_eq!(rig.see(&line(1)), (vec![], None));
        assert_eq!(rig.see(&(line(1) + &line(2))), (vec![vec![1, 2]], None));
        assert_eq!(rig.see(&(line(2) + &line(1))), (vec![vec![2, 1]], None));
        assert_eq!(rig.see(&line(2)), (vec![vec![2]], None));
        assert_eq!(rig.see(&format!("# a note\n{}", line(2))), (vec![], None));
    }

    #[test]
    fn what_is_seen_once_is_not_believed_yet() {
        let mut rig = Rig::new(&line(1));
        fs::write(&rig.watched.path, line(1) + &line(2)).unwrap();
        rig.watched.look();
        assert!(rig.taken.lock().unwrap().is_empty());
        rig.watched.look();
        assert_eq!(rig.taken.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_bad_missing_or_unfit_file_leaves_the_old_keys() {
        let mut rig = Rig::new(&line(1));
        let both = line(1) + &line(2);
        for bad in ["", "1", &both[..90], &line(2), &format!("1 {}", "ee".repeat(32))] {
            let (taken, complaint) = rig.see(bad);
            assert!(taken.is_empty() && complaint.is_some(), "{bad}: {complaint:?}");
        }
        fs::remove_file(&rig.watched.path).unwrap();
        rig.watched.look();
        assert!(rig.watched.complaint.is_some());
        assert_eq!(rig.see(&both), (vec![vec![1, 2]], None));
        assert!(rig.folder.path().exists());
    }

    #[test]
    fn a_ring_that_is_refused_is_tried_again_until_it_is_taken() {
        let mut rig = Rig::new(&line(1));
        let (taken, complaint) = rig.see(&(line(1) + &line(9)));
        assert_eq!((taken.len(), complaint.as_deref()), (1, Some("nine")));
        rig.watched.look();
        assert_eq!(rig.taken.lock().unwrap().len(), 1, "tried again");
    }

    #[test]
    fn each_file_serves_its_own_ring() {
        let mut rings = KeyWatch::new();
        let ring = KeyRing::single(SecretBytes::new(vec![1; 32])).unwrap();
        let keys = Arc::new(TokenKeys::new(ring.clone()));
        rings.token(Path::new("token.key"), &ring, &keys);
        let next = ring.with_new(SecretBytes::new(vec![2; 32])).unwrap().0;
        let trail = Arc::new(PermitKeys::new(ring.clone()));
        rings.trail(Path::new("trail.key"), &ring, &trail);
        for watched in &rings.0 {
            (watched.take_over)(next.clone()).unwrap();
        }
        assert_eq!(keys.ring().newest(), 2);
        assert_eq!(format!("{trail:?}"), "[1, 2]");
    }
}
