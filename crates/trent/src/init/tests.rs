//! What `trent init` leaves behind, at first and again.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;

fn init(directory: &Path) -> Init {
    Init {
        directory: directory.to_owned(),
        hosts: Vec::new(),
        owner: Some(Owner::present()),
        account: None,
        regions: None,
        renew: false,
        days: 365,
    }
}

fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for folder in [directory.to_owned(), directory.join("secrets")] {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                let name = entry.file_name().into_string().unwrap();
                found.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

fn issued(directory: &Path, name: &str) -> Issued {
    let file = format!("{name}.pem");
    Issued::read(&fs::read(directory.join("secrets").join(&file)).unwrap(), &file).unwrap()
}

#[test]
fn a_new_deployment_has_every_file_and_a_second_run_changes_none() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("new/deployment");
    run(&init(&directory)).unwrap();
    let first = contents(&directory);
    for identity in &layout::IDENTITIES {
        assert!(first.contains_key(&format!("{}.pem", identity.name)));
        assert!(first.contains_key(&format!("{}.key", identity.name)));
    }
    for (file, _) in layout::KEY_FILES {
        assert!(KeyRing::parse(std::str::from_utf8(&first[file]).unwrap()).is_ok(), "{file}");
    }
    let signing = TrailKeyFile::parse(&SecretBytes::new(first[layout::SIGNING_KEY_FILE].clone()));
    assert!(signing.unwrap().signing().is_some());
    for name in [".env", "nats.conf", "pg_hba.conf", "pg_ident.conf", "ca.pem", "ca.key"] {
        assert!(first.contains_key(name), "{name}");
    }
    let root = std::str::from_utf8(&first[layout::ROOT_KEY_FILE]).unwrap();
    let lines: Vec<&str> = root.lines().collect();
    assert_eq!(lines[0].len(), "TRENT_ROOT_ACCESS_KEY_ID=".len() + 20);
    assert_eq!(lines[1].len(), "TRENT_ROOT_SECRET_ACCESS_KEY=".len() + 40);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let secrets = directory.join("secrets");
    assert_eq!(mode(&secrets), 0o700);
    for entry in fs::read_dir(&secrets).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    assert_eq!(mode(&directory.join("nats.conf")), 0o644);
    run(&init(&directory)).unwrap();
    assert_eq!(contents(&directory), first);
}

#[test]
fn what_is_missing_or_half_renewed_is_made_again_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    run(&init(folder.path())).unwrap();
    let first = contents(folder.path());
    let secrets = folder.path().join("secrets");
    fs::remove_file(secrets.join("worker.pem")).unwrap();
    fs::remove_file(secrets.join("token.key")).unwrap();
    // As a crash between the two files of a renewal leaves it.
    fs::copy(secrets.join("admin.key"), secrets.join("policy.key")).unwrap();
    fs::write(secrets.join("policy.pem.new"), "half").unwrap();
    run(&init(folder.path())).unwrap();
    let second = contents(folder.path());
    let changed: Vec<&str> =
        first.keys().filter(|name| first[*name] != second[*name]).map(String::as_str).collect();
    assert!(!second.contains_key("policy.pem.new"));
    assert_eq!(changed, ["policy.key", "policy.pem", "token.key", "worker.key", "worker.pem"]);
}

#[test]
fn renewal_issues_by_the_same_authority_and_keeps_hosts_and_keys() {
    let folder = tempfile::tempdir().unwrap();
    let hosts = vec!["kms.example.com".to_owned(), "192.0.2.7".to_owned(), "2001:db8::7".into()];
    run(&Init { hosts: hosts.clone(), ..init(folder.path()) }).unwrap();
    let first = contents(folder.path());
    run(&Init { renew: true, days: 30, ..init(folder.path()) }).unwrap();
    let second = contents(folder.path());
    for name in first.keys() {
        let reissued = layout::IDENTITIES.iter().any(|identity| {
            name.strip_suffix(".pem").or(name.strip_suffix(".key")) == Some(identity.name)
        });
        assert_eq!(first[name] != second[name], reissued, "{name}");
    }
    let authority = issued(folder.path(), "ca");
    for identity in &layout::IDENTITIES {
        let certificate = issued(folder.path(), identity.name);
        assert!(certificate.is_of(&authority));
        let named = certificate.holds_for(&hosts);
        assert_eq!(named, identity.server_of.is_some(), "{}", identity.name);
        let days = (certificate.until.as_millis() - SystemClock.now().as_millis()) / 86_400_000;
        assert!((29..=30).contains(&days), "{days}");
    }
}

