//! The file of keys that a deployment begins with.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use trent_policy_evaluator::{Seed, SeedHome};
use trent_runtime::{Settings, StartError};
use trent_types::SecretBytes;

use crate::key_files;

/// A seed file that was read at the start.
pub(crate) struct SeedFile {
    seed: Seed,
    /// Others than its owner can read it.
    exposed: bool,
}

impl SeedFile {
    /// Reads the configured file, if one is configured; what is wrong with it is a wrong
    /// configuration.
    pub(crate) fn of(settings: &Settings) -> Result<Option<Self>, StartError> {
        let Some(path) = &settings.seed_file else { return Ok(None) };
        let (text, exposed) = read(path, "TRENT_SEED_FILE")?;
        let seed = Seed::parse(&text, &home(settings)).map_err(|error| {
            StartError::Configuration(format!("TRENT_SEED_FILE: {}: {error}", path.display()))
        })?;
        Ok(Some(Self { seed, exposed }))
    }

    /// The same for a distributed deployment, where it must be allowed: its keys are meant to be
    /// made by the workers and known to nobody.
    pub(crate) fn of_distributed(settings: &Settings) -> Result<Option<Self>, StartError> {
        if settings.seed_file.is_some() && !settings.seed_distributed {
            return Err(StartError::Configuration(
                "TRENT_SEED_FILE: a distributed deployment is seeded only with \
                 TRENT_SEED_ALLOW=distributed"
                    .into(),
            ));
        }
        Self::of(settings)
    }

    /// What it says. Warns where others can read it, now that there are logs.
    pub(crate) fn into_seed(self) -> Seed {
        if self.exposed {
            tracing::warn!("others than its owner can read the seed file, and the keys in it");
        }
        self.seed
    }
}

/// Where keys belong for which a file names no account or Region.
pub(crate) fn home(settings: &Settings) -> SeedHome {
    SeedHome {
        account: settings.account,
        region: settings.home_region,
        regions: settings.regions.clone(),
    }
}

/// A seed file's content, and whether others than its owner can read it.
pub(crate) fn read(path: &Path, option: &str) -> Result<(SecretBytes, bool), StartError> {
    let wrong = |source: std::io::Error| {
        StartError::Configuration(format!("{option}: {}: {source}", path.display()))
    };
    let exposed = path.metadata().map_err(wrong)?.mode() & 0o077 != 0;
    Ok((key_files::text(path).map_err(wrong)?, exposed))
}
