//! One signal that tells every task of a process to finish.

use tokio::sync::watch;

/// Asks every holder of the matching [`Shutdown`] to finish.
#[derive(Debug)]
pub struct ShutdownTrigger(watch::Sender<bool>);

/// Tells when the process shall finish: what runs is completed, nothing new is begun.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// A shutdown and what triggers it. Dropping the trigger triggers it too.
    #[must_use]
    pub fn new() -> (ShutdownTrigger, Self) {
        let (sender, receiver) = watch::channel(false);
        (ShutdownTrigger(sender), Self(receiver))
    }

    /// Returns when the shutdown has been triggered.
    pub async fn requested(&mut self) {
        // An error means that the trigger is gone, which triggers as well.
        let _ = self.0.wait_for(|requested| *requested).await;
    }

    /// Whether the shutdown has been triggered.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

impl ShutdownTrigger {
    /// Triggers the shutdown.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }
}
