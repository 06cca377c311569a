//! Writes a checkpoint whenever the chains have moved, but not too often.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use trent_runtime::Shutdown;
use trent_store::AuditStore;
use trent_types::Clock;

use super::appender::Appender;
use super::line::CheckpointLine;
use crate::chain::{Chain, Head};
use crate::journal::Journal;
use crate::meters::CheckpointMeters;
use crate::signing::SigningKeys;
use crate::walk::Heads;

/// It is not known where the chains stand; the text is for logs.
#[derive(Debug, thiserror::Error)]
#[error("where the chains stand is not known: {0}")]
pub struct HeadsUnknown(pub String);

/// Who knows where the chains stand.
#[async_trait]
pub trait ChainHeads: Send + Sync {
    /// The heads of all chains; all records up to them are durable.
    async fn chain_heads(&self) -> Result<Vec<(Chain, Head)>, HeadsUnknown>;
}

#[async_trait]
impl ChainHeads for Journal {
    async fn chain_heads(&self) -> Result<Vec<(Chain, Head)>, HeadsUnknown> {
        self.heads().await.map_err(|error| HeadsUnknown(error.to_string()))
    }
}

/// The chains of a store.
pub struct StoreHeads(pub Arc<dyn AuditStore>);

#[async_trait]
impl ChainHeads for StoreHeads {
    async fn chain_heads(&self) -> Result<Vec<(Chain, Head)>, HeadsUnknown> {
        let heads = self.0.heads().await.map_err(|error| HeadsUnknown(error.to_string()))?;
        Ok(heads
            .into_iter()
            .map(|(chain, sequence, hash)| (chain, Head { sequence, hash }))
            .collect())
    }
}

/// A checkpoint was not written.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    #[error(transparent)]
    Heads(#[from] HeadsUnknown),
    #[error("the signing key's file holds no private key, or it does not sign")]
    Key,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes checkpoints of one process.
pub struct Checkpoints {
    heads: Arc<dyn ChainHeads>,
    keys: Arc<SigningKeys>,
    clock: Arc<dyn Clock>,
    directory: PathBuf,
    interval: Duration,
    /// What the last line left the chains at, as far as this process has written it.
    covered: Heads,
    appender: Option<Appender>,
    meters: CheckpointMeters,
}

impl Checkpoints {
    /// Checkpoints of these chains into this folder, at this interval.
    #[must_use]
    pub fn new(
        heads: Arc<dyn ChainHeads>,
        keys: Arc<SigningKeys>,
        clock: Arc<dyn Clock>,
        directory: PathBuf,
        interval: Duration,
    ) -> Self {
        let (covered, meters) = (Heads::default(), CheckpointMeters::new());
        Self { heads, keys, clock, directory, interval, covered, appender: None, meters }
    }

    /// Writes until the shutdown; the first checkpoint soon. What fails is tried again at the next
    /// interval, and requests do not wait for it.
    pub async fn run(&mut self, mut shutdown: Shutdown) {
        let mut pause = self.interval.min(Duration::from_secs(1));
        loop {
            tokio::select! {
                () = shutdown.requested() => return,
                () = tokio::time::sleep(pause) => {}
            }
            self.write().await;
            pause = self.interval;
        }
    }

    /// Writes a checkpoint, if the chains have moved since the last one. To be called once more
    /// when everything that writes records has ended.
    pub async fn write(&mut self) {
        match self.write_now().await {
            Ok(()) => self.meters.last.set(self.clock.now().as_seconds() as f64),
            Err(error) => {
                // The file may end anywhere now.
                self.appender = None;
                self.meters.failures.increment(1);
                let directory = self.directory.display();
                tracing::error!(%error, %directory, "no checkpoint of the trail was written");
            }
        }
    }

    async fn write_now(&mut self) -> Result<(), NotWritten> {
        let heads = self.heads.chain_heads().await?;
        let time = self.clock.now();
        let anew = self.appender.is_none();
        let moved = |(chain, head): &&(Chain, Head)| anew || self.covered.get(chain) != Some(head);
        let mut moved: Vec<_> = heads.iter().filter(moved).copied().collect();
        moved.retain(|(_, head)| head.sequence > 0);
        if moved.is_empty() {
            return Ok(());
        }
        moved.sort_unstable_by_key(|(chain, _)| *chain);
        let (appender, directory) = (self.appender.take(), self.directory.clone());
        let keys = Arc::clone(&self.keys);
        let write = move || {
            let mut appender = match appender {
                Some(appender) => appender,
                None => open(&directory)?,
            };
            let (number, previous) = appender.next();
            let line = CheckpointLine { number, time, previous, heads: moved };
            let keys = keys.present();
            let signed = keys.signing().and_then(|key| line.signed(key).ok());
            appender.append(&signed.ok_or(NotWritten::Key)?)?;
            Ok::<_, NotWritten>(appender)
        };
        let written = tokio::task::spawn_blocking(write).await;
        self.appender = Some(written.map_err(io::Error::other)??);
        self.covered = heads.into_iter().collect();
        self.meters.written.increment(1);
        Ok(())
    }
}

fn open(directory: &Path) -> io::Result<Appender> {
    let appender = Appender::open(directory, &host())?;
    tracing::info!(file = %appender.path().display(), "checkpoints of the trail are written");
    Ok(appender)
}

/// This machine's name, as far as it can be part of a file name.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let name: String = name.trim().chars().filter(allowed).take(64).collect();
    if name.is_empty() { "trent".to_owned() } else { name }
}
