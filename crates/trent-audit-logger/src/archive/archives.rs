//! What was archived, as the chains need it that go on after it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::manifest::{Manifest, Run};
use super::{ArchiveError, files};
use crate::chain::{Chain, Head};
use crate::signing::PublicKeys;
use crate::walk::Heads;

/// The runs of all chains that signed manifests know.
#[derive(Debug, Default)]
pub struct Archives {
    manifests: Vec<(Manifest, String)>,
    runs: HashMap<Chain, BTreeMap<u64, Run>>,
}

impl Archives {
    /// Reads the manifests, and checks their signatures.
    ///
    /// # Errors
    /// [`ArchiveError::Signature`] for the first one that is not what was signed.
    pub fn read(
        lines: impl IntoIterator<Item = String>,
        keys: &PublicKeys,
    ) -> Result<Self, ArchiveError> {
        Self::of(lines, |line| Manifest::read(line, keys))
    }

    /// Reads the manifests without looking at their signatures: for a copy that is held against
    /// what it was made of.
    ///
    /// # Errors
    /// [`ArchiveError::Signature`] for the first one that is no manifest.
    pub fn trusted(lines: impl IntoIterator<Item = String>) -> Result<Self, ArchiveError> {
        Self::of(lines, |line| Ok(Manifest::parse(line)?.0))
    }

    fn of(
        lines: impl IntoIterator<Item = String>,
        read: impl Fn(&str) -> Result<Manifest, ArchiveError>,
    ) -> Result<Self, ArchiveError> {
        let mut archives = Self::default();
        for line in lines {
            let manifest = read(&line)?;
            for chain in &manifest.chains {
                let no_chain = || ArchiveError::broken(Path::new(&manifest.name), "no such chain");
                let runs = archives.runs.entry(chain.name().ok_or_else(no_chain)?).or_default();
                runs.extend(chain.runs.iter().map(|run| (run.first, run.clone())));
            }
            let line = line.trim_end_matches('\n').to_owned();
            archives.manifests.push((manifest, line));
        }
        Ok(archives)
    }

    /// Verifies the files of every archive, which are in folders under this one.
    ///
    /// # Errors
    /// The first file that is not what was written, or is missing.
    pub fn verify_files(&self, folder: &Path, keys: &PublicKeys) -> Result<(), ArchiveError> {
        for (manifest, line) in &self.manifests {
            let path = folder.join(&manifest.name);
            let (_, found) = files::verify(&path, keys)?;
            if found != *line {
                return Err(ArchiveError::broken(&path, "its manifest is not the trail's"));
            }
        }
        Ok(())
    }

    /// How many archives there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.manifests.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.manifests.is_empty()
    }

    /// How many records were archived.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.manifests.iter().map(|(manifest, _)| manifest.records()).sum()
    }

    /// Where a chain stands after the run that follows this head, if one does.
    pub(crate) fn over(&self, chain: Chain, head: &Head) -> Option<Head> {
        let run = self.runs.get(&chain)?.get(&head.sequence.checked_add(1)?)?;
        (run.previous == head.hash && run.last >= run.first).then(|| run.end())
    }

    /// Where all chains stand after what was archived from their beginning.
    pub(crate) fn heads(&self) -> Heads {
        let mut heads = Heads::default();
        for chain in self.chains() {
            let mut head = Head::default();
            while let Some(next) = self.over(chain, &head) {
                head = next;
            }
            if head.sequence > 0 {
                heads.insert(chain, head);
            }
        }
        heads
    }

    /// The chains that have records in archives.
    pub(crate) fn chains(&self) -> impl Iterator<Item = Chain> {
        self.runs.keys().copied()
    }

    /// The last segment of a journal that archives hold, when they hold all up to it.
    pub(crate) fn last_segment(&self) -> u64 {
        let mut parts: Vec<_> =
            self.manifests.iter().filter_map(|(manifest, _)| manifest.segments).collect();
        parts.sort_unstable();
        let follows = |last: u64, (first, end): &(u64, u64)| {
            if *first == last + 1 && end >= first { Some(*end) } else { None }
        };
        let mut last = 0;
        for part in &parts {
            match follows(last, part) {
                Some(end) => last = end,
                None => break,
            }
        }
        last
    }
}
