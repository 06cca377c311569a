//! Generates the bus messages of `trent-bus` from `proto-schemas/`, without protoc.

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

/// Writes the generated code.
pub(crate) fn generate() -> Result<(), Box<dyn Error>> {
    fs::write(repository().join(GENERATED), generated()?)?;
    Ok(())
}

/// Fails when the committed code is not what the schemas generate.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    if fs::read_to_string(repository().join(GENERATED))? == generated()? {
        return Ok(());
    }
    Err(format!("{GENERATED} is out of date: run `cargo xtask proto`").into())
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
