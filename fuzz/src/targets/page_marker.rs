//! Markers of lists: one that is taken was made by this list, for this account and Region.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use trent_operations::{ServiceName, operation_by_target};

use super::answers;
use crate::input::Input;
use crate::keys::key_arn;
use crate::world::World;

const LISTS: [&str; 6] = [
    "ListAliases",
    "ListKeyRotations",
    "ListKeys",
    "ListResourceTags",
    "ListGrants",
    "ListRetirableGrants",
];

/// A list, then what its marker holds before it is encoded.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    let name = input.one_of(&LISTS);
    let inside = input.rest();
    let Some(response) = list(name, Some(inside)) else { return false };
    assert!(!response.is_empty(), "a page");
    let marker: Value = serde_json::from_slice(inside).expect("a marker is JSON");
    assert_eq!(marker["o"], name);
    assert_eq!(marker["a"], key_arn().account.as_str());
    assert_eq!(marker["r"], key_arn().region.as_str());
    assert!(marker["k"].is_string() && marker["f"].is_string());
    true
}

/// The answer of a list, if it is a page.
fn list(name: &str, marker: Option<&[u8]>) -> Option<Vec<u8>> {
    let flags = [4, 0, 0, 0];
    let world = World::new(&mut Input::new(&flags));
    let target = format!("TrentService.{name}");
    let (_, operation) = operation_by_target(&target).expect("it is served");
    let mut body = serde_json::json!({ "KeyId": key_arn().key_id.to_string() });
    if name == "ListRetirableGrants" {
        body["RetiringPrincipal"] = "arn:aws:iam::111122223333:user/bob".into();
    }
    if let Some(marker) = marker {
        body["Marker"] = STANDARD.encode(marker).into();
    }
    let body = body.to_string();
    let response = world.serve(operation, ServiceName::Kms, body.as_bytes());
    answers::check(&world, &response, ServiceName::Kms, name).then_some(response.body)
}

/// The marker that each list makes, for itself and for another list.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (at, name) in (0..).zip(LISTS) {
        let page: Value = serde_json::from_slice(&list(name, None).expect("a page")).expect("JSON");
        let marker = page["NextMarker"].as_str().expect("there is more");
        let inside = STANDARD.decode(marker).expect("base64");
        seeds.push([&[at], &*inside].concat());
        seeds.push([&[(at + 1) % 6], &*inside].concat());
    }
    seeds
}
