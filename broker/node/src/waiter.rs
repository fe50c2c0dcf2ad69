//! Waking a fetch that waits for records, from whichever of its partitions has some first.
//!
//! In: wake-ups from shards. Out: one future that completes at the first; which partitions woke it, for
//! who wants to know. Never here: which records.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use broker_types::TopicPartition;
use futures::task::AtomicWaker;

/// Shared by a fetch and the shards it waits for.
#[derive(Debug, Default)]
pub(crate) struct Waiter {
    is_woken: AtomicBool,
    waker: AtomicWaker,
    /// Partitions that have woken it; `None`: nobody asks.
    woken_by: Option<Mutex<BTreeSet<TopicPartition>>>,
}

impl Waiter {
    /// One that remembers which partitions have woken it.
    pub(crate) fn remembering() -> Waiter {
        Waiter {
            woken_by: Some(Mutex::default()),
            ..Waiter::default()
        }
    }

    /// Wakes the fetch because of a partition.
    pub(crate) fn wake_for(&self, partition: TopicPartition) {
        if let Some(woken_by) = &self.woken_by {
            let mut woken_by = woken_by.lock().unwrap_or_else(PoisonError::into_inner);
            woken_by.insert(partition);
        }
        self.wake();
    }

    /// Partitions that have woken it since this was asked last.
    pub(crate) fn take_woken_by(&self) -> BTreeSet<TopicPartition> {
        let Some(woken_by) = &self.woken_by else {
            return BTreeSet::new();
        };
        std::mem::take(&mut woken_by.lock().unwrap_or_else(PoisonError::into_inner))
    }

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