#[test]
fn a_further_host_widens_what_the_authority_may_certify_without_a_new_key() {
    let folder = tempfile::tempdir().unwrap();
    run(&init(folder.path())).unwrap();
    let first = contents(folder.path());
    let host = vec!["kms.example.com".to_owned()];
    assert!(!issued(folder.path(), "ca").may_certify(&host));
    run(&Init { hosts: host.clone(), ..init(folder.path()) }).unwrap();
    let second = contents(folder.path());
    assert!(issued(folder.path(), "ca").may_certify(&host));
    assert!(issued(folder.path(), "api").holds_for(&host));
    assert_eq!(first["ca.key"], second["ca.key"]);
    assert_eq!(first["gateway.pem"], second["gateway.pem"]);
    assert_ne!(first["api.pem"], second["api.pem"]);
}

#[test]
fn the_authoritys_key_may_be_kept_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    run(&init(folder.path())).unwrap();
    fs::remove_file(folder.path().join("secrets/ca.key")).unwrap();
    run(&init(folder.path())).unwrap();
    let refused = run(&Init { renew: true, ..init(folder.path()) }).unwrap_err();
    assert!(refused.to_string().contains("ca.key is not there"), "{refused}");
}

#[test]
fn a_new_authority_issues_everything_anew_for_the_same_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let hosts = vec!["kms.example.com".to_owned()];
    run(&Init { hosts: hosts.clone(), ..init(folder.path()) }).unwrap();
    let before = contents(folder.path());
    for file in ["secrets/ca.pem", "secrets/ca.key"] {
        fs::remove_file(folder.path().join(file)).unwrap();
    }
    run(&init(folder.path())).unwrap();
    let after = contents(folder.path());
    assert_eq!(before["domain.key"], after["domain.key"]);
    let authority = issued(folder.path(), "ca");
    for identity in &layout::IDENTITIES {
        assert!(issued(folder.path(), identity.name).is_of(&authority), "{}", identity.name);
    }
    assert!(issued(folder.path(), "api").holds_for(&hosts));
}

#[test]
fn another_authoritys_key_is_refused_and_changes_nothing() {
    let (ours, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&init(ours.path())).unwrap();
    run(&init(other.path())).unwrap();
    let key = "secrets/ca.key";
    fs::copy(other.path().join(key), ours.path().join(key)).unwrap();
    let before = contents(ours.path());
    let refused = run(&Init { renew: true, ..init(ours.path()) }).unwrap_err();
    assert!(refused.to_string().contains("ca.key is not the key of ca.pem"), "{refused}");
    assert_eq!(contents(ours.path()), before);
}

#[test]
fn what_the_operator_has_changed_stays_and_contradictions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    run(&init(folder.path())).unwrap();
    fs::write(folder.path().join("nats.conf"), "# ours\n").unwrap();
    let environment = folder.path().join(".env");
    let text = fs::read_to_string(&environment).unwrap();
    let text = text.replace("TRENT_NATS_IMAGE=nats:", "TRENT_NATS_IMAGE=mirror/nats:");
    fs::write(&environment, format!("{text}OWN=1")).unwrap();
    let before = contents(folder.path());
    run(&init(folder.path())).unwrap();
    assert_eq!(contents(folder.path()), before);
    let other = Some("210987654321".to_owned());
    let refused = run(&Init { account: other, ..init(folder.path()) }).unwrap_err();
    assert!(refused.to_string().contains("TRENT_ACCOUNT_ID=123456789012"), "{refused}");
    assert_eq!(refused.exit_status(), 64);
}

#[test]
fn wrong_arguments_make_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("d");
    for host in ["", "a b", "-a", "a..b", "*.example.com"] {
        let refused = run(&Init { hosts: vec![host.into()], ..init(&directory) }).unwrap_err();
        assert!(refused.to_string().contains("--host"), "{refused}");
    }
    let regions = Some("mars-1".to_owned());
    assert!(run(&Init { regions, ..init(&directory) }).is_err());
    assert!(!directory.join("secrets/ca.key").exists());
    assert_eq!("65532".parse::<Owner>(), Err("not UID:GID"));
    assert_eq!("1:2".parse::<Owner>().unwrap().to_string(), "1:2");
}

#[test]
fn a_link_in_the_folder_of_secrets_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    run(&init(folder.path())).unwrap();
    let target = folder.path().join("target");
    fs::write(&target, "untouched").unwrap();
    let link = folder.path().join("secrets/bus.key");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert!(run(&init(folder.path())).is_err());
    assert_eq!(fs::read(&target).unwrap(), b"untouched");
}
