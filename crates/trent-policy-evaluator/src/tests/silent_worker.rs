//! Workers of which some stand still.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, RwLock};

use prost::Message;
use tokio::time::Instant;
use trent_bus::messages::{CryptoAnswer, SealedSecret, crypto_answer::Outcome};
use trent_bus::{
    BusError, InProcessBus, Order, PermitKeys, Sealer, Service, ServiceFuture, Subject,
};
use trent_types::{KeyRing, SecretBytes, Timestamp};

use crate::worker::{Worker, WorkerFault};

/// So many orders reach a worker that stands still.
struct Workers(AtomicU32);

impl Service for Workers {
    fn handle<'a>(&'a self, _: Order) -> ServiceFuture<'a> {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        Box::pin(async move {
            if left.is_ok() {
                std::future::pending::<()>().await;
            }
            let secret = SealedSecret { stored_secret: "sealed".into(), ..SealedSecret::default() };
            Ok(CryptoAnswer { outcome: Some(Outcome::Secret(secret)) }.encode_to_vec().into())
        })
    }
}

/// What became of an order of which so many tries are lost, and after how many milliseconds.
async fn order(lost: u32) -> (Result<bytes::Bytes, WorkerFault>, u128) {
    let ring = || KeyRing::single(SecretBytes::new(vec![1; 32])).unwrap();
    let bus = InProcessBus::new();
    bus.serve(Subject::CryptoFast, Arc::new(Workers(lost.into()))).unwrap();
    let worker = Worker {
        bus: bus.bus(),
        sealer: Arc::new(Sealer::new(ring())),
        permit_keys: Arc::new(PermitKeys::new(ring())),
        region: "us-east-1".parse().unwrap(),
        check: RwLock::default(),
    };
    let account = "111122223333".parse().unwrap();
    let started = Instant::now();
    let sealed = worker.seal_secret(account, "AKIDEXAMPLE", None, Timestamp::from_millis(1)).await;
    (sealed, started.elapsed().as_millis())
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_stands_still_is_passed_by() {
    assert_eq!(order(0).await, (Ok("sealed".into()), 0));
    assert_eq!(order(1).await, (Ok("sealed".into()), 150));
    assert_eq!(order(2).await, (Ok("sealed".into()), 450));
}

#[tokio::test(start_paused = true)]
async fn workers_that_all_stand_still_are_given_up() {
    assert_eq!(order(u32::MAX).await, (Err(WorkerFault::Away(BusError::Timeout)), 2_000));
}
