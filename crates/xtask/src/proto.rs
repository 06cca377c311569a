//! Generates the bus messages of `trent-bus` from `proto-schemas/`, without protoc, and keeps the
//! list of what stands in them: processes of two versions understand each other as long as nothing
//! is changed or removed.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The schema files, relative to `proto-schemas/`.
const FILES: &[&str] = &[
    "trent/v1/frame.proto",
    "trent/v1/key.proto",
    "trent/v1/identity.proto",
    "trent/v1/policy.proto",
    "trent/v1/crypto.proto",
    "trent/v1/registry.proto",
    "trent/v1/audit.proto",
    "trent/v1/trail.proto",
    "trent/v1/admin.proto",
    "trent/v1/gateway.proto",
];

/// Where the generated code is committed.
const GENERATED: &str = "crates/trent-bus/src/gen/trent.v1.rs";

/// Every field and value of the schemas, one a line.
const FIELDS: &str = "proto-schemas/trent/v1/fields.txt";

/// Writes the generated code, and what is new to the list of fields.
pub(crate) fn generate() -> Result<(), Box<dyn Error>> {
    let fields = fields()?;
    let listed = fs::read_to_string(repository().join(FIELDS))?;
    if let Some(line) = changed(&listed, &fields) {
        return Err(format!(
            "changed or removed, which no process of another version expects: {line}; add a new \
             field instead, or take the line out of {FIELDS} if no version with it was released"
        )
        .into());
    }
    fs::write(repository().join(FIELDS), fields)?;
    fs::write(repository().join(GENERATED), generated()?)?;
    Ok(())
}

/// Fails when the committed code or list is not what the schemas generate.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    for (file, wanted) in [(GENERATED, generated()?), (FIELDS, fields()?)] {
        if fs::read_to_string(repository().join(file))? != wanted {
            return Err(format!("{file} is out of date: run `cargo xtask proto`").into());
        }
    }
    Ok(())
}

/// The first line that is listed and is in the schemas no more.
fn changed<'a>(listed: &'a str, fields: &str) -> Option<&'a str> {
    let present: BTreeSet<&str> = fields.lines().collect();
    listed.lines().find(|line| !present.contains(line))
}

fn fields() -> Result<String, Box<dyn Error>> {
    let mut lines = BTreeSet::new();
    for file in protox::compile(FILES, [repository().join("proto-schemas")])?.file {
        for message in &file.message_type {
            if !message.nested_type.is_empty() || !message.enum_type.is_empty() {
                return Err(format!(
                    "{}: messages and enumerations are not nested",
                    message.name()
                )
                .into());
            }
            for field in &message.field {
                let one_of = field.oneof_index.and_then(|at| usize::try_from(at).ok());
                let one_of = one_of.and_then(|at| message.oneof_decl.get(at));
                let (kind, label) = (field.r#type().as_str_name(), field.label().as_str_name());
                let words = [
                    label.trim_start_matches("LABEL_"),
                    kind.trim_start_matches("TYPE_"),
                    field.type_name().trim_start_matches(".trent.v1."),
                    one_of.map_or("", |one_of| one_of.name()),
                ];
                let words = words.join(" ");
                let (message, number) = (message.name(), field.number());
                lines.insert(format!("{message} {number:>3} {} {words}", field.name()));
            }
        }
        for values in &file.enum_type {
            for value in &values.value {
                lines.insert(format!("{} {:>3} {}", values.name(), value.number(), value.name()));
            }
        }
    }
    Ok(lines.iter().map(|line| format!("{}\n", line.trim_end())).collect())
}

fn generated() -> Result<String, Box<dyn Error>> {
    let descriptors = protox::compile(FILES, [repository().join("proto-schemas")])?;
    let out = std::env::temp_dir().join(format!("trent-proto-{}", std::process::id()));
    fs::create_dir_all(&out)?;
    prost_build::Config::new().bytes(["."]).out_dir(&out).compile_fds(descriptors)?;
    let code = fs::read_to_string(out.join("trent.v1.rs"))?;
    fs::remove_dir_all(&out)?;
    Ok(code)
}

/// The repository's root, two levels above this crate.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_no_change_and_what_is_renumbered_is_one() {
        let listed = "Unit   1 name OPTIONAL STRING\n";
        let more = format!("{listed}Unit   2 more OPTIONAL BYTES\n");
        assert_eq!(changed(listed, &more), None);
        assert_eq!(changed(&more, listed), Some("Unit   2 more OPTIONAL BYTES"));
        assert_eq!(changed(listed, &listed.replace("  1", "  3")), Some(listed.trim_end()));
        assert_eq!(changed(listed, &listed.replace("STRING", "BYTES")), Some(listed.trim_end()));
    }

    #[test]
    fn the_schemas_are_those_that_are_listed() {
        check().unwrap();
    }
}
