//! What a person sees while the harness works: one line per step, with the time since the start.
//!
//! In: what was done. Out: lines on stderr. Never here: what a test asserts.

use std::time::Instant;

/// A clock that started with the command.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    started: Instant,
}

impl Steps {
    /// Starts the clock.
    pub fn start() -> Steps {
        Steps {
            started: Instant::now(),
        }
    }

    /// Says that something is done.
    pub fn done(&self, what: &str) {
        eprintln!("{:>7.1} s  {what}", self.started.elapsed().as_secs_f64());
    }
}
