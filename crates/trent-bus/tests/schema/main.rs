//! Two versions of the schema side by side, as in a rolling upgrade: what a newer build adds is
//! passed over, and what an older build leaves out is as if it were empty, in every message and
//! however deep. The messages are written after the schemas, not by the generated code.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helper functions too"
)]

mod messages;
mod wire;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use prost::Message;
use protox::prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

use crate::messages::MESSAGES;
use crate::wire::{Choices, Twice};

/// The schemas as they are in the repository.
static SCHEMAS: LazyLock<DescriptorPool> = LazyLock::new(schemas);

fn schemas() -> DescriptorPool {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto-schemas");
    let files = std::fs::read_dir(folder.join("trent/v1")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "proto")).collect();
    DescriptorPool::from_file_descriptor_set(protox::compile(files, [folder]).unwrap()).unwrap()
}

fn described(name: &str) -> MessageDescriptor {
    let full = format!("trent.v1.{name}");
    SCHEMAS.get_message_by_name(&full).unwrap_or_else(|| panic!("no message {full}"))
}

#[test]
fn no_message_is_left_out() {
    let in_schemas: BTreeSet<_> = SCHEMAS.all_messages().map(|one| one.name().to_owned()).collect();
    let tried: BTreeSet<_> = MESSAGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(in_schemas, tried);
}

/// A rolling upgrade knows neither messages that must have a field, nor groups.
#[test]
fn nothing_is_required() {
    for message in SCHEMAS.all_messages() {
        for field in message.fields() {
            let name = field.full_name();
            assert!(!field.is_required() && !field.is_group() && !field.is_map(), "{name}");
        }
    }
}

proptest! {
    #[test]
    fn what_a_newer_build_adds_is_passed_over(
        choices in prop::collection::vec(any::<u8>(), 0..800),
    ) {
        for (name, read) in MESSAGES {
            let twice = Twice::any(&described(name), &mut Choices(choices.iter()));
            let known = read(&twice.known).unwrap();
            prop_assert_eq!(read(&twice.newer).unwrap(), known, "{}", name);
        }
    }

    /// A second implementation of the schemas says what is left when a field is left out.
    #[test]
    fn what_an_older_build_leaves_out_is_as_if_it_were_empty(
        choices in prop::collection::vec(any::<u8>(), 200..800),
    ) {
        for (name, read) in MESSAGES {
            let message = described(name);
            let any = Twice::any(&message, &mut Choices(choices.iter())).known;
            let whole = DynamicMessage::decode(message.clone(), any.as_slice()).unwrap();
            for field in message.fields() {
                let mut older = whole.clone();
                older.clear_field(&field);
                let bytes = older.encode_to_vec();
                let back = read(&bytes).unwrap();
                let back = DynamicMessage::decode(message.clone(), back.as_slice()).unwrap();
                let sent = DynamicMessage::decode(message.clone(), bytes.as_slice()).unwrap();
                prop_assert_eq!(back, sent, "{}", field.full_name());
            }
        }
    }
}
