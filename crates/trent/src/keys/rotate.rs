//! `trent keys rotate`: the steps of a rotation, one after the other, each when the running process
//! has followed the one before.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Args;
use trent_runtime::{Options, Settings, StartError};

use super::file::Writing;
use super::{add, may_retire, promote, retire, sealed};
use crate::key_files::{self, RingName};
use crate::probe;
use crate::roles::all::key_file;

/// How long the process may take to take a changed file over.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long nothing at all may be sealed anew before it is given up.
const STILL_MAX: Duration = Duration::from_secs(60);
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(200);

/// What is rotated.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Which key
    #[arg(long, default_value = "domain")]
    ring: RingName,
    /// How long the old version stays accepted when nothing new is made with it, in seconds: longer
    /// than anything lives that was made with it
    #[arg(long, default_value_t = 5)]
    overlap_seconds: u32,
    #[command(flatten)]
    options: Options,
}

/// Rotates a key of the embedded deployment that runs on a data directory. Broken off anywhere, it
/// goes on from there when it is run again.
pub(super) fn run(arguments: Rotate) -> Result<(), StartError> {
    let settings = arguments.options.settings()?;
    let path = key_file(&settings, arguments.ring);
    let rotation = Rotation { settings: &settings, ring: arguments.ring, path: &path };
    rotation.run(Duration::from_secs(arguments.overlap_seconds.into()))
}

struct Rotation<'a> {
    settings: &'a Settings,
    ring: RingName,
    path: &'a Path,
}

impl Rotation<'_> {
    fn run(&self, overlap: Duration) -> Result<(), StartError> {
        let ring = key_files::read(self.path)?;
        // Before anything is changed: a process is there, and it follows this file.
        self.wait("current", ring.current().0)?;
        let version = if ring.newest() > ring.current().0 {
            println!("version {} was added before", ring.newest());
            ring.newest()
        } else if ring.oldest() < ring.current().0 {
            println!("version {} is current already", ring.current().0);
            ring.current().0
        } else {
            add(self.path, Writing::Renamed)?
        };
        if self.ring == RingName::Domain {
            let (old, file) = (ring.oldest(), self.path.display());
            println!("backups made until now need version {old}: keep a copy of {file} as it is");
        }
        self.wait("newest", version)?;
        println!("version {version} is accepted");
        if ring.current().0 != version {
            promote(self.path, Writing::Renamed, Some(version))?;
        }
        self.wait("current", version)?;
        println!("version {version} is current");
        if self.ring == RingName::Domain {
            self.wait_until_sealed(version)?;
        }
        sleep(overlap);
        let older: Vec<u8> = key_files::read(self.path)?
            .iter()
            .map(|(known, _)| known)
            .filter(|known| *known != version)
            .collect();
        for old in older {
            if self.ring == RingName::Domain {
                may_retire(&sealed(self.path, self.settings)?, old)?;
            }
            retire(self.path, Writing::Renamed, old)?;
            println!("version {old} is retired");
        }
        self.wait("oldest", version)?;
        println!("the {} key is rotated", self.ring.label());
        Ok(())
    }

    /// Waits until nothing is sealed under a lower version.
    fn wait_until_sealed(&self, version: u8) -> Result<(), StartError> {
        let (mut before, mut since) = (u64::MAX, Instant::now());
        loop {
            let counted = sealed(self.path, self.settings)?;
            let left: u64 = counted.range(..version).map(|(_, count)| count).sum();
            if left == 0 {
                println!("everything is sealed under version {version}");
                return Ok(());
            }
            if left != before {
                println!("{left} left to seal anew");
                (before, since) = (left, Instant::now());
            }
            if since.elapsed() > STILL_MAX {
                return Err(StartError::Environment(format!(
                    "{left} are still sealed under older versions; see the process's log"
                )));
            }
            sleep(LOOK);
        }
    }

    /// Waits until the process says that this version is in this use.
    fn wait(&self, used: &str, version: u8) -> Result<(), StartError> {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.version(used)?;
            if found == Some(version) {
                return Ok(());
            }
            if Instant::now() > end {
                let (ring, address) = (self.ring.label(), self.settings.admin_listen);
                let found = found.map_or("none".to_owned(), |found| found.to_string());
                return Err(StartError::Environment(format!(
                    "the process at {address} has {found} as the {used} version of the {ring} key, \
                     not {version} as in {}: does it use this file? Its log says more",
                    self.path.display()
                )));
            }
            sleep(LOOK);
        }
    }

    fn version(&self, used: &str) -> Result<Option<u8>, StartError> {
        let metrics = probe::metrics(self.settings.admin_listen)?;
        Ok(version_in(&metrics, self.ring.label(), used))
    }
}

/// The version that a role's metrics show for a ring.
fn version_in(metrics: &str, ring: &str, used: &str) -> Option<u8> {
    let (ring, used) = (format!("ring=\"{ring}\""), format!("use=\"{used}\""));
    let mut lines = metrics.lines().filter(|line| line.starts_with("trent_key_ring_version{"));
    let line = lines.find(|line| line.contains(&ring) && line.contains(&used))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_among_the_metrics() {
        let metrics = "# TYPE trent_key_ring_version gauge\n\
            trent_key_ring_version{ring=\"bus\",use=\"current\"} 3\n\
            trent_key_ring_version{ring=\"domain\",use=\"newest\"} 2\n\
            trent_key_ring_version{ring=\"domain\",use=\"current\"} 1\n";
        assert_eq!(version_in(metrics, "domain", "current"), Some(1));
        assert_eq!(version_in(metrics, "domain", "newest"), Some(2));
        assert_eq!(version_in(metrics, "token", "current"), None);
    }
}
