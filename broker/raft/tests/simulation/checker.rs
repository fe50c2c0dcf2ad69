//! What must hold after every event: Kafka's seven invariants of the quorum, and a few stronger ones.
//!
//! The checker sees everything, the disks included. The first violation ends the run.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use broker_raft::{ReplicaKey, RoleName, VoteRequest, VoterSet};

use crate::disk::{Batch, Image, State};
use crate::node::{Node, Process};
use crate::rng::mix;

#[derive(Debug, Default)]
pub(crate) struct Checker {
    pub(crate) violation: Option<String>,
    /// SingleLeader.
    leader_of: BTreeMap<u32, ReplicaKey>,
    /// Who voted for whom in which epoch, as others were told.
    votes: BTreeMap<(ReplicaKey, u32), ReplicaKey>,
    /// What each leader has written where: one batch per offset and epoch.
    written: BTreeMap<(u64, u32), u64>,
    /// ConsistentCommittedData: what is committed, in order.
    pub(crate) committed: Vec<Committed>,
    /// Disks that were lost, as they were.
    lost: BTreeMap<ReplicaKey, Image>,
    /// Epochs whose leader was seen to have all that was committed before.
    complete: BTreeSet<u32>,
    /// When something was last committed.
    pub(crate) committed_at: u64,
    /// When each epoch got its leader.
    led_since: BTreeMap<u32, u64>,
}

#[derive(Debug)]
pub(crate) struct Committed {
    pub(crate) batch: Rc<Batch>,
    /// The state once it is applied.
    pub(crate) state: State,
    /// Epoch of the leader that committed it.
    in_epoch: u32,
}

/// The longest that a leader may go on after another was elected: it resigns when no majority has
/// fetched for 3 s, and a fetch may be this late.
const SUPERSEDED_MAX: u64 = 3_000_000 + 1_500_000;

pub(crate) fn apply(state: State, batch: &Batch) -> State {
    State {
        applied: batch.end,
        hash: mix(state.hash ^ batch.id),
    }
}

impl Checker {
    pub(crate) fn fail(&mut self, what: impl FnOnce() -> String) {
        if self.violation.is_none() {
            self.violation = Some(what());
        }
    }

