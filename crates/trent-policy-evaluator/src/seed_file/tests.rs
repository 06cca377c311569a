//! Reading seed files: what is taken, and that everything else is refused with its place and
//! without showing what stands there.

use proptest::prelude::*;
use trent_types::{KeyUsage, SecretBytes, Timestamp};

use super::{Section, Seed, SeedError, SeedHome};

const AES: &str = "bc436485-5092-42b8-92a3-0aa8b93536dc";
const RSA: &str = "ff275b92-0def-4dfc-b0f6-87c96b26c6c7";
const ECC: &str = "edf8d7a8-4fe8-4c6d-9e0a-1c4e3e5d5b1f";
const OLD: &str = "0000000000000000000000000000000000000000000000000000000000000001";
const NEW: &str = "5CDAEAD27FE7DA2DE47945D73CD6D79E36494E73802F3CD3869F1D2CB0B5D7A9";

fn home() -> SeedHome {
    let regions = ["eu-west-1", "us-east-1"].map(|name| name.parse().unwrap());
    SeedHome {
        account: "111122223333".parse().unwrap(),
        region: regions[0],
        regions: regions.into(),
    }
}

fn parse(text: &str) -> Result<Seed, SeedError> {
    Seed::parse(&SecretBytes::new(text.as_bytes().to_vec()), &home())
}

/// One symmetric key with these further lines.
fn aes(lines: &str) -> String {
    format!(
        "Keys:\n  Symmetric:\n    Aes:\n      - Metadata:\n          KeyId: {AES}\n        \
         BackingKeys: [{NEW}]\n{lines}"
    )
}

fn whole() -> String {
    format!(
        r#"
Keys:
  Symmetric:
    Aes:
      - Metadata:
          KeyId: {AES}
          Description: "a key: with a colon"
        NextKeyRotation: 2027-01-31
        BackingKeys:
          - {OLD}
          - {NEW}
        Tags: {{team: a, cost center: "12"}}
        Region: us-east-1
        Account: "444455556666"
  Asymmetric:
    Rsa:
      - Metadata: {{KeyId: {RSA}, KeyUsage: SIGN_VERIFY}}
        PrivateKeyPem: |
          -----BEGIN RSA PRIVATE KEY-----
          AAAA
          -----END RSA PRIVATE KEY-----
        Policy:
          Version: 2012-10-17
          Statement:
            - Effect: Allow
              Principal: {{AWS: "arn:aws:iam::111122223333:root"}}
              Action: kms:*
              Resource: "*"
    Ecc:
      - Metadata: {{KeyId: {ECC}, KeyUsage: KEY_AGREEMENT}}
        PrivateKeyPem: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
        Tags:
          - TagKey: a
            TagValue: ""
Aliases:
  - AliasName: alias/one
    TargetKeyId: {AES}
  - AliasName: alias/two
    TargetKeyId: {RSA}
    Region: us-east-1
"#
    )
}

#[test]
fn a_whole_file_is_read() {
    let seed = parse(&whole()).unwrap();
    assert_eq!(seed.counts(), (3, 2));
    let [aes, rsa, ecc] = seed.keys.as_slice() else { panic!("{seed:?}") };
    assert_eq!(aes.arn.to_string(), format!("arn:aws:kms:us-east-1:444455556666:key/{AES}"));
    assert_eq!((aes.section, aes.usage), (Section::Aes, KeyUsage::EncryptDecrypt));
    assert_eq!(aes.description, "a key: with a colon");
    assert_eq!(aes.next_rotation, Timestamp::from_civil(2027, 1, 31, 0, 0, 0));
    let materials: Vec<_> = aes.materials.iter().map(|(_, m)| hex::encode(m.expose())).collect();
    assert_eq!(materials, [OLD.to_owned(), NEW.to_lowercase()]);
    let tags: Vec<_> = aes.tags.iter().map(|t| (t.key.as_str(), t.value.as_str())).collect();
    assert_eq!(tags, [("team", "a"), ("cost center", "12")]);
    assert_eq!(rsa.arn.to_string(), format!("arn:aws:kms:eu-west-1:111122223333:key/{RSA}"));
    assert_eq!((rsa.section, rsa.usage), (Section::Rsa, KeyUsage::SignVerify));
    let policy: serde_json::Value = serde_json::from_str(rsa.policy.as_ref().unwrap()).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
    assert_eq!(policy["Statement"][0]["Action"], "kms:*");
    assert_eq!((ecc.section, ecc.usage), (Section::Ecc, KeyUsage::KeyAgreement));
    assert_eq!((ecc.tags[0].key.as_str(), ecc.tags[0].value.as_str()), ("a", ""));
    let [one, two] = seed.aliases.as_slice() else { panic!("{seed:?}") };
    assert_eq!((one.account.as_str(), one.region.as_str()), ("444455556666", "us-east-1"));
    assert_eq!((two.account.as_str(), two.region.as_str()), ("111122223333", "us-east-1"));
}

