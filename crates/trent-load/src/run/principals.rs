//! The IAM users that sign: kept in a state file, and made where they are missing.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::endpoint::Endpoint;
use crate::error::LoadError;
use crate::fixtures::USER_PATH;
use crate::sign::Signer;

/// How many users are made at a time.
const AT_A_TIME: usize = 8;

/// What the state file holds. It has secrets: no Debug.
#[derive(Serialize, Deserialize, Default)]
struct State {
    principals: Vec<Principal>,
}

#[derive(Serialize, Deserialize, Clone)]
struct Principal {
    user_name: String,
    access_key_id: String,
    secret_access_key: String,
}

/// Where users are found and made.
pub(crate) struct Directory<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) owner: &'a Signer,
    pub(crate) prefix: &'a str,
}

impl Directory<'_> {
    /// So many users' signers: from the file where they still are the deployment's, else made.
    pub(crate) async fn prepare(
        &self,
        count: u32,
        file: Option<&Path>,
    ) -> Result<Vec<Signer>, LoadError> {
        let mut state = file.map_or_else(|| Ok(State::default()), State::read)?;
        let users = stream::iter(0..count).map(|at| {
            let name = format!("{}-{at}", self.prefix);
            let kept = state.principals.iter().find(|kept| kept.user_name == name).cloned();
            self.find_or_make(name, kept)
        });
        let found: Vec<_> = users.buffered(AT_A_TIME).try_collect().await?;
        state.principals.retain(|kept| found.iter().all(|new| new.user_name != kept.user_name));
        state.principals.extend(found.iter().cloned());
        file.map_or(Ok(()), |file| state.write(file))?;
        Ok(found.iter().map(|principal| self.signer(principal)).collect())
    }

    async fn find_or_make(
        &self,
        name: String,
        kept: Option<Principal>,
    ) -> Result<Principal, LoadError> {
        if let Some(kept) = kept {
            let mut user = Caller::new(self.endpoint, self.signer(&kept));
            match user.wait_until_served(Duration::from_secs(10)).await {
                Ok(_) => return Ok(kept),
                // Of another deployment, or deleted since.
                Err(LoadError::Refused { body, .. }) if body.contains("InvalidClientTokenId") => {}
                Err(error) => return Err(error),
            }
        }
        let home = home(self.owner.region());
        let mut caller = Caller::new(self.endpoint, self.owner.for_region(home));
        let path = USER_PATH.replace('/', "%2F");
        let form = format!("Action=CreateUser&Version=2010-05-08&UserName={name}&Path={path}");
        match caller.query("iam", &form).await {
            Ok(_) => {}
            Err(LoadError::Refused { body, .. }) if body.contains("EntityAlreadyExists") => {}
            Err(error) => return Err(error),
        }
        let form = format!("Action=CreateAccessKey&Version=2010-05-08&UserName={name}");
        let made = caller.query("iam", &form).await?;
        Ok(Principal {
            user_name: name,
            access_key_id: element(&made, "AccessKeyId")?.to_owned(),
            secret_access_key: element(&made, "SecretAccessKey")?.to_owned(),
        })
    }

    fn signer(&self, of: &Principal) -> Signer {
        Signer::new(&of.access_key_id, &of.secret_access_key, self.owner.region())
    }
}

impl State {
    /// Nothing where there is no file; a file that others can read is refused.
    fn read(path: &Path) -> Result<Self, LoadError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(LoadError::State(path.to_owned(), error.to_string())),
        };
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            let why = "it holds secrets and others can read it; its mode must be 0600";
            return Err(LoadError::State(path.to_owned(), why.to_owned()));
        }
        // The parser's error may quote the text, which has secrets.
        let malformed = || LoadError::State(path.to_owned(), "not a state file".to_owned());
        serde_json::from_str(&text).map_err(|_| malformed())
    }

    /// Replaces the file as a whole.
    fn write(&self, path: &Path) -> Result<(), LoadError> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}", std::process::id()));
        let write = || {
            let mut file = File::options().write(true).create_new(true).mode(0o600).open(&name)?;
            file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
            file.sync_all()?;
            fs::rename(&name, path)
        };
        write()
            .map_err(|error: std::io::Error| LoadError::State(path.to_owned(), error.to_string()))
    }
}

/// The Region that IAM is signed for.
fn home(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "cn-north-1",
        region if region.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// The text of an XML element, which must have no other elements in it.
pub(crate) fn element<'a>(xml: &'a str, name: &'static str) -> Result<&'a str, LoadError> {
    let after = xml.split_once(&format!("<{name}>")).map(|(_, after)| after);
    let text = after.and_then(|after| after.split_once('<')).map(|(text, _)| text);
    text.filter(|text| !text.is_empty()).ok_or(LoadError::Missing(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_file_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        assert!(State::read(&path).unwrap().principals.is_empty());
        let one = Principal {
            user_name: "u".into(),
            access_key_id: "AKIA".into(),
            secret_access_key: "s".into(),
        };
        State { principals: vec![one] }.write(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(State::read(&path).unwrap().principals[0].access_key_id, "AKIA");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(State::read(&path), Err(LoadError::State(..))));
    }

    #[test]
    fn a_broken_state_file_is_not_quoted() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), r#"{"principals":[{"secret_access_key":"hunter2"}]}"#).unwrap();
        let Err(error) = State::read(file.path()) else { panic!("it was read") };
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn xml_elements_are_found() {
        let xml = "<R><AccessKeyId>AKIA</AccessKeyId><Empty></Empty></R>";
        assert_eq!(element(xml, "AccessKeyId").unwrap(), "AKIA");
        assert!(element(xml, "Empty").is_err() && element(xml, "Arn").is_err());
    }
}
