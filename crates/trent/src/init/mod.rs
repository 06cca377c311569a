//! `trent init`: makes the certificates, keys and configuration of a new deployment, renews
//! certificates, and never touches anything else that is there.

mod certificates;
mod environment;
mod folder;
mod issued;
mod layout;
mod table;

use std::fs;
use std::path::PathBuf;

use clap::Args;
use trent_audit_logger::signing::TrailKeyFile;
use trent_runtime::StartError;
use trent_types::{Clock, KeyRing, SecretBytes, SystemClock, Timestamp};

use certificates::{Authority, Pair, Usage};
use environment::Environment;
use folder::{Owner, Readers, Secrets};
use issued::Issued;
use layout::Identity;
use table::{State, Table};

/// What to make, and for whom.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The deployment's folder; it is made when it is not there
    directory: PathBuf,
    /// A further name or address by which NATS, Postgres and the API are reached; more than once
    /// for more than one
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Who runs the roles and owns the secrets, as UID:GID, where root runs this [default:
    /// 65532:65532]
    #[arg(long, value_name = "UID:GID")]
    owner: Option<Owner>,
    /// The first account, 12 digits [default: 123456789012]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Allowed Regions, comma-separated [default: all of the partition aws]
    #[arg(long, value_name = "LIST")]
    regions: Option<String>,
    /// Issue every certificate anew, with a new key; the authority and all other keys stay
    #[arg(long)]
    renew: bool,
    /// How many days the certificates are valid that are issued now
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
}

/// A deployment that is being made.
struct Deployment {
    secrets: Secrets,
    now: Timestamp,
    days: u32,
    renew: bool,
    table: Table,
}

/// Makes what is missing and says what there is.
pub(crate) fn run(given: &Init) -> Result<(), StartError> {
    let directory = &given.directory;
    fs::create_dir_all(directory)
        .map_err(|source| StartError::File { path: directory.clone(), source })?;
    for host in &given.hosts {
        check_host(host)?;
    }
    let environment = Environment::read(directory.join(".env"))?;
    let owner = environment.owner(given.owner)?;
    // What contradicts the file is refused before anything else is touched.
    let added = environment.complete(given, owner)?;
    let (days, renew) = (given.days, given.renew);
    let mut deployment = Deployment {
        secrets: Secrets::open(directory.join("secrets"), owner)?,
        now: SystemClock.now(),
        days,
        renew,
        table: Table::default(),
    };
    deployment.certificates(&given.hosts)?;
    deployment.keys()?;
    deployment.configuration(directory)?;
    deployment.table.add(".env", State::of(added), None, "the compose file; nothing secret");
    println!("{}:", directory.display());
    println!("{}", deployment.table.text(deployment.now));
    println!("Secrets belong to {owner}. Give each role its own files only.");
    Ok(())
}

impl Deployment {
    /// The authority and everything that it issues.
    fn certificates(&mut self, given: &[String]) -> Result<(), StartError> {
        let hosts = self.hosts(given)?;
        let (authority, issuer) = self.authority(&layout::all_names(&hosts))?;
        for identity in &layout::IDENTITIES {
            let names = identity.names(&hosts);
            self.identity(identity, &names, &authority, issuer.as_ref())?;
        }
        Ok(())
    }

    /// The hosts that certificates hold for already, and those that are given now.
    fn hosts(&self, given: &[String]) -> Result<Vec<String>, StartError> {
        let mut hosts = Vec::new();
        for server in layout::IDENTITIES.iter().filter(|each| each.server_of.is_some()) {
            let file = format!("{}.pem", server.name);
            let Some(text) = self.secrets.read(&file)? else { continue };
            hosts.extend(Issued::read(text.expose(), &file)?.names);
        }
        hosts.extend(given.iter().cloned());
        let own = layout::all_names(&[]);
        hosts.retain(|host| !own.contains(host));
        hosts.sort();
        hosts.dedup();
        Ok(hosts)
    }