#[test]
fn a_file_without_keys_is_one_too() {
    for text in ["Keys:\n", "{}", "Keys: {Symmetric: {Aes: []}, Asymmetric: }\nAliases: ~\n"] {
        assert_eq!(parse(text).unwrap().counts(), (0, 0), "{text}");
    }
}

/// The layout of the ids never changes: ciphertexts name them. The expected value comes from
/// Python's hashlib.
#[test]
fn the_same_material_of_the_same_key_has_the_same_id_everywhere() {
    let seed = parse(&aes("")).unwrap();
    let id = seed.keys[0].materials[0].0.to_string();
    assert_eq!(id, MATERIAL_ID);
    let elsewhere = aes("        Region: us-east-1\n");
    assert_eq!(parse(&elsewhere).unwrap().keys[0].materials[0].0.to_string(), id);
    let other = aes("").replace(AES, RSA);
    assert_ne!(parse(&other).unwrap().keys[0].materials[0].0.to_string(), id);
}

const MATERIAL_ID: &str = "37ae3765fd3fc0ad9a218955842057683c040f4704619fd436dbe5cc93ba7631";

/// What is wrong with a file, and where.
fn wrong(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn whatever_is_wrong_is_named_with_its_place() {
    let key = "Keys.Symmetric.Aes[0]";
    for (text, place, what) in [
        ("Key: {}".to_owned(), "Key (line 1)", "is not known here"),
        ("Keys: {Symmetric: {Des: []}}".into(), "Keys.Symmetric.Des (line 1)", "is not known"),
        ("Keys: [a]".into(), "Keys (line 1)", "must be a mapping"),
        ("- a".into(), "the file (line 1)", "must be a mapping"),
        (
            aes("        Colour: red\n"),
            "Keys.Symmetric.Aes[0].Colour (line 7)",
            "is not known here",
        ),
        (aes("").replace("KeyId", "Id"), &format!("{key}.Metadata.KeyId"), "is missing"),
        (aes("").replace(AES, "my-key"), &format!("{key}.Metadata.KeyId"), "a UUID in lower case"),
        (aes("").replace(AES, "mrk-1234abcd12ab34cd56ef1234567890ab"), key, "multi-Region"),
        (aes("").replace(NEW, "12"), &format!("{key}.BackingKeys[0]"), "64 hexadecimal digits"),
        (aes("").replace(NEW, ""), &format!("{key}.BackingKeys"), "must name one key at least"),
        (
            aes("").replace(NEW, &format!("{NEW}, {NEW}")),
            &format!("{key}.BackingKeys[1]"),
            "second",
        ),
        (aes("        Region: eu-east-9\n"), &format!("{key}.Region"), "must be a Region of AWS"),
        (aes("        Region: sa-east-1\n"), &format!("{key}.Region"), "not served here"),
        (aes("        Account: 1234\n"), &format!("{key}.Account"), "12 digits"),
        (
            aes("        NextKeyRotation: soon\n"),
            &format!("{key}.NextKeyRotation"),
            "must be a date",
        ),
        (aes("        Policy: '{}'\n"), &format!("{key}.Policy"), "not a well-formed key policy"),
        (aes("        Policy: {Version: 2012-10-17}\n"), &format!("{key}.Policy"), "well-formed"),
        (aes("        Policy: []\n"), &format!("{key}.Policy"), "must be a text or a mapping"),
        (aes("        Tags: {aws:a: b}\n"), &format!("{key}.Tags.0"), "is not a tag"),
        (aes("        Tags: [{TagKey: a}]\n"), &format!("{key}.Tags[0].TagValue"), "is missing"),
        (aes("        PrivateKeyPem: x\n"), &format!("{key}.PrivateKeyPem"), "is not known here"),
        (whole().replace("SIGN_VERIFY", "MAC"), "Rsa[0].Metadata.KeyUsage", "ENCRYPT_DECRYPT or"),
        (
            whole().replace("KEY_AGREEMENT", "ENCRYPT_DECRYPT"),
            "Ecc[0].Metadata.KeyUsage",
            "must be",
        ),
        (whole().replace("-----BEGIN RSA", "BEGIN"), "Rsa[0].PrivateKeyPem", "private key in PEM"),
        (whole().replace(ECC, RSA), "Ecc[0].Metadata.KeyId", "another key's in this file"),
        (whole().replace("alias/one", "one"), "Aliases[0].AliasName", "must be alias/"),
        (whole().replace("alias/one", "alias/aws/x"), "Aliases[0].AliasName", "AWS keeps"),
        (
            whole().replace(
                &format!("alias/two\n    TargetKeyId: {RSA}"),
                &format!("alias/one\n    TargetKeyId: {RSA}\n    Account: 444455556666"),
            ),
            "Aliases[1].AliasName",
            "stands in this file already",
        ),
    ] {
        let message = wrong(&text);
        assert!(message.contains(place) && message.contains(what), "{message}\n\n{text}");
    }
}

#[test]
fn yaml_that_means_something_else_than_it_says_is_refused() {
    for (text, line, what) in [
        ("Keys: *keys", 1, "this is not YAML"),
        ("a: &x {}\nKeys: *x", 1, "anchors"),
        ("Keys: !!map {}", 1, "tags"),
        ("Keys:\nKeys:\n", 2, "a second time"),
        ("{}\n---\n{}\n", 2, "more than one document"),
        ("? [a]\n: b\n", 1, "not a text"),
        ("Keys: [\n", 2, "this is not YAML"),
        ("", 1, "the file is empty"),
    ] {
        let error = parse(text).unwrap_err();
        let SeedError::Yaml { line: at, what: why } = &error else { panic!("{error}") };
        assert!((*at, why.contains(what)) == (line, true), "{text}: {error}");
    }
    let deep = format!("Keys: {}{}", "[".repeat(50), "]".repeat(50));
    assert_eq!(wrong(&deep), "line 1: it is nested too deeply");
    let deeper = deep.replace("[", &"[".repeat(2_000));
    assert!(parse(&deeper).is_err());
    let bytes = SecretBytes::new(vec![0xff, 0xfe]);
    assert!(Seed::parse(&bytes, &home()).unwrap_err().to_string().contains("UTF-8"));
    assert!(wrong(&" ".repeat((16 << 20) + 1)).contains("longer than 16 MiB"));
}

#[test]
fn no_message_shows_what_stands_at_a_wrong_place() {
    let secret = "8e2f1c9a7b";
    for text in [
        aes(&format!("        {secret}{secret}{secret}{secret}{secret}: x\n")),
        aes("").replace(NEW, secret),
        aes(&format!("        Account: {secret}\n        ? {secret}\n")),
        format!("{secret}"),
        format!("Keys: {{Symmetric: {secret}}}"),
        format!("Keys: \"{secret}"),
        whole().replace("-----BEGIN RSA PRIVATE KEY-----", secret),
        whole().replace("kms:*", secret).replace("Effect", secret),
    ] {
        let error = parse(&text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(secret), "{error}");
    }
    let shown = format!("{:?}", parse(&whole()).unwrap());
    assert!(!shown.to_lowercase().contains(&NEW.to_lowercase()) && !shown.contains("BEGIN"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = Seed::parse(&SecretBytes::new(bytes), &home());
    }

    #[test]
    fn any_text_of_yaml_s_own_characters_is_read_or_refused(
        text in r#"[-a:?!&*|>{}\[\],#%@'"\\ \n\t~<.0KeysMtd]{0,120}"#,
    ) {
        let _ = parse(&text);
    }

    #[test]
    fn a_file_that_is_damaged_anywhere_is_read_or_refused(
        at: prop::sample::Index,
        with in r#"[-:?!&*{}\[\],'" \nx]{0,3}"#,
        cut in 0usize..4,
    ) {
        let whole = whole();
        let at = at.index(whole.len());
        let end = (at + cut).min(whole.len());
        let damaged = format!("{}{with}{}", &whole[..at], &whole[end..]);
        if let Ok(seed) = parse(&damaged) {
            prop_assert!(seed.counts().0 <= 3);
        }
    }
}
