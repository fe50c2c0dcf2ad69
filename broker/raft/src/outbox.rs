//! Actions in order, and messages that wait for the disk.
//!
//! In: actions and what they depend on; proofs. Out: actions that may be done now.
//! Never here: why a message is sent.

use broker_types::Offset;

use crate::action::{Action, ElectionState, Persist, Persisted};
use crate::message::Request;

/// A message that depends on what is not yet on the disk.
#[derive(Debug)]
struct Held<P> {
    /// The election state, by number, that must have been written.
    persisted: u64,
    /// Where the durable part of the log must reach to.
    durable_end: Offset,
    action: Action<P>,
}

#[derive(Debug)]
pub(crate) struct Outbox<P> {
    ready: Vec<Action<P>>,
    held: Vec<Held<P>>,
    /// Number of the latest election state that the driver was told to write.
    issued: u64,
    /// Number of the latest election state that is written.
    persisted: u64,
    durable_end: Offset,
}

impl<P> Outbox<P> {
    pub(crate) fn new(durable_end: Offset) -> Outbox<P> {
        Outbox {
            ready: Vec::new(),
            held: Vec::new(),
            issued: 0,
            persisted: 0,
            durable_end,
        }
    }

    /// An action that waits for nothing.
    pub(crate) fn push(&mut self, action: Action<P>) {
        self.ready.push(action);
    }

    pub(crate) fn persist(&mut self, state: ElectionState) {
        self.issued += 1;
        self.ready.push(Action::Persist(Persist {
            state,
            number: self.issued,
        }));
    }

    /// Number of the election state that messages made now depend on.
    pub(crate) fn issued(&self) -> u64 {
        self.issued
    }

    pub(crate) fn is_persisted(&self, number: u64) -> bool {
        self.persisted >= number
    }

    /// A message that leaves once the election state of now is written.
    pub(crate) fn after_persist(&mut self, action: Action<P>) {
        self.after_sync(Offset::ZERO, action);
    }

    /// A message that leaves once the election state of now is written and the log is durable up
    /// to `durable_end`.
    pub(crate) fn after_sync(&mut self, durable_end: Offset, action: Action<P>) {
        let held = Held {
            persisted: self.issued,
            durable_end,
            action,
        };
        if self.may_leave(&held) {
            self.ready.push(held.action);
        } else {
            self.held.push(held);
        }
    }

    fn may_leave(&self, held: &Held<P>) -> bool {
        held.persisted <= self.persisted && held.durable_end <= self.durable_end
    }

    /// Drops fetches that have not left. A fetch states the end of the log under an epoch; once the
    /// replica has cut its log or moved on to another epoch, it has another statement to make.
    pub(crate) fn drop_fetches(&mut self) {
        let is_fetch = |it: &Action<P>| {
            matches!(
                it,
                Action::Send {
                    request: Request::Fetch(_),
                    ..
                }
            )
        };
        self.held.retain(|it| !is_fetch(&it.action));
        self.ready.retain(|it| !is_fetch(it));
    }

    pub(crate) fn handle_persisted(&mut self, proof: &Persisted) {
        self.persisted = self.persisted.max(proof.number);
        self.release();
    }

    /// Notes how far the log is durable; after a truncation that is less than before.
    pub(crate) fn set_durable_end(&mut self, durable_end: Offset) {
        self.durable_end = durable_end;
        self.release();
    }

    fn release(&mut self) {
        for held in std::mem::take(&mut self.held) {
            if self.may_leave(&held) {
                self.ready.push(held.action);
            } else {
                self.held.push(held);
            }
        }
    }

    pub(crate) fn take(&mut self) -> Vec<Action<P>> {
        std::mem::take(&mut self.ready)
    }
}
