//! Writes the seeds of every target to `fuzz/corpus-seeds/`, after a change of a format or of a
//! target: `cargo run --package trent-fuzz --example write-seeds -- TARGET...`. Some signatures and
//! ciphertexts are random, so the seeds of other targets are left alone.

use std::fs;
use std::path::Path;

use trent_fuzz::TARGETS;

fn main() -> std::io::Result<()> {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    for target in TARGETS.iter().filter(|target| chosen.iter().any(|name| name == target.name)) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus-seeds").join(target.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        for (seed, number) in (target.seeds)().iter().zip(1..) {
            fs::write(folder.join(format!("{number:03}")), seed)?;
        }
    }
    Ok(())
}
