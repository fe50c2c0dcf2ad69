//! Recovery generations: the epochs of a quorum that was made anew from one survivor are its own.
//!
//! In: epochs. Out: which generation they are of. Never here: the recovery itself (`sole_voter`).
//!
//! ```text
//!   epoch   0 ─────────────── 2^24 ─────────────── 2·2^24 ───────
//!           │ generation 0     │ generation 1        │ generation 2
//!                              └ the first record says: one voter
//! ```
//!
//! When most voters have lost their disks, a person makes a survivor the only voter. Voters of before
//! may come back all the same, and they have a majority of the set that they know. So whoever has
//! heard of an epoch of a later generation, and has no record of that generation in its log, does not
//! stand: its set of voters was replaced by the first record that it lacks. A voter of before that
//! hears of the recovered quorum can only follow it. And its epochs are above all that were before, so
//! whoever is reached by both goes with the recovered quorum.

use broker_types::Epoch;

/// Epochs of one generation: an election each second for half a year. There is room for 127 recoveries.
const EPOCHS: u32 = 1 << 24;

pub(crate) fn generation(epoch: Epoch) -> u32 {
    epoch.value() / EPOCHS
}

/// The first epoch of the generation after that of `epoch`; `None` when there is no room for one.
pub(crate) fn first_of_next(epoch: Epoch) -> Option<Epoch> {
    let first = (generation(epoch) + 1).checked_mul(EPOCHS)?;
    (first < Epoch::MAX.value()).then(|| Epoch::new(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_is_of_one_generation() {
        let cases = [(0, 0), (EPOCHS - 1, 0), (EPOCHS, 1), (5 * EPOCHS + 7, 5)];
        for (epoch, expected) in cases {
            assert_eq!(generation(Epoch::new(epoch)), expected, "epoch {epoch}");
            let next = first_of_next(Epoch::new(epoch)).unwrap();
            assert_eq!(next.value(), (expected + 1) * EPOCHS);
            assert!(next.value() > epoch);
        }
    }

    #[test]
    fn the_last_generation_has_none_after_it() {
        assert_eq!(first_of_next(Epoch::MAX), None);
    }
}