    fn require(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.fail(what);
        }
    }

    pub(crate) fn committed_end(&self) -> u64 {
        self.committed.last().map_or(0, |it| it.batch.end)
    }

    /// The voters that the committed log says, if it says any.
    pub(crate) fn committed_voters(&self) -> Option<&VoterSet> {
        self.committed
            .iter()
            .rev()
            .find_map(|it| it.batch.voters.as_ref())
    }

    pub(crate) fn disk_lost(&mut self, key: ReplicaKey, durable: Image) {
        self.lost.insert(key, durable);
    }

    pub(crate) fn is_lost(&self, key: ReplicaKey) -> bool {
        self.lost.contains_key(&key)
    }

    /// A vote was told to someone, or asked for, which tells the candidate's own.
    pub(crate) fn vote_told(&mut self, voter: ReplicaKey, request: &VoteRequest) {
        let (epoch, candidate) = (request.epoch.value(), request.candidate);
        let given = *self.votes.entry((voter, epoch)).or_insert(candidate);
        self.require(given == candidate, || {
            format!("{voter} voted for {given} and {candidate} in epoch {epoch}")
        });
    }

    /// LogMatching: with an offset and an epoch goes one batch, whoever holds it.
    pub(crate) fn appended(&mut self, holder: ReplicaKey, batch: &Batch) {
        let written = *self
            .written
            .entry((batch.base, batch.epoch))
            .or_insert(batch.id);
        let (base, epoch) = (batch.base, batch.epoch);
        self.require(written == batch.id, || {
            format!("{holder} holds another batch than others at {base} in epoch {epoch}")
        });
    }

    /// After each event that reached a process.
    pub(crate) fn check(&mut self, now: u64, nodes: &[Node], place: usize, is_settled: bool) {
        let Some(process) = &nodes[place].process else {
            return;
        };
        let key = nodes[place].disk.key;
        process.quorum.assert_invariants();
        self.check_monotonic(key, process);
        if is_settled {
            self.check_disk(&nodes[place]);
        }
        // A leader that removed itself commits that, and resigns, in one step.
        if matches!(process.quorum.role(), RoleName::Leader | RoleName::Resigned) {
            self.check_leader(now, nodes, place);
        }
    }

    fn check_monotonic(&mut self, key: ReplicaKey, process: &Process) {
        let (epoch, high_watermark) = (process.quorum.epoch(), process.quorum.high_watermark());
        let seen = process.seen;
        self.require(epoch >= seen.epoch, || {
            format!("{key} went back to epoch {epoch}")
        });
        self.require(high_watermark >= seen.high_watermark, || {
            format!("{key} lowered its high watermark to {high_watermark}")
        });
        let committed_end = self.committed_end();
        let leads = matches!(process.quorum.role(), RoleName::Leader | RoleName::Resigned);
        self.require(leads || high_watermark.value() <= committed_end, || {
            format!("{key} follows with high watermark {high_watermark} above {committed_end}")
        });
    }

    /// SnapshotAtLogStart, and LeaderCompleteness of whoever leads now.
    fn check_disk(&mut self, node: &Node) {
        let start = node.disk.cache.start;
        let is_covered = node.disk.snapshots.first().map(|it| it.id) == Some(start);
        self.require(start.end_offset.value() == 0 || is_covered, || {
            format!(
                "{} has no snapshot at its log start {start:?}",
                node.disk.key
            )
        });
        let Some(process) = &node.process else { return };
        let (known, is) = (process.quorum.log_end().value(), node.disk.cache.end());
        self.require(known == is, || {
            format!("{} thinks {is} is {known}", node.disk.key)
        });
        let epoch = process.quorum.epoch().value();
        if process.quorum.role() == RoleName::Leader && self.complete.insert(epoch) {
            self.check_completeness(node, epoch);
        }
    }

    fn check_leader(&mut self, now: u64, nodes: &[Node], place: usize) {
        let node = &nodes[place];
        let Some(process) = &node.process else { return };
        let (key, epoch) = (node.disk.key, process.quorum.epoch().value());
        if let std::collections::btree_map::Entry::Vacant(entry) = self.leader_of.entry(epoch) {
            entry.insert(key);
            self.led_since.insert(epoch, now);
        }
        let leader = self.leader_of[&epoch];
        self.require(leader == key, || {
            format!("{leader} and {key} lead epoch {epoch}")
        });
        let next = self.led_since.range(epoch + 1..).next();
        let leads = process.quorum.role() == RoleName::Leader;
        // What came while the process was paused counts as of when it went on.
        let since_awake = |since: u64| since.max(node.paused_until);
        let next = next.filter(|(_, since)| leads && now > since_awake(**since) + SUPERSEDED_MAX);
        if let Some((later, since)) = next {
            let lasted = now - since;
            let what = format!("{key} leads {epoch} for {lasted} us beside the leader of {later}");
            self.fail(|| what);
        }
        let high_watermark = process.quorum.high_watermark().value();
        let is_established = process
            .quorum
            .leadership()
            .is_some_and(|(_, start)| high_watermark > start.value());
        if high_watermark > self.committed_end() {
            self.check_majority(nodes, place, high_watermark);
            self.commit(node, high_watermark, epoch);
            self.committed_at = now;
        }
        let is_newest = self.leader_of.keys().next_back() == Some(&epoch);
        let committed_end = self.committed_end();
        self.require(
            !is_established || !is_newest || high_watermark >= committed_end,
            || {
                format!(
                    "{key} leads {epoch} with high watermark {high_watermark} < {committed_end}"
                )
            },
        );
    }

    /// LeaderCompleteness: whoever is elected has all that was committed in earlier epochs.
    fn check_completeness(&mut self, node: &Node, epoch: u32) {
        let log = &node.disk.cache;
        let start = log.start.end_offset.value();
        let missing = self.committed.iter().find(|it| {
            let is_earlier = it.in_epoch < epoch && it.batch.base >= start;
            is_earlier && log.ending_at(it.batch.end).map(|it| it.id) != Some(it.batch.id)
        });
        if let Some(missing) = missing.map(|it| it.batch.base) {
            let key = node.disk.key;
            self.fail(|| format!("{key} leads {epoch} without the committed batch at {missing}"));
        }
    }

    /// MajorityReachedHighWatermark, on the disks and not in what was said.
    fn check_majority(&mut self, nodes: &[Node], place: usize, high_watermark: u64) {
        let leader = &nodes[place];
        let Some(process) = &leader.process else {
            return;
        };
        let Some(last) = leader.disk.cache.ending_at(high_watermark) else {
            return self.fail(|| format!("no batch ends at the high watermark {high_watermark}"));
        };
        let voters = process.quorum.voters();
        let has = |key: &ReplicaKey| {
            let kept = nodes
                .iter()
                .find(|it| it.disk.key == *key)
                .map(|it| &it.disk.durable);
            let image = kept.or_else(|| self.lost.get(key));
            image.is_some_and(|it| {
                let is_in_snapshot = it.start.end_offset.value() >= high_watermark;
                is_in_snapshot
                    || it
                        .ending_at(high_watermark)
                        .is_some_and(|it| it.id == last.id)
            })
        };
        let n_with = voters.keys().filter(has).count();
        let (majority, key) = (voters.majority(), leader.disk.key);
        self.require(n_with >= majority, || {
            format!("{key} commits {high_watermark}, durable on {n_with} of {majority} voters")
        });
    }

    fn commit(&mut self, node: &Node, high_watermark: u64, in_epoch: u32) {
        let mut state = self
            .committed
            .last()
            .map_or(State::default(), |it| it.state);
        let key = node.disk.key;
        for batch in node.disk.cache.read(self.committed_end()) {
            if batch.end > high_watermark {
                break;
            }
            if batch.base != state.applied {
                let base = batch.base;
                return self.fail(|| format!("{key} commits {base}, not what was committed"));
            }
            state = apply(state, batch);
            self.committed.push(Committed {
                batch: Rc::clone(batch),
                state,
                in_epoch,
            });
        }
        self.require(state.applied == high_watermark, || {
            format!("{key} commits {high_watermark}, which is inside a batch")
        });
    }

    /// Applied-state equality, and with it ConsistentCommittedData.
    pub(crate) fn applied(&mut self, key: ReplicaKey, state: State) {
        if state == State::default() {
            return;
        }
        let place = self
            .committed
            .partition_point(|it| it.state.applied < state.applied);
        let expected = self.committed.get(place).map(|it| it.state);
        self.require(expected == Some(state), || {
            format!("{key} has {state:?} where others have {expected:?}")
        });
    }
}
