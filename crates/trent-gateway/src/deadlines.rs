//! When the requests of one core must be answered at the latest.
//!
//! Nearly every request waits once, for the audit trail, and is answered within a millisecond. A
//! timer for each of them would cost more than all there is to know: whether one is long overdue.
//! So each has a place in a table, and the core looks through that every now and then.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

/// How often the core looks, and so how much later than due an end may come.
const LOOK: Duration = Duration::from_millis(500);

/// The requests of a core that wait for something.
#[derive(Debug, Default)]
pub(crate) struct Deadlines(RefCell<Table>);

#[derive(Debug, Default)]
struct Table {
    places: Vec<Place>,
    free: Vec<usize>,
}

#[derive(Debug)]
struct Place {
    state: State,
    waker: Waker,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    Waits { due: Instant },
    Overdue,
}

impl Deadlines {
    /// Gives a future time until it is due; `None` when it took longer. One that is ready at once
    /// costs nothing.
    pub(crate) async fn until<T>(
        &self,
        due: Instant,
        mut work: Pin<&mut impl Future<Output = T>>,
    ) -> Option<T> {
        match std::future::poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
            Poll::Ready(done) => Some(done),
            Poll::Pending => {
                let at = self.0.borrow_mut().take(due);
                Waiting { deadlines: self, at, work }.await
            }
        }
    }

    /// Ends what is overdue, for ever; to be run beside the requests of the core.
    pub(crate) async fn look(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let now = Instant::now();
            let mut wakers = Vec::new();
            for place in &mut self.0.borrow_mut().places {
                if matches!(place.state, State::Waits { due } if due <= now) {
                    place.state = State::Overdue;
                    wakers.push(place.waker.clone());
                }
            }
            wakers.into_iter().for_each(Waker::wake);
        }
    }
}

impl Table {
    fn take(&mut self, due: Instant) -> usize {
        let place = Place { state: State::Waits { due }, waker: Waker::noop().clone() };
        match self.free.pop().and_then(|at| Some((at, self.places.get_mut(at)?))) {
            Some((at, free)) => {
                *free = place;
                at
            }
            None => {
                self.places.push(place);
                self.places.len() - 1
            }
        }
    }
}

/// Work that waits, and its place.
struct Waiting<'a, F> {
    deadlines: &'a Deadlines,
    at: usize,
    work: Pin<&'a mut F>,
}

impl<F: Future> Future for Waiting<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Poll::Ready(done) = this.work.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        let mut table = this.deadlines.0.borrow_mut();
        let Some(place) = table.places.get_mut(this.at) else { return Poll::Pending };
        if place.state == State::Overdue {
            return Poll::Ready(None);
        }
        place.waker.clone_from(cx.waker());
        Poll::Pending
    }
}

impl<F> Drop for Waiting<'_, F> {
    fn drop(&mut self) {
        let mut table = self.deadlines.0.borrow_mut();
        if let Some(place) = table.places.get_mut(self.at) {
            place.state = State::Free;
            place.waker = Waker::noop().clone();
            table.free.push(self.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    fn due() -> Instant {
        Instant::now() + LIMIT
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_given_up_and_what_does_not_is_not() {
        let deadlines = Deadlines::default();
        let begun = Instant::now();
        let waiting = async {
            let never = pin!(std::future::pending::<()>());
            let (slow, ready) = (pin!(tokio::time::sleep(LIMIT / 2)), pin!(std::future::ready(1)));
            let (never, slow, ready) = tokio::join!(
                deadlines.until(due(), never),
                deadlines.until(due(), slow),
                deadlines.until(due(), ready),
            );
            assert_eq!((never, slow, ready), (None, Some(()), Some(1)));
        };
        tokio::select! {
            () = waiting => {}
            () = deadlines.look() => {}
        }
        let took = begun.elapsed();
        assert!((LIMIT..=LIMIT + LOOK * 2).contains(&took), "{took:?}");
        let table = deadlines.0.borrow();
        assert!(table.places.iter().all(|place| place.state == State::Free));
        assert_eq!(table.free.len(), table.places.len());
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_used_again() {
        let deadlines = Deadlines::default();
        for _ in 0..5 {
            let slept = deadlines.until(due(), pin!(tokio::time::sleep(LOOK))).await;
            assert_eq!(slept, Some(()));
        }
        assert_eq!(deadlines.0.borrow().places.len(), 1);
    }
}