    /// The authority's certificate, and the authority itself where its key is there.
    fn authority(&mut self, names: &[String]) -> Result<(Issued, Option<Authority>), StartError> {
        let (file, key_file) =
            (format!("{}.pem", layout::AUTHORITY), format!("{}.key", layout::AUTHORITY));
        let text = self.secrets.read(&file)?;
        let known = text.as_ref().map(|text| Issued::read(text.expose(), &file)).transpose()?;
        let key = self.secrets.read(&key_file)?;
        let (key, key_made) = match (key, &known) {
            (Some(key), _) => (key, false),
            (None, None) => {
                let key = certificates::private_key()?;
                self.secrets.write(&key_file, &key)?;
                (key, true)
            }
            (None, Some(_)) => {
                let Some(known) = known else { return Err(missing(&key_file)) };
                let reader = "every role, server and client; its key is elsewhere";
                self.table.add("secrets/ca.pem", State::Kept, Some(known.until), reader);
                return Ok((known, None));
            }
        };
        let wrong = |text: &str| {
            let folder = self.secrets.path().display();
            Err(StartError::Configuration(format!("{folder}: {text}")))
        };
        let state = match &known {
            None => State::Made,
            Some(known) if known.public_key != certificates::public_key(&key)? => {
                return wrong("ca.key is not the key of ca.pem");
            }
            Some(known) if known.may_certify(names) => State::Kept,
            Some(known) if known.own_authority => State::Renewed,
            Some(_) => return wrong("ca.pem may not certify all of the hosts"),
        };
        let text = match (text, state) {
            (Some(text), State::Kept) => text,
            (_, State::Kept | State::Made | State::Renewed | State::Differs) => {
                let made = certificates::authority(&key, names, self.now)?;
                let made = SecretBytes::new(made.into_bytes());
                self.secrets.write(&file, &made)?;
                made
            }
        };
        let issued = Issued::read(text.expose(), &file)?;
        let certificate = std::str::from_utf8(text.expose()).unwrap_or_default();
        let authority = Authority::load(certificate, &key, issued.until)?;
        let reader = "every role and server; clients of the API";
        self.table.add("secrets/ca.pem", state, Some(issued.until), reader);
        let reader = "`trent init` only: keep it elsewhere";
        self.table.add("secrets/ca.key", State::of(key_made), None, reader);
        Ok((issued, Some(authority)))
    }

    /// One certificate with its key.
    fn identity(
        &mut self,
        identity: &Identity,
        names: &[String],
        authority: &Issued,
        issuer: Option<&Authority>,
    ) -> Result<(), StartError> {
        let Identity { name, server_of, reader } = identity;
        let (file, key_file) = (format!("{name}.pem"), format!("{name}.key"));
        let text = self.secrets.read(&file)?;
        let key = self.secrets.read(&key_file)?;
        let known = match (text, key) {
            (Some(text), Some(key)) => {
                let known = Issued::read(text.expose(), &file)?;
                // A crash between the two files leaves one of them new.
                let fits = known.public_key == certificates::public_key(&key)?;
                (fits && known.is_of(authority)).then_some(known)
            }
            (_, None) | (None, _) => None,
        };
        let (state, until) = match known {
            Some(known) if known.holds_for(names) && !self.renew => (State::Kept, known.until),
            known => {
                let Some(issuer) = issuer else { return Err(missing("ca.key")) };
                let usage = if server_of.is_some() { Usage::Server } else { Usage::Client };
                let Pair { certificate, key } =
                    issuer.issue(name, usage, names, self.days, self.now)?;
                let until = Issued::read(certificate.as_bytes(), &file)?.until;
                self.secrets.write(&key_file, &key)?;
                self.secrets.write(&file, &SecretBytes::new(certificate.into_bytes()))?;
                (if known.is_some() { State::Renewed } else { State::Made }, until)
            }
        };
        self.table.add(&format!("secrets/{name}.pem .key"), state, Some(until), reader);
        Ok(())
    }

