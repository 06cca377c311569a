//! Writes the seeds of every target to `fuzz/corpus-seeds/`, and the names of the targets to the
//! standard output. `cargo run --package trent-fuzz --example write-seeds`, after a change of a format.
#![allow(clippy::print_stdout, reason = "a command-line tool prints")]

use std::fs;
use std::path::Path;

use trent_fuzz::TARGETS;

fn main() -> std::io::Result<()> {
    for target in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus-seeds").join(target.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        for (seed, number) in (target.seeds)().iter().zip(1..) {
            fs::write(folder.join(format!("{number:03}")), seed)?;
        }
        println!("{}", target.name);
    }
    Ok(())
}
