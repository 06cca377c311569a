//! Orders in queues and on threads, without any cryptography.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use trent_bus::messages::crypto_answer::Outcome;

use super::*;

fn threads() -> SlowThreads {
    SlowThreads::new(Box::new(|| false))
}

fn answer(text: &'static str) -> Told {
    Ok(CryptoAnswer { outcome: Some(Outcome::Signature(text.into())) })
}

/// Begins an order without waiting for it.
fn begun<F: Future>(future: std::pin::Pin<&mut F>) {
    let first = future.poll(&mut Context::from_waker(Waker::noop()));
    assert!(first.is_pending());
}

/// Threads whose every place for very slow orders is taken until the sender is dropped.
fn occupied(threads: &SlowThreads) -> (mpsc::Sender<()>, Vec<impl Future<Output = Told>>) {
    let (release, held) = mpsc::channel::<()>();
    let held = Arc::new(Mutex::new(held));
    let begun = (1..threads.0.threads).map(|at| {
        let (held, (inside, is_inside)) = (Arc::clone(&held), mpsc::channel());
        let mut order = Box::pin(threads.done(at as u64, (Pace::VerySlow, true), move || {
            inside.send(()).unwrap();
            // One after the other: each waits for the end of the channel.
            let _ = held.lock().unwrap().recv();
            answer("very slow")
        }));
        begun(order.as_mut());
        is_inside.recv().unwrap();
        order
    });
    let begun = begun.collect();
    (release, begun)
}

#[tokio::test]
async fn what_takes_milliseconds_passes_by_what_makes_key_pairs() {
    let threads = threads();
    let (release, very_slow) = occupied(&threads);
    for at in 100..110 {
        assert_eq!(threads.done(at, (Pace::Slow, false), || answer("slow")).await, answer("slow"));
    }
    drop(release);
    for order in very_slow {
        assert_eq!(order.await, answer("very slow"));
    }
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let threads = threads();
    let (release, _very_slow) = occupied(&threads);
    let mut waiting = Vec::new();
    for at in 0..VERY_SLOW_MAX {
        let id = 1_000 + at as u64;
        let mut order = Box::pin(threads.done(id, (Pace::VerySlow, true), || answer("waited")));
        begun(order.as_mut());
        waiting.push(order);
    }
    let refused = threads.done(1, (Pace::VerySlow, true), || answer("never")).await;
    assert_eq!(refused, Err(Rejection::Overloaded));
    drop(release);
    for order in waiting {
        assert_eq!(order.await, answer("waited"));
    }
    assert_eq!(threads.done(2, (Pace::VerySlow, true), || answer("again")).await, answer("again"));
}

#[tokio::test]
async fn an_order_that_is_in_hand_is_not_done_twice_and_afterwards_is_new() {
    let threads = threads();
    let (release, _very_slow) = occupied(&threads);
    let (done, count) = mpsc::channel();
    let again = || {
        let done = done.clone();
        threads.done(7_000, (Pace::VerySlow, true), move || {
            done.send(()).unwrap();
            answer("once")
        })
    };
    let mut first = pin!(again());
    begun(first.as_mut());
    let mut second = pin!(again());
    begun(second.as_mut());
    drop(release);
    assert_eq!(first.await, answer("once"));
    assert_eq!(second.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
    assert_eq!(again().await, answer("once"));
    assert_eq!(count.try_iter().count(), 2);
}

#[tokio::test]
async fn an_order_that_nobody_waits_for_is_dropped_when_its_turn_comes() {
    let threads = threads();
    let (release, _very_slow) = occupied(&threads);
    let (done, count) = mpsc::channel();
    {
        let mut order = pin!(threads.done(8_000, (Pace::VerySlow, true), move || {
            done.send(()).unwrap();
            answer("for nobody")
        }));
        begun(order.as_mut());
    }
    drop(release);
    assert_eq!(
        threads.done(8_001, (Pace::VerySlow, true), || answer("next")).await,
        answer("next")
    );
    assert_eq!(count.iter().count(), 0);
}

#[tokio::test]
async fn a_thread_outlives_an_order_that_panics() {
    let threads = threads();
    for at in 0..8 {
        let broken =
            threads.done(at, (Pace::VerySlow, true), || panic!("an order's own defect")).await;
        assert_eq!(broken, Err(Rejection::Unavailable));
    }
    assert_eq!(threads.done(9, (Pace::VerySlow, true), || answer("done")).await, answer("done"));
}
