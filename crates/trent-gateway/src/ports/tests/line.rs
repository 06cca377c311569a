//! Replicas that are slow, silent or full: which try's answer counts, and when.

use std::time::Duration;

use super::*;

/// A replica for each try: after how many milliseconds it answers, and what; one without an answer
/// stands still.
struct Replicas(Vec<(u64, Option<Answer>)>, AtomicU32);

impl Service for Replicas {
    fn handle<'a>(&'a self, _: Order) -> ServiceFuture<'a> {
        let number = self.1.fetch_add(1, Ordering::SeqCst) as usize;
        let (after, answer) = self.0.get(number).cloned().expect("asked too often");
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(after)).await;
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        })
    }
}

/// Whether a question to these replicas was answered, and after how many milliseconds.
async fn ask(replicas: Vec<(u64, Option<Answer>)>) -> (bool, u128) {
    let bus = InProcessBus::new();
    bus.serve(Subject::Authorize, Arc::new(Replicas(replicas, AtomicU32::new(0)))).unwrap();
    let bus = bus.bus();
    let started = Instant::now();
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
    let answer = authorizer.authorize(&[]).await;
    (answer.is_ok(), started.elapsed().as_millis())
}

fn yes() -> Option<Answer> {
    good(&authorized(Vec::new()))
}

#[tokio::test(start_paused = true)]
async fn who_stands_still_is_passed_by() {
    assert_eq!(ask(vec![(0, None), (10, yes())]).await, (true, 310));
    assert_eq!(ask(vec![(0, None), (0, None), (10, yes())]).await, (true, 910));
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_counts_though_the_order_was_sent_again() {
    assert_eq!(ask(vec![(500, yes()), (0, None)]).await, (true, 500));
    assert_eq!(ask(vec![(950, yes()), (700, yes()), (0, None)]).await, (true, 950));
}

#[tokio::test(start_paused = true)]
async fn beside_a_silent_replica_refusals_are_waited_out() {
    let leaving = Some(Err(Rejection::Unavailable));
    assert_eq!(ask(vec![(0, None), (0, leaving), (10, yes())]).await, (true, 330));
    // Who has too much is asked no more, but the first try may still be answered.
    let full = || Some(Err(Rejection::Overloaded));
    assert_eq!(ask(vec![(2_000, yes()), (0, full())]).await, (true, 2_000));
    assert_eq!(ask(vec![(0, None), (0, full())]).await, (false, 8_000));
    assert_eq!(ask(vec![(400, full()), (0, full())]).await, (false, 400));
}