    /// The keys of the deployment, and the root user's access key.
    fn keys(&mut self) -> Result<(), StartError> {
        for (file, reader) in layout::KEY_FILES {
            let known = self.secrets.read(file)?;
            if let Some(text) = &known {
                let text = std::str::from_utf8(text.expose()).unwrap_or_default();
                KeyRing::parse(text).map_err(|_| {
                    let path = self.secrets.path().join(file);
                    StartError::Configuration(format!("{}: not a key file", path.display()))
                })?;
            } else {
                let key = SecretBytes::new(rand::random::<[u8; 32]>().to_vec());
                // Cannot fail: the key has 32 bytes.
                let ring = KeyRing::single(key);
                let ring = ring.map_err(|error| StartError::Environment(error.to_string()))?;
                self.secrets.write(file, &ring.to_text())?;
            }
            self.table.add(&format!("secrets/{file}"), State::of(known.is_none()), None, reader);
        }
        self.signing_key()?;
        let file = layout::ROOT_KEY_FILE;
        let missing = self.secrets.read(file)?.is_none();
        if missing {
            self.secrets.write(file, &root_key())?;
        }
        let reader = "policy, at its first start; the root user";
        self.table.add(&format!("secrets/{file}"), State::of(missing), None, reader);
        Ok(())
    }

    /// The key that signs what is kept of the audit trail outside the database.
    fn signing_key(&mut self) -> Result<(), StartError> {
        let file = layout::SIGNING_KEY_FILE;
        let known = self.secrets.read(file)?;
        if let Some(text) = &known {
            let read = TrailKeyFile::parse(text);
            read.map_err(|error| {
                let path = self.secrets.path().join(file);
                StartError::Configuration(format!("{}: {error}", path.display()))
            })?;
        } else {
            let made = TrailKeyFile::generate(self.now);
            let made = made.map_err(|error| StartError::Environment(error.to_string()))?;
            self.secrets.write(file, &made.to_text())?;
        }
        let reader = "audit; `trent audit archive`";
        self.table.add(&format!("secrets/{file}"), State::of(known.is_none()), None, reader);
        Ok(())
    }

    /// The servers' configuration files. What is there and says something else is left alone.
    fn configuration(&mut self, directory: &std::path::Path) -> Result<(), StartError> {
        for (name, content, reader) in layout::CONFIGURATION {
            let path = directory.join(name);
            let state = match fs::read(&path) {
                Ok(known) if known == content.as_bytes() => State::Kept,
                Ok(_) => State::Differs,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    folder::write(&path, content.as_bytes(), Readers::All)?;
                    State::Made
                }
                Err(source) => return Err(StartError::File { path, source }),
            };
            self.table.add(name, state, None, reader);
        }
        Ok(())
    }
}

fn missing(file: &str) -> StartError {
    StartError::Configuration(format!("{file} is not there, and a certificate is to be issued"))
}

/// A host name (RFC 1123) or an address: what ends up in certificates is nothing else.
fn check_host(host: &str) -> Result<(), StartError> {
    let label = |label: &str| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.parse::<std::net::IpAddr>().is_ok() || (host.len() <= 253 && host.split('.').all(label))
    {
        return Ok(());
    }
    Err(StartError::Configuration(format!(
        "--host: '{host}' is neither a host name nor an address"
    )))
}

/// A new access key: `AKIA` and 16 of `A-Z2-7`; 40 of base64's alphabet, 240 bits.
fn root_key() -> SecretBytes {
    const ID: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const SECRET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // The lengths of both alphabets divide 256, so that every letter is as likely.
    let mut text = b"TRENT_ROOT_ACCESS_KEY_ID=AKIA".to_vec();
    let id: [u8; 16] = rand::random();
    text.extend(id.iter().filter_map(|byte| ID.get(usize::from(*byte) % ID.len())));
    text.extend(b"\nTRENT_ROOT_SECRET_ACCESS_KEY=");
    let secret: [[u8; 8]; 5] = rand::random();
    let letters = secret.as_flattened().iter();
    text.extend(letters.filter_map(|byte| SECRET.get(usize::from(*byte) % SECRET.len())));
    text.push(b'\n');
    SecretBytes::new(text)
}

#[cfg(test)]
mod tests;
