//! Identifiers: what parses prints as it was written, or as something that parses to the same.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use trent_types::{
    AccountId, AliasArn, AliasName, GrantId, IpNetwork, KeyArn, KeyId, KeyReference, KeyRing,
    KeySpec, MaterialId, Region, RequestId, TraceParent,
};

/// A text, for every kind of identifier.
pub(super) fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    let kept = [
        comes_back::<AccountId>(text),
        comes_back::<AliasArn>(text),
        comes_back::<AliasName>(text),
        comes_back::<KeyArn>(text),
        comes_back::<KeyId>(text),
        comes_back::<KeyReference>(text),
        comes_back::<KeySpec>(text),
        comes_back::<MaterialId>(text),
        comes_back::<Region>(text),
        comes_back::<GrantId>(text),
        comes_back::<RequestId>(text),
        comes_back::<TraceParent>(text),
        text.parse::<IpNetwork>().is_ok(),
        ring_comes_back(text),
    ];
    kept.contains(&true)
}

fn comes_back<T: FromStr + Display + PartialEq>(text: &str) -> bool
where
    T::Err: Debug,
{
    let Ok(value) = text.parse::<T>() else { return false };
    let printed = value.to_string();
    let again = printed.parse::<T>().expect("our own form");
    assert!(again == value, "{text} is printed as {printed}");
    assert_eq!(again.to_string(), printed);
    true
}

fn ring_comes_back(text: &str) -> bool {
    let Ok(ring) = KeyRing::parse(text) else { return false };
    let printed = ring.to_text();
    let printed = std::str::from_utf8(printed.expose()).expect("a ring is text");
    assert!(KeyRing::parse(printed).as_ref() == Ok(&ring));
    let (version, _) = ring.current();
    assert!((ring.oldest()..=ring.newest()).contains(&version));
    true
}

/// One of each.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let hex = "0123456789abcdef".repeat(4);
    [
        "111122223333",
        "arn:aws:kms:eu-central-1:111122223333:alias/a/b",
        "alias/aws/x-y_z",
        "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "mrk-0123456789abcdef0123456789abcdef",
        "ECC_NIST_P256",
        "us-gov-west-1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "2001:db8::/32",
        "192.0.2.1",
        &hex,
        &format!("# keys\n2 {hex}\n1 {hex}\n"),
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
