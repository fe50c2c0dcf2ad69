//! Where acknowledgements wait for the high watermark.
//!
//! In: a token, the offset it needs, the time it has. Out: tokens whose waiting is over.
//! Never here: answers; the number of waiters is bounded by the requests that are admitted.

use std::collections::BTreeMap;

use broker_types::{Monotonic, Offset};

use crate::Token;

/// Waiting tokens, in the order of the offsets they need.
///
/// Invariant: whoever holds it removes the tokens up to the high watermark when that moves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Purgatory {
    deadlines: BTreeMap<(Offset, Token), Monotonic>,
}

impl Purgatory {
    /// # Panics
    /// When the token waits already: an answer is given once.
    pub(crate) fn insert(&mut self, token: Token, required: Offset, deadline: Monotonic) {
        let replaced = self.deadlines.insert((required, token), deadline);
        assert!(replaced.is_none(), "{token:?} waits already");
    }

    /// Takes those that need no more than `high_watermark`, in the order of their offsets.
    pub(crate) fn take_up_to(&mut self, high_watermark: Offset) -> Vec<Token> {
        let mut tokens = Vec::new();
        while let Some(entry) = self.deadlines.first_entry() {
            if high_watermark < entry.key().0 {
                break;
            }
            let ((_, token), _) = entry.remove_entry();
            tokens.push(token);
        }
        tokens
    }

    /// Takes those whose deadline has come.
    pub(crate) fn take_expired(&mut self, now: Monotonic) -> Vec<Token> {
        self.deadlines
            .extract_if(.., |_, deadline| *deadline <= now)
            .map(|((_, it), _)| it)
            .collect()
    }

    /// Takes all.
    pub(crate) fn take_all(&mut self) -> Vec<Token> {
        std::mem::take(&mut self.deadlines)
            .into_keys()
            .map(|(_, token)| token)
            .collect()
    }

    /// The lowest offset that anyone waits for.
    pub(crate) fn required_min(&self) -> Option<Offset> {
        self.deadlines
            .first_key_value()
            .map(|((required, _), _)| *required)
    }

    pub(crate) fn len(&self) -> usize {
        self.deadlines.len()
    }
}
