//! What happened in a run, as one number, and as lines for whoever wants to read them.
//!
//! In: events, each with numbers that tell it from others. Out: a digest that is equal only when
//! the same events came in the same order; lines with the virtual time; how often each notable
//! thing happened. Never here: what an event means.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::executor::Handle;
use crate::rng::mix;

#[derive(Default)]
struct State {
    digest: u64,
    n_events: u64,
    marks: BTreeMap<&'static str, u64>,
    violation: Option<String>,
}

/// The trace of one run. Clones are the same trace.
#[derive(Clone)]
pub struct Trace {
    handle: Handle,
    is_printed: bool,
    state: Arc<Mutex<State>>,
}

impl Trace {
    pub fn new(handle: Handle, is_printed: bool) -> Trace {
        Trace {
            handle,
            is_printed,
            state: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happened that the digest is to tell apart.
    pub fn event(&self, numbers: &[u64]) {
        let now = self.handle.now().as_micros();
        let mut state = self.state();
        state.n_events += 1;
        let mut digest = mix(state.digest ^ now);
        for number in numbers {
            digest = mix(digest ^ number);
        }
        state.digest = digest;
    }

    /// The same, with a line for a reader.
    pub fn say(&self, what: fmt::Arguments<'_>) {
        let text = what.to_string();
        self.event(&[hash(text.as_bytes())]);
        if self.is_printed {
            let micros = self.handle.now().as_micros();
            eprintln!(
                "[{:>4}.{:06}] {text}",
                micros / 1_000_000,
                micros % 1_000_000
            );
        }
    }

    /// A state that the runs together must reach: a check that never had its case proves nothing.
    pub fn mark(&self, what: &'static str) {
        *self.state().marks.entry(what).or_default() += 1;
    }

    /// Something that must not happen. The first one ends the run.
    pub fn violation(&self, what: String) {
        self.say(format_args!("VIOLATION: {what}"));
        self.state().violation.get_or_insert(what);
    }

    pub fn found(&self) -> Option<String> {
        self.state().violation.clone()
    }

    pub fn digest(&self) -> (u64, u64) {
        let state = self.state();
        (state.n_events, state.digest)
    }

    pub fn marks(&self) -> BTreeMap<&'static str, u64> {
        self.state().marks.clone()
    }
}

/// Bytes as one number (FNV-1a over words).
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(bytes.len() as u64, |hash, chunk| {
        let word = chunk
            .iter()
            .fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        (hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
    })
}
