//! Which leader wrote which part of a log (KIP-101, KIP-279, KIP-320).
//!
//! In: epochs as leaders begin them and as batches carry them; truncations. Out: where an epoch
//! ends, which is where two replicas agree. Never here: files; this is their text.
//!
//! ```text
//!   offsets   0        10        25              log end 40
//!             ├─ epoch 0 ┼─ epoch 2 ┼─ epoch 5 ─────┤
//!             end of epoch 0 or 1 is 10, of 2, 3 or 4 is 25, of 5 is 40
//! ```

use broker_types::{LeaderEpoch, Offset};

/// An epoch and the first offset its leader wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochStart {
    pub epoch: LeaderEpoch,
    pub start_offset: Offset,
}

/// The end of an epoch, as far as this replica knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEnd {
    /// The greatest epoch known that is not greater than the one asked for.
    pub epoch: LeaderEpoch,
    /// First offset after it.
    pub end_offset: Offset,
}

/// The epochs of a log.
///
/// Invariant: epochs and start offsets ascend; no start offset is beyond the log end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaderEpochs {
    entries: Vec<EpochStart>,
}

impl LeaderEpochs {
    pub fn latest(&self) -> Option<LeaderEpoch> {
        self.entries.last().map(|it| it.epoch)
    }

    pub fn entries(&self) -> &[EpochStart] {
        &self.entries
    }

    /// The epoch of the record at `offset`, if that is known.
    pub fn epoch_at(&self, offset: Offset) -> Option<LeaderEpoch> {
        let after = self.entries.partition_point(|it| it.start_offset <= offset);
        let entry = self.entries.get(after.checked_sub(1)?)?;
        Some(entry.epoch)
    }

    /// `epoch` begins at `start_offset`. Returns whether that was news.
    ///
    /// Entries that it contradicts go: those of later epochs, and those that begin later. They can
    /// only be of records that were cut off.
    pub(crate) fn assign(&mut self, epoch: LeaderEpoch, start_offset: Offset) -> bool {
        if self.latest() == Some(epoch) {
            return false;
        }
        let is_before = |it: &EpochStart| it.epoch < epoch && it.start_offset < start_offset;
        let kept = self.entries.partition_point(is_before);
        self.entries.truncate(kept);
        self.entries.push(EpochStart {
            epoch,
            start_offset,
        });
        true
    }

    /// The log now ends at `end_offset`.
    pub(crate) fn truncate_from_end(&mut self, end_offset: Offset) {
        self.entries.retain(|it| it.start_offset < end_offset);
    }

