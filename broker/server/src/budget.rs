//! The memory that requests may take: a budget that all connections of a kind share.
//!
//! In: bytes that a request is about to take. Out: a share of the budget, when there is one, given
//! back when it is dropped. Never here: what takes the bytes.
//!
//! A share grows with what has arrived, never on the word of who sends it. So requests may wait for
//! each other with the budget in their hands; then one of them at a time goes on without, which is
//! why the others do as well in the end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory for the requests of many connections.
#[derive(Clone)]
pub(crate) struct Budget {
    bytes: Arc<Semaphore>,
    /// Held by the one request that goes beyond the budget.
    beyond: Arc<Semaphore>,
    n_waiting: Arc<AtomicUsize>,
}

/// Somebody who waits for a share.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(n_waiting: &'a AtomicUsize) -> Waiting<'a> {
        n_waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(n_waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What one request holds.
pub(crate) struct Share {
    budget: Budget,
    bytes: Option<OwnedSemaphorePermit>,
    beyond: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// A budget of so many bytes. All requests together hold at most as many, and one more request.
    pub(crate) fn new(bytes_max: usize) -> Budget {
        Budget {
            bytes: Arc::new(Semaphore::new(bytes_max)),
            beyond: Arc::new(Semaphore::new(1)),
            n_waiting: Arc::default(),
        }
    }

    /// A share of nothing yet.
    pub(crate) fn share(&self) -> Share {
        Share {
            budget: self.clone(),
            bytes: None,
            beyond: None,
        }
    }
}

impl Share {
    /// Takes `bytes` more, once they are there to be taken.
    ///
    /// # Errors
    /// Never as long as the process lives: the budget is not closed.
    pub(crate) async fn grow(&mut self, bytes: usize) -> io::Result<()> {
        if bytes == 0 || self.beyond.is_some() {
            return Ok(());
        }
        let n_permits = u32::try_from(bytes).unwrap_or(u32::MAX);
        let (budget, beyond) = (&self.budget.bytes, &self.budget.beyond);
        let _waiting = Waiting::new(&self.budget.n_waiting);
        tokio::select! {
            biased;
            more = Arc::clone(budget).acquire_many_owned(n_permits) => {
                let more = more.map_err(io::Error::other)?;
                match &mut self.bytes {
                    Some(held) => held.merge(more),
                    None => self.bytes = Some(more),
                }
            }
            beyond = Arc::clone(beyond).acquire_owned() => {
                self.beyond = Some(beyond.map_err(io::Error::other)?);
            }
        }
        Ok(())
    }

    /// Whether others wait for what is held.
    pub(crate) fn is_wanted(&self) -> bool {
        self.budget.n_waiting.load(Ordering::Relaxed) > 0
    }

    /// Gives back what turned out not to be needed.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        if let Some(held) = &mut self.bytes {
            drop(held.split(bytes.min(held.num_permits())));
        }
    }

    #[cfg(test)]
    fn held(&self) -> usize {
        self.bytes
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Whether the share can grow now.
    fn try_grow(share: &mut Share, bytes: usize) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        match pin!(share.grow(bytes)).poll(&mut context) {
            Poll::Ready(grown) => grown.is_ok(),
            Poll::Pending => false,
        }
    }

    #[test]
    fn shares_are_given_back() {
        let budget = Budget::new(100);
        let mut first = budget.share();
        assert!(try_grow(&mut first, 60) && try_grow(&mut first, 30));
        assert_eq!(first.held(), 90);
        first.shrink(50);
        let mut second = budget.share();
        assert!(try_grow(&mut second, 60));
        assert_eq!((first.held(), second.held()), (40, 60));
        drop((first, second));
        assert_eq!(budget.bytes.available_permits(), 100);
    }

    #[test]
    fn one_request_at_a_time_goes_beyond_the_budget() {
        let budget = Budget::new(100);
        let mut shares: Vec<Share> = (0..4).map(|_| budget.share()).collect();
        for share in &mut shares {
            assert!(try_grow(share, 25));
        }
        // All of them want more and none has it to give: one goes on, and on.
        assert!(try_grow(&mut shares[2], 50) && try_grow(&mut shares[2], 1_000_000));
        assert!(!shares[2].is_wanted());
        {
            let mut other = budget.share();
            let mut waiting = pin!(other.grow(1));
            let mut context = Context::from_waker(Waker::noop());
            assert!(waiting.as_mut().poll(&mut context).is_pending());
            assert!(shares[2].is_wanted());
        }
        assert!(!shares[2].is_wanted(), "who gave up waits no more");
        for other in [0, 1, 3] {
            assert!(!try_grow(&mut shares[other], 1));
        }
        // Its end lets the next ones go on: one within the budget, one beyond.
        drop(shares.remove(2));
        assert!(try_grow(&mut shares[0], 25));
        assert!(try_grow(&mut shares[1], 25));
        assert!(!try_grow(&mut shares[2], 25));
    }

    #[test]
    fn a_request_larger_than_the_budget_is_not_refused() {
        let budget = Budget::new(100);
        let mut share = budget.share();
        assert!(try_grow(&mut share, 101));
        assert!(try_grow(&mut budget.share(), 100));
    }
}
