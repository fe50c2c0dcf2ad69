//! The one source of chance: everything that a run does follows from its seed (splitmix64).
//!
//! In: a seed. Out: numbers, the same ones for the same seed. Never here: any other chance.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Seeded chance, shared by all that one seed decides. Clones draw from the same stream.
#[derive(Clone, Debug)]
pub struct Chance {
    state: Arc<Mutex<u64>>,
}

/// Spreads a number over 64 bits.
pub fn mix(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance {
            state: Arc::new(Mutex::new(mix(seed))),
        }
    }

    pub fn number(&self) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(*state)
    }

    /// A number in `low..=high`.
    pub fn between(&self, low: u64, high: u64) -> u64 {
        low + self.number() % (high - low + 1)
    }

    pub fn micros(&self, low: u64, high: u64) -> Duration {
        Duration::from_micros(self.between(low, high))
    }

    pub fn millis(&self, low: u64, high: u64) -> Duration {
        self.micros(low * 1000, high * 1000)
    }

    /// True `per_mille` times in a thousand.
    pub fn happens(&self, per_mille: u64) -> bool {
        self.number() % 1000 < per_mille
    }

    /// A place in something of that length, which is not empty.
    pub fn index(&self, length: usize) -> usize {
        usize::try_from(self.number() % length.max(1) as u64).unwrap_or(0)
    }

    pub fn pick<T: Clone>(&self, from: &[T]) -> Option<T> {
        from.get(self.index(from.len())).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_numbers() {
        let numbers = |seed| {
            let chance = Chance::new(seed);
            [chance.number(), chance.between(3, 9), chance.number()]
        };
        assert_eq!(numbers(1), numbers(1));
        assert_ne!(numbers(1), numbers(2));
    }
}
