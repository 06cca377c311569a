//! The files of an archive: written beside their place, read back, verified.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::ArchiveError;
use super::manifest::{FileSum, Manifest, Run};
use crate::chain::{Chain, Head};
use crate::journal::{MAX_HEADER, parse_record};
use crate::signing::{PublicKeys, SigningKey};
use crate::walk::{Heads, step};

pub(super) const MANIFEST: &str = "manifest.json";

/// A folder that is filled beside its place.
pub(super) struct Unfinished {
    path: PathBuf,
    target: PathBuf,
}

impl Unfinished {
    /// Begins a folder of this name; what an earlier attempt has left is removed.
    pub(super) fn begin(to: &Path, name: &str) -> Result<Self, ArchiveError> {
        let (path, target) = (to.join(format!(".{name}.unfinished")), to.join(name));
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ArchiveError::io(&path)(error));
            }
            Ok(()) | Err(_) => {}
        }
        let mut folder = DirBuilder::new();
        folder.recursive(true).mode(0o700).create(&path).map_err(ArchiveError::io(&path))?;
        Ok(Self { path, target })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the manifest, reads everything back, verifies it, and puts the folder in its place.
    /// Returns the manifest's line.
    pub(super) fn finish(
        self,
        manifest: &Manifest,
        key: &SigningKey,
        keys: &PublicKeys,
    ) -> Result<String, ArchiveError> {
        let line = manifest.signed(key)?;
        let path = self.path.join(MANIFEST);
        let written = new_file(&path).and_then(|mut file| {
            file.write_all(line.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()
        });
        written.map_err(ArchiveError::io(&path))?;
        sync(&self.path)?;
        verify(&self.path, keys)?;
        fs::rename(&self.path, &self.target).map_err(ArchiveError::io(&self.target))?;
        sync(self.target.parent().unwrap_or(Path::new("/")))?;
        Ok(line)
    }
}

/// A compressed file that is being written.
pub(super) struct Packed {
    path: PathBuf,
    name: String,
    encoder: GzEncoder<BufWriter<Summed>>,
}

/// A file whose sum is known.
struct Summed {
    file: File,
    sha: Sha256,
    bytes: u64,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Packed {
    pub(super) fn begin(folder: &Path, name: String) -> Result<Self, ArchiveError> {
        let path = folder.join(&name);
        let file = new_file(&path).map_err(ArchiveError::io(&path))?;
        let summed = Summed { file, sha: Sha256::new(), bytes: 0 };
        let encoder = GzEncoder::new(BufWriter::new(summed), Compression::default());
        Ok(Self { path, name, encoder })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.encoder.write_all(bytes).map_err(ArchiveError::io(&self.path))
    }

    /// Takes all that a reader gives.
    pub(super) fn copy(&mut self, mut from: impl Read) -> Result<(), ArchiveError> {
        io::copy(&mut from, &mut self.encoder).map_err(ArchiveError::io(&self.path))?;
        Ok(())
    }

    pub(super) fn finish(self) -> Result<FileSum, ArchiveError> {
        let Self { path, name, encoder } = self;
        let finished = encoder.finish().and_then(|buffer| {
            let Summed { file, sha, bytes } =
                buffer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            file.sync_all()?;
            Ok(FileSum { name, bytes, sha256: hex::encode(sha.finalize()) })
        });
        finished.map_err(ArchiveError::io(&path))
    }
}

/// Verifies an archive's folder: the manifest's signature, every file's sum, and every record's
/// place in the runs of its chain. Memory is bounded. Returns the manifest with its line.
pub(super) fn verify(folder: &Path, keys: &PublicKeys) -> Result<(Manifest, String), ArchiveError> {
    let path = folder.join(MANIFEST);
    let mut line = fs::read_to_string(&path).map_err(ArchiveError::io(&path))?;
    line.truncate(line.trim_end_matches('\n').len());
    let manifest = Manifest::read(&line, keys)?;
    let mut runs: HashMap<Chain, std::vec::IntoIter<Run>> = HashMap::new();
    for chain in &manifest.chains {
        let name = chain.name().ok_or_else(|| ArchiveError::broken(&path, "no such chain"))?;
        runs.insert(name, chain.runs.clone().into_iter());
    }
    // The run that a chain is in, and where its records stand.
    let (mut open, mut heads) = (HashMap::<Chain, Run>::new(), Heads::default());
    for file in &manifest.files {
        let path = folder.join(&file.name);
        if Path::new(&file.name).components().count() != 1 {
            return Err(ArchiveError::broken(&path, "no name of an archive's file"));
        }
        records(&path, file, |line| {
            let record = parse_record(line).ok_or("a line is no record")?;
            let chain = record.chain;
            if open.get(&chain).is_none_or(|run| run.last < record.sequence) {
                let ended =
                    open.get(&chain).is_none_or(|run| heads.get(&chain) == Some(&run.end()));
                let next = runs.get_mut(&chain).and_then(Iterator::next);
                let next = next.filter(|_| ended).ok_or("records are not those of the manifest")?;
                let sequence = next.first.saturating_sub(1);
                heads.insert(chain, Head { sequence, hash: next.previous });
                open.insert(chain, next);
            }
            step(&mut heads, &record).map_err(|fault| fault.to_string())?;
            Ok(())
        })?;
    }
    let ended = open.iter().all(|(chain, run)| heads.get(chain) == Some(&run.end()));
    if !ended || runs.values_mut().any(|rest| rest.next().is_some()) {
        return Err(ArchiveError::broken(folder, "records of the manifest are missing"));
    }
    Ok((manifest, line))
}

/// Shows every record's line of a file to `visit`, and checks the file's sum.
fn records(
    path: &Path,
    sum: &FileSum,
    mut visit: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), ArchiveError> {
    let file = File::open(path).map_err(ArchiveError::io(path))?;
    let (mut sha, mut length, mut whole) = (Sha256::new(), 0, BufReader::new(&file));
    loop {
        let piece = whole.fill_buf().map_err(ArchiveError::io(path))?;
        if piece.is_empty() {
            break;
        }
        sha.update(piece);
        let read = piece.len();
        length += read as u64;
        whole.consume(read);
    }
    if (length, hex::encode(sha.finalize())) != (sum.bytes, sum.sha256.clone()) {
        return Err(ArchiveError::broken(path, "its SHA-256 is another"));
    }
    let file = File::open(path).map_err(ArchiveError::io(path))?;
    let mut lines = BufReader::new(MultiGzDecoder::new(BufReader::new(file)));
    let (mut line, mut number) = (Vec::new(), 0_u64);
    loop {
        line.clear();
        let read = lines.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line);
        if read.map_err(ArchiveError::io(path))? == 0 {
            return Ok(());
        }
        number += 1;
        let whole = line.strip_suffix(b"\n");
        let shown = match whole {
            // A segment's first line.
            Some(line) if number == 1 && parse_record(line).is_none() => Ok(()),
            Some(line) => visit(line),
            None => Err("a line has no end".to_owned()),
        };
        shown.map_err(|detail| ArchiveError::broken(path, format!("line {number}: {detail}")))?;
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

pub(super) fn sync(path: &Path) -> Result<(), ArchiveError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(ArchiveError::io(path))
}