    /// The log now starts at `log_start_offset`: the epoch there begins there.
    pub(crate) fn truncate_from_start(&mut self, log_start_offset: Offset) {
        let after = self
            .entries
            .partition_point(|it| it.start_offset <= log_start_offset);
        if let Some(last) = after.checked_sub(1) {
            self.entries.drain(..last);
            if let Some(first) = self.entries.first_mut() {
                first.start_offset = log_start_offset;
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// Where `epoch` ends in a log that ends at `log_end_offset`. `None` when the epoch is greater
    /// than all that are known, or none is.
    ///
    /// As in Kafka an epoch before the first known one ends where that begins, and keeps its own
    /// number in the answer.
    pub fn end_offset_for(&self, epoch: LeaderEpoch, log_end_offset: Offset) -> Option<EpochEnd> {
        let latest = self.latest()?;
        if epoch == latest {
            return Some(EpochEnd {
                epoch,
                end_offset: log_end_offset,
            });
        }
        if epoch > latest {
            return None;
        }
        let after = self.entries.partition_point(|it| it.epoch <= epoch);
        let end_offset = self.entries.get(after)?.start_offset;
        let floor = after.checked_sub(1).and_then(|it| self.entries.get(it));
        Some(EpochEnd {
            epoch: floor.map_or(epoch, |it| it.epoch),
            end_offset,
        })
    }

    /// The text of `leader-epoch-checkpoint`: version, count, then a line for each epoch.
    pub(crate) fn encode(&self) -> String {
        use std::fmt::Write;
        let mut text = format!("0\n{}\n", self.entries.len());
        for entry in &self.entries {
            writeln!(text, "{} {}", entry.epoch, entry.start_offset)
                .expect("a string takes all that is written");
        }
        text
    }

    /// Reads the text. `None` when it is not whole, or not ascending.
    pub(crate) fn decode(text: &str) -> Option<LeaderEpochs> {
        if !text.ends_with('\n') {
            return None;
        }
        let mut lines = text.lines();
        if lines.next()? != "0" {
            return None;
        }
        let count: usize = lines.next()?.parse().ok()?;
        let entry = |line: &str| {
            let (epoch, start_offset) = line.split_once(' ')?;
            Some(EpochStart {
                epoch: LeaderEpoch::from_wire(epoch.parse().ok()?)?,
                start_offset: Offset::from_wire(start_offset.parse().ok()?)?,
            })
        };
        let entries = lines.map(entry).collect::<Option<Vec<_>>>()?;
        let ascends = entries.is_sorted_by(|first, second| {
            first.epoch < second.epoch && first.start_offset < second.start_offset
        });
        (entries.len() == count && ascends).then_some(LeaderEpochs { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(entries: &[(u32, u64)]) -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        for (epoch, start_offset) in entries {
            epochs.assign(LeaderEpoch::new(*epoch), Offset::new(*start_offset));
        }
        epochs
    }

    fn list(epochs: &LeaderEpochs) -> Vec<(u32, u64)> {
        let pair = |it: &EpochStart| (it.epoch.value(), it.start_offset.value());
        epochs.entries().iter().map(pair).collect()
    }

    #[test]
    fn an_epoch_ends_where_the_next_known_one_begins() {
        let epochs = epochs(&[(1, 0), (3, 10), (5, 25)]);
        let cases = [
            (0, Some((0, 0))),
            (1, Some((1, 10))),
            (2, Some((1, 10))),
            (3, Some((3, 25))),
            (4, Some((3, 25))),
            (5, Some((5, 40))),
            (6, None),
        ];
        for (epoch, expected) in cases {
            let end = epochs.end_offset_for(LeaderEpoch::new(epoch), Offset::new(40));
            let end = end.map(|it| (it.epoch.value(), it.end_offset.value()));
            assert_eq!(end, expected, "epoch {epoch}");
        }
        let none = LeaderEpochs::default();
        assert_eq!(none.end_offset_for(LeaderEpoch::ZERO, Offset::ZERO), None);
    }

    #[test]
    fn a_new_epoch_removes_what_it_contradicts() {
        let cases = [
            (&[(1, 0), (3, 10)][..], (3, 20), &[(1, 0), (3, 10)][..]),
            (&[(1, 0), (3, 10)], (4, 20), &[(1, 0), (3, 10), (4, 20)]),
            // An epoch without records is replaced by the next one.
            (&[(1, 0), (3, 10)], (4, 10), &[(1, 0), (4, 10)]),
            // Only after records were cut off can a smaller epoch follow.
            (&[(1, 0), (3, 10)], (2, 5), &[(1, 0), (2, 5)]),
            (&[(1, 5)], (2, 0), &[(2, 0)]),
        ];
        for (before, (epoch, start), after) in cases {
            let mut epochs = epochs(before);
            epochs.assign(LeaderEpoch::new(epoch), Offset::new(start));
            assert_eq!(list(&epochs), after, "{before:?} then {epoch} at {start}");
        }
    }

    #[test]
    fn truncation_keeps_the_epochs_of_what_is_left() {
        let all = [(1, 0), (3, 10), (5, 25)];
        for (end, expected) in [
            (40, &all[..]),
            (25, &all[..2]),
            (11, &all[..2]),
            (10, &all[..1]),
        ] {
            let mut epochs = epochs(&all);
            epochs.truncate_from_end(Offset::new(end));
            assert_eq!(list(&epochs), expected, "end {end}");
        }
        for (start, expected) in [
            (0, &all[..]),
            (9, &[(1, 9), (3, 10), (5, 25)]),
            (10, &[(3, 10), (5, 25)]),
            (30, &[(5, 30)]),
        ] {
            let mut epochs = epochs(&all);
            epochs.truncate_from_start(Offset::new(start));
            assert_eq!(list(&epochs), expected, "start {start}");
        }
    }

    #[test]
    fn the_epoch_of_an_offset_is_the_last_that_began() {
        let epochs = epochs(&[(1, 5), (3, 10)]);
        for (offset, expected) in [(4, None), (5, Some(1)), (9, Some(1)), (10, Some(3))] {
            let epoch = epochs.epoch_at(Offset::new(offset)).map(LeaderEpoch::value);
            assert_eq!(epoch, expected, "{offset}");
        }
    }

    #[test]
    fn the_text_is_kafkas_and_damage_is_refused() {
        let epochs = epochs(&[(1, 0), (3, 10)]);
        let text = epochs.encode();
        assert_eq!(text, "0\n2\n1 0\n3 10\n");
        assert_eq!(LeaderEpochs::decode(&text), Some(epochs));
        for text in [
            "",
            "0\n2\n1 0\n3 1",
            "0\n2\n1 0\n",
            "1\n0\n",
            "0\n1\n1\n",
            "0\n2\n3 10\n1 0\n",
        ] {
            assert_eq!(LeaderEpochs::decode(text), None, "{text:?}");
        }
    }
}
