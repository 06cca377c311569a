//! Seed files in YAML: a file is read the same every time, and a fault is named with a line that
//! the file has, or with the one after it.

use trent_policy_evaluator::{Seed, SeedError, SeedHome};
use trent_types::SecretBytes;

use crate::keys::key_arn;

/// A file.
pub(super) fn run(data: &[u8]) -> bool {
    let file = SecretBytes::new(data.to_vec());
    let region = key_arn().region;
    let regions = vec![region, "us-east-1".parse().expect("a Region")];
    let home = SeedHome { account: key_arn().account, region, regions };
    let read = || Seed::parse(&file, &home);
    match (read(), read()) {
        (Ok(seed), Ok(again)) => {
            let (keys, aliases) = seed.counts();
            assert_eq!(again.counts(), (keys, aliases));
            // Each needs a line, or some characters of one.
            assert!(keys + aliases <= data.len());
            keys > 0
        }
        (Err(error), Err(again)) => {
            assert_eq!(error, again);
            let (SeedError::Yaml { line, .. } | SeedError::Member { line, .. }) = error;
            let ends = data.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
            // What is missing at the end of a file is missed in the line after its last.
            assert!((1..=ends + 2).contains(&line), "line {line}: {error}");
            false
        }
        (first, _) => panic!("read in two ways, once as {first:?}"),
    }
}

/// A file with a key of each kind, and its parts.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let id = "bc436485-5092-42b8-92a3-0aa8b93536dc";
    let material = "5cdaead27fe7da2de47945d73cd6d79e36494e73802f3cd3869f1d2cb0b5d7a9";
    let second = material.to_uppercase().replace('5', "6");
    let aes = format!(
        r#"Keys:
  Symmetric:
    Aes:
      - Metadata:
          KeyId: {id}
          Description: "a: b\n"
        NextKeyRotation: 2027-06-01
        BackingKeys: # two
          - {material}
          - {second}
        Tags: {{team: orders}}
        Region: us-east-1
        Account: "444455556666"
"#
    );
    let rsa = r#"Keys:
  Asymmetric:
    Rsa:
      - Metadata: {KeyId: ff275b92-0def-4dfc-b0f6-87c96b26c6c7, KeyUsage: SIGN_VERIFY}
        PrivateKeyPem: |
          -----BEGIN PRIVATE KEY-----
          AAAA
          -----END PRIVATE KEY-----
        Policy:
          Version: 2012-10-17
          Statement:
            - Effect: Allow
              Principal: {AWS: "*"}
"#;
    let aliases = format!("Aliases:\n  - AliasName: alias/orders\n    TargetKeyId: {id}\n");
    [&aes, rsa, &aliases, &[aes.as_str(), &aliases].concat(), "%YAML 1.2\n---\n{}\n...\n"]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}
