//! `.env`: what a deployment's containers are told that is no secret.

use std::path::PathBuf;

use trent_runtime::{Options, StartError};

use super::Init;
use super::folder::{self, Owner, Readers};

/// Images that the compose file starts, until `.env` says otherwise.
const IMAGES: [(&str, &str); 3] = [
    ("TRENT_IMAGE", concat!("trent:", env!("CARGO_PKG_VERSION"))),
    ("TRENT_NATS_IMAGE", "nats:2.15-alpine"),
    ("TRENT_POSTGRES_IMAGE", "postgres:17-alpine"),
];

/// The variable that names who runs the roles and owns the secrets.
const USER: &str = "TRENT_USER";

/// Who runs the roles where nobody says otherwise: a user that no machine knows by name.
const NOBODY: Owner = Owner { user: 65_532, group: 65_532 };

/// The file with what it holds already.
pub(super) struct Environment {
    path: PathBuf,
    text: String,
}

impl Environment {
    /// Reads the file, if it is there.
    pub(super) fn read(path: PathBuf) -> Result<Self, StartError> {
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Self { path, text }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self { path, text: String::new() })
            }
            Err(source) => Err(StartError::File { path, source }),
        }
    }

    /// Whom secrets belong to: as said, else as the file says, else a user of their own when root
    /// makes them, else who makes them.
    pub(super) fn owner(&self, given: Option<Owner>) -> Result<Owner, StartError> {
        let known = self.value(USER).map(str::parse::<Owner>).transpose();
        let known = known.map_err(|reason| {
            StartError::Configuration(format!("{}: {USER}: {reason}", self.path.display()))
        })?;
        let present = Owner::present();
        let root = present.user == 0;
        let owner = given.or(known).unwrap_or(if root { NOBODY } else { present });
        if !root && owner != present {
            let text = format!("only root gives files to {owner}; {present} runs this");
            return Err(StartError::Configuration(text));
        }
        Ok(owner)
    }

    /// Adds the lines that are missing; says whether there were any.
    pub(super) fn complete(mut self, given: &Init, owner: Owner) -> Result<bool, StartError> {
        let wanted = self.wanted(given, owner)?;
        let mut added = false;
        for (name, value, explicit) in wanted {
            match self.value(name) {
                None => {
                    if self.text.is_empty() {
                        self.text = "# Made by `trent init`; nothing in here is secret.\n".into();
                    } else if !self.text.ends_with('\n') {
                        self.text.push('\n');
                    }
                    self.text.push_str(&format!("{name}={value}\n"));
                    added = true;
                }
                Some(known) if explicit && known != value => {
                    let path = self.path.display();
                    let text = format!("{path} says {name}={known}, not {value}: change it there");
                    return Err(StartError::Configuration(text));
                }
                Some(_) => {}
            }
        }
        if added {
            folder::write(&self.path, self.text.as_bytes(), Readers::All)?;
        }
        Ok(added)
    }

    /// Every line: its value, and whether the command line asks for just this.
    fn wanted(
        &self,
        given: &Init,
        owner: Owner,
    ) -> Result<Vec<(&'static str, String, bool)>, StartError> {
        let (account_id, regions) = (given.account.clone(), given.regions.clone());
        let explicit = (account_id.is_some(), regions.is_some());
        let settings = Options { account_id, regions, ..Options::default() }.settings()?;
        let regions: Vec<&str> = settings.regions.iter().map(|region| region.as_str()).collect();
        let mut wanted = vec![
            ("TRENT_ACCOUNT_ID", settings.account.to_string(), explicit.0),
            ("TRENT_REGIONS", regions.join(","), explicit.1),
            (USER, owner.to_string(), given.owner.is_some()),
        ];
        wanted.extend(IMAGES.map(|(name, image)| (name, image.to_owned(), false)));
        Ok(wanted)
    }

    fn value(&self, name: &str) -> Option<&str> {
        let mut lines = self.text.lines();
        lines.find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('=').map(str::trim))
    }
}
