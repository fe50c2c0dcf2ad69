//! Who votes: voters with the identity of their disk, and the history of that set by offset.
//!
//! In: `VotersRecord`s and the offsets at which they stand. Out: the set in force, and what a
//! majority of it has. Never here: whether a change is allowed (`voter_change`).

use std::collections::BTreeMap;
use std::fmt;

use broker_types::{BrokerId, DirectoryId, Offset};

/// Identity of a replica of the metadata log: the broker and its log directory (KIP-853).
///
/// A broker whose disk is empty has a new directory id, so it is never taken for the replica that
/// voted or acknowledged under the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaKey {
    pub id: BrokerId,
    pub directory_id: DirectoryId,
}

impl fmt::Display for ReplicaKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.id, self.directory_id)
    }
}

/// Where a voter listens for the quorum (`VotersRecord`, field `Endpoints`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Name of the listener.
    pub name: String,
    pub host: String,
    pub port: u16,
}

/// What the log says about a voter besides its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    pub directory_id: DirectoryId,
    pub endpoints: Vec<Endpoint>,
}

/// The voters, at most one per broker id. Empty when a replica has not learned of any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoterSet {
    voters: BTreeMap<BrokerId, Voter>,
}

impl VoterSet {
    /// A set of these voters; of two with one broker id the later stays.
    pub fn new(voters: impl IntoIterator<Item = (ReplicaKey, Vec<Endpoint>)>) -> VoterSet {
        let voters = voters.into_iter().map(|(key, endpoints)| {
            let directory_id = key.directory_id;
            (
                key.id,
                Voter {
                    directory_id,
                    endpoints,
                },
            )
        });
        VoterSet {
            voters: voters.collect(),
        }
    }

    pub fn len(&self) -> usize {
        self.voters.len()
    }

    pub fn is_empty(&self) -> bool {
        self.voters.is_empty()
    }

    /// How many voters are more than half.
    pub fn majority(&self) -> usize {
        self.voters.len() / 2 + 1
    }

    /// Whether this very replica, disk included, is a voter.
    pub fn contains(&self, key: ReplicaKey) -> bool {
        self.get(key.id)
            .is_some_and(|it| it.directory_id == key.directory_id)
    }

    /// The voter with this broker id, whatever its disk.
    pub fn get(&self, id: BrokerId) -> Option<&Voter> {
        self.voters.get(&id)
    }

    /// The voters in the order of their broker ids.
    pub fn iter(&self) -> impl Iterator<Item = (ReplicaKey, &Voter)> {
        self.voters.iter().map(|(&id, voter)| {
            let directory_id = voter.directory_id;
            (ReplicaKey { id, directory_id }, voter)
        })
    }

    /// The voters' identities in the order of their broker ids.
    pub fn keys(&self) -> impl Iterator<Item = ReplicaKey> {
        self.iter().map(|(key, _)| key)
    }

    /// The identities of all voters but one.
    pub(crate) fn others(&self, me: ReplicaKey) -> Vec<ReplicaKey> {
        self.keys().filter(|it| *it != me).collect()
    }

    /// The set with a voter added, or with its disk and endpoints replaced.
    #[must_use]
    pub(crate) fn with(&self, key: ReplicaKey, endpoints: Vec<Endpoint>) -> VoterSet {
        let mut voters = self.voters.clone();
        let directory_id = key.directory_id;
        voters.insert(
            key.id,
            Voter {
                directory_id,
                endpoints,
            },
        );
        VoterSet { voters }
    }

    /// The set without a voter.
    #[must_use]
    pub(crate) fn without(&self, id: BrokerId) -> VoterSet {
        let mut voters = self.voters.clone();
        voters.remove(&id);
        VoterSet { voters }
    }
}

/// The largest value that `majority` of these have reached; `None` when there are fewer.
pub(crate) fn reached_by<T: Ord + Copy>(values: &mut [T], majority: usize) -> Option<T> {
    values.sort_unstable_by(|left, right| right.cmp(left));
    values.get(majority.checked_sub(1)?).copied()
}

/// The voter sets that the log has held, each from the log end on at which it came into force.
///
/// A set is in force as soon as its record is in the log, committed or not (KIP-853); cutting the
/// record off brings the set before it back.
///
/// Invariant: never empty; offsets grow strictly; the first entry is what the log's start says.
#[derive(Clone, Debug)]
pub(crate) struct VoterHistory {
    sets: Vec<(Offset, VoterSet)>,
}

impl VoterHistory {
    pub(crate) fn new(start: Offset, set: VoterSet) -> VoterHistory {
        VoterHistory {
            sets: vec![(start, set)],
        }
    }

