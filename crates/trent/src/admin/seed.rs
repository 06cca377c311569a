//! `trent seed`: has a running deployment make the keys and aliases of a file.

use std::path::PathBuf;

use clap::Args;
use trent_bus::Purpose;
use trent_bus::messages::SeedOrder;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_runtime::{Options, StartError};
use trent_types::RequestId;

use super::credentials::sealer;
use super::{ask_as, senseless};
use crate::seed_file;

/// The longest file that fits into one message.
const BYTES_MAX: usize = 900_000;

/// What to seed with.
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// A seed file, YAML; docs/seeding.md
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    options: Options,
}

/// Carries it out and says what came of it.
pub(crate) fn run(seed: Seed) -> Result<(), StartError> {
    let settings = seed.options.settings()?;
    let (file, exposed) = seed_file::read(&seed.file, "the seed file")?;
    if exposed {
        eprintln!("trent: others than its owner can read {}", seed.file.display());
    }
    if file.len() > BYTES_MAX {
        return Err(StartError::Configuration(format!(
            "the seed file has more than {BYTES_MAX} bytes: split it, or name it in TRENT_SEED_FILE"
        )));
    }
    let id: [u8; 16] = rand::random();
    let sealed = sealer(&settings)?.seal(
        Purpose::OperatorToEvaluator,
        RequestId::from_bytes(id),
        file.expose(),
    );
    let order = Command::Seed(SeedOrder { sealed_file: sealed.into() });
    let Outcome::Seeded(done) = ask_as(&settings, id, order)? else { return Err(senseless()) };
    let differing = match done.differing {
        0 => String::new(),
        count => format!(", {count} of them not as the file says"),
    };
    println!("made {}, there already {}{differing}", done.made, done.kept);
    Ok(())
}
