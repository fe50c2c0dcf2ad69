//! What the operator decides. Pure: no client, clock, randomness or async.
//!
//! In: what was read ([`cluster::Observed`], [`topic::Observed`], [`consumer_group::Observed`]), the
//! time, and a fresh id. Out: plans and statuses, as values. Never here: reading or writing anything.
//!
//! ```text
//!  observe ──► validate ──► plan (+ check) ──► apply ──► status ──► write_status
//!   I/O         pure         pure               I/O       pure       I/O
//!              Validated    Plan               Applied   Status
//! ```

pub mod cluster;
pub mod conditions;
pub mod consumer_group;
pub mod names;
pub mod topic;

use std::fmt;

/// What was asked for, or why it could not be learned. What could not be read is data, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    Known(T),
    /// Why not, for people.
    Unknown(String),
}

impl<T> Known<T> {
    pub fn known(&self) -> Option<&T> {
        match self {
            Known::Known(it) => Some(it),
            Known::Unknown(_) => None,
        }
    }
}

/// How a step ended. Errors and refusals are told in the status, and tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The brokers said: not now. Their words.
    NotYet(String),
    /// It was tried and failed. The words of whoever said no.
    Failed(String),
    /// An earlier step did not end well, so this one was not tried.
    Skipped,
}

/// A reason of a condition: CamelCase, as Kubernetes wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason(pub &'static str);

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}
