//! Waking a fetch that waits for records, from whichever of its partitions has some first.
//!
//! In: wake-ups from shards. Out: one future that completes at the first. Never here: which records.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;

/// Shared by a fetch and the shards it waits for.
#[derive(Debug, Default)]
pub(crate) struct Waiter {
    is_woken: AtomicBool,
    waker: AtomicWaker,
}

impl Waiter {
    /// Wakes the fetch; doing it again changes nothing.
    pub(crate) fn wake(&self) {
        self.is_woken.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Completes once the waiter was woken since the last time it was awaited.
    pub(crate) fn woken(self: &Arc<Self>) -> impl Future<Output = ()> + Send + use<> {
        Woken {
            waiter: Arc::clone(self),
        }
    }
}

struct Woken {
    waiter: Arc<Waiter>,
}

impl Future for Woken {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.waiter.waker.register(context.waker());
        if self.waiter.is_woken.swap(false, Ordering::Acquire) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_up_before_the_wait_is_not_lost() {
        let waiter = Arc::new(Waiter::default());
        waiter.wake();
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(std::pin::pin!(waiter.woken()).poll(&mut context).is_ready());
        assert!(
            std::pin::pin!(waiter.woken())
                .poll(&mut context)
                .is_pending()
        );
    }
}