    /// The set in force at the end of the log.
    pub(crate) fn latest(&self) -> &VoterSet {
        &self.last().1
    }

    /// The log end at which the latest set came into force: just past its record.
    pub(crate) fn latest_since(&self) -> Offset {
        self.last().0
    }

    fn last(&self) -> &(Offset, VoterSet) {
        self.sets.last().expect("the history is never empty")
    }

    /// The set that a log ending at `end` says; the oldest known for an earlier end.
    pub(crate) fn at(&self, end: Offset) -> &VoterSet {
        let found = self.sets.iter().rev().find(|(since, _)| *since <= end);
        found
            .or(self.sets.first())
            .map(|(_, set)| set)
            .expect("the history is never empty")
    }

    /// The set in force at `end`, and those that came later.
    pub(crate) fn since(&self, end: Offset) -> impl Iterator<Item = &VoterSet> {
        let n_up_to = self
            .sets
            .iter()
            .take_while(|(since, _)| *since <= end)
            .count();
        self.sets
            .iter()
            .skip(n_up_to.saturating_sub(1))
            .map(|(_, set)| set)
    }

    /// Notes a record that ends at `end`.
    pub(crate) fn append(&mut self, end: Offset, set: VoterSet) {
        assert!(
            self.latest_since() < end,
            "voters records are noted in the order of the log"
        );
        self.sets.push((end, set));
    }

    /// Forgets the records that a truncation to `to` cuts off.
    pub(crate) fn truncate(&mut self, to: Offset) {
        let first = self.sets.first().map(|(since, _)| *since);
        self.sets
            .retain(|(since, _)| *since <= to || Some(*since) == first);
    }

    /// Forgets sets that were replaced at or before the new log start.
    pub(crate) fn trim(&mut self, start: Offset) {
        let n_replaced = self
            .sets
            .iter()
            .skip(1)
            .take_while(|(since, _)| *since <= start)
            .count();
        self.sets.drain(..n_replaced);
    }

    #[cfg(feature = "mutants")]
    pub(crate) fn ever_contained(&self, key: ReplicaKey) -> bool {
        self.sets.iter().any(|(_, set)| set.contains(key))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(ends: &[u64], expected: Expect) {
        let mut ends = ends.to_vec();
        let majority = ends.len() / 2 + 1;
        expected.assert_eq(&format!("{:?}", reached_by(&mut ends, majority)));
    }

    #[test]
    fn high_watermark_is_what_a_majority_of_voters_has() {
        check(&[], expect!["None"]);
        check(&[12], expect!["Some(12)"]);
        check(&[12, 5], expect!["Some(5)"]);
        check(&[12, 5, 5], expect!["Some(5)"]);
        check(&[12, 12, 5], expect!["Some(12)"]);
        check(&[12, 9, 5, 5], expect!["Some(5)"]);
        check(&[1, 9, 5, 7, 8], expect!["Some(7)"]);
    }

    fn key(id: u32, directory: u8) -> ReplicaKey {
        ReplicaKey {
            id: BrokerId::new(id),
            directory_id: DirectoryId::from_bytes([directory; 16]),
        }
    }

    fn set(ids: &[u32]) -> VoterSet {
        VoterSet::new(ids.iter().map(|it| (key(*it, 1), Vec::new())))
    }

    #[test]
    fn a_voter_with_another_disk_is_not_the_voter() {
        let voters = set(&[1, 2, 3]);
        assert!(voters.contains(key(2, 1)));
        assert!(!voters.contains(key(2, 2)));
        assert!(voters.get(BrokerId::new(2)).is_some());
    }

    #[test]
    fn truncation_brings_the_set_before_back() {
        let mut history = VoterHistory::new(Offset::ZERO, set(&[1]));
        history.append(Offset::new(5), set(&[1, 2]));
        history.append(Offset::new(9), set(&[1, 2, 3]));
        assert_eq!(history.at(Offset::new(8)), &set(&[1, 2]));
        history.truncate(Offset::new(8));
        assert_eq!(history.latest(), &set(&[1, 2]));
        history.truncate(Offset::new(4));
        assert_eq!(history.latest(), &set(&[1]));
    }

    #[test]
    fn trimming_keeps_the_set_in_force_at_the_new_start() {
        let mut history = VoterHistory::new(Offset::ZERO, set(&[1]));
        history.append(Offset::new(5), set(&[1, 2]));
        history.append(Offset::new(9), set(&[1, 2, 3]));
        history.trim(Offset::new(7));
        assert_eq!(history.at(Offset::new(7)), &set(&[1, 2]));
        assert_eq!(history.latest(), &set(&[1, 2, 3]));
        history.truncate(Offset::new(8));
        assert_eq!(history.latest(), &set(&[1, 2]));
    }
}
