//! A follower of a partition: what to fetch, and what an answer means.
//!
//! In: the leader's answers, and what the log has done with them. Out: actions, and when to fetch
//! again. Never here: sessions, connections, the records.

use broker_types::{BrokerId, LeaderEpoch, Mutant, Offset};

use crate::truncation::truncation_to;
use crate::{
    Action, EpochEnd, EpochEnds, LeaderRecovery, Offsets, PartitionState, Truncation, truncation,
};

/// Where a follower fetches: a record is known by offset and leader epoch together, so this names
/// one log, and not another of the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchPosition {
    pub leader: BrokerId,
    pub leader_epoch: LeaderEpoch,
    /// The end of the own log.
    pub fetch_offset: Offset,
    /// The latest epoch before it, see [`EpochEnds::latest_epoch`].
    pub last_fetched_epoch: Option<LeaderEpoch>,
}

/// A leader's answer for the partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchResponse {
    /// What was asked.
    pub position: FetchPosition,
    pub fetched: Fetched,
}

/// What the leader answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// Records from the position on, perhaps none.
    Records {
        has_records: bool,
        high_watermark: Offset,
        log_start_offset: Offset,
    },
    /// The logs part; see [`crate::Served::Diverging`].
    Diverging(EpochEnd),
    /// The position is not in the leader's log, which has these bounds (asked with ListOffsets).
    OutOfRange {
        log_start_offset: Offset,
        log_end_offset: Offset,
    },
    /// FENCED_LEADER_EPOCH: there is a later leader.
    Fenced,
    /// Any other error, or no answer.
    Failed,
}

/// What the fetcher does after an answer, once the actions are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Append the records, report with `handle_appended` and `handle_durable`, fetch again.
    Append,
    /// Fetch again at the position that `fetch_position` states then.
    Fetch,
    /// Fetch again after a pause.
    BackOff,
    /// Do not fetch before the metadata has changed.
    AwaitMetadata,
    /// The answer is to a question that is no longer asked; drop it with its records.
    Drop,
}

/// What a follower knows beside the offsets of its own log.
///
/// ```text
///   Idle ──leader──► Fetching ──diverging, out of range──► Truncating ──truncated──► Fetching
///                       │                                     │
///                       ├──fenced──► Fenced                   ╰ (the cut is not allowed) ► Halted
///                       ╰── any ◄── a new leader or leader epoch
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Follower {
    leader: Option<BrokerId>,
    recovery: LeaderRecovery,
    stage: Stage,
    /// The leader's high watermark as it last stated it.
    leader_high_watermark: Offset,
    leader_log_start_offset: Offset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Fetching,
    Truncating { to: Offset },
    Fenced,
    Halted,
}

impl Follower {
    pub(crate) fn new(state: &PartitionState, actions: &mut Vec<Action>) -> Follower {
        let leader_epoch = state.leader_epoch;
        match state.leader {
            Some(leader) => actions.push(Action::StartFetching {
                leader,
                leader_epoch,
            }),
            None => actions.push(Action::StopFetching),
        }
        Follower {
            leader: state.leader,
            recovery: state.leader_recovery,
            stage: Stage::Fetching,
            leader_high_watermark: Offset::ZERO,
            leader_log_start_offset: Offset::ZERO,
        }
    }

    /// Cuts the log to what it knows to be committed: a mistake.
    pub(crate) fn cut(&mut self, to: Offset, actions: &mut Vec<Action>) {
        self.stage = Stage::Truncating { to };
        actions.push(Action::Truncate { to });
    }

    pub(crate) fn leader(&self) -> Option<BrokerId> {
        self.leader
    }

    /// Takes another state of the same leader and leader epoch.
    pub(crate) fn handle_state(&mut self, state: &PartitionState) {
        self.recovery = state.leader_recovery;
    }

    /// Where to fetch; `None` while there is nothing to ask, or no one.
    pub(crate) fn fetch_position(
        &self,
        leader_epoch: LeaderEpoch,
        fetch_offset: Offset,
        last_fetched_epoch: Option<LeaderEpoch>,
    ) -> Option<FetchPosition> {
        match self.stage {
            Stage::Fetching => self.leader.map(|leader| FetchPosition {
                leader,
                leader_epoch,
                fetch_offset,
                last_fetched_epoch,
            }),
            Stage::Truncating { .. } | Stage::Fenced | Stage::Halted => None,
        }
    }

    pub(crate) fn handle_fetched(
        &mut self,
        fetched: Fetched,
        own: &impl EpochEnds,
        offsets: &mut Offsets,
        actions: &mut Vec<Action>,
    ) -> Next {
        match fetched {
            Fetched::Records {
                has_records,
                high_watermark,
                log_start_offset,
            } => {
                self.leader_high_watermark = high_watermark;
                self.leader_log_start_offset = log_start_offset;
                if has_records {
                    return Next::Append;
                }
                self.advance(offsets, actions);
                Next::Fetch
            }
            Fetched::Diverging(end) => {
                let to = truncation(end, own, offsets.log_end_offset, offsets.high_watermark);
                if to == Truncation::None {
                    // An epoch in which this replica led and appended nothing is in its way.
                    let to = offsets.log_end_offset;
                    self.stage = Stage::Truncating { to };
                    actions.push(Action::Truncate { to });
                    return Next::BackOff;
                }
                self.truncate(to, actions)
            }
            Fetched::OutOfRange {
                log_start_offset,
                log_end_offset,
            } => {
                if offsets.log_end_offset < log_start_offset {
                    // All that we have is deleted on the leader, and a gap would follow it.
                    self.stage = Stage::Truncating {
                        to: log_start_offset,
                    };
                    actions.push(Action::TruncateFully {
                        start_offset: log_start_offset,
                    });
                    return Next::Fetch;
                }
                let (own_end, high_watermark) = (offsets.log_end_offset, offsets.high_watermark);
                self.truncate(
                    truncation_to(log_end_offset, own_end, high_watermark),
                    actions,
                )
            }
            Fetched::Fenced if Mutant::FetchOnWhenFenced.is_made() => Next::Fetch,
            Fetched::Fenced => {
                self.stage = Stage::Fenced;
                actions.push(Action::StopFetching);
                Next::AwaitMetadata
            }
            Fetched::Failed => Next::BackOff,
        }
    }

    fn truncate(&mut self, truncation: Truncation, actions: &mut Vec<Action>) -> Next {
        match (truncation, self.recovery) {
            // The leader finds fault with a log that agrees with its own: look again later.
            (Truncation::None, _) => Next::BackOff,
            (Truncation::To { to }, _)
            | (Truncation::WouldLoseCommitted { to, .. }, LeaderRecovery::Recovering) => {
                self.stage = Stage::Truncating { to };
                actions.push(Action::Truncate { to });
                Next::Fetch
            }
            (Truncation::WouldLoseCommitted { to, high_watermark }, LeaderRecovery::Recovered) => {
                self.stage = Stage::Halted;
                actions.push(Action::StopFetching);
                actions.push(Action::Halt { to, high_watermark });
                Next::AwaitMetadata
            }
        }
    }

    /// Takes what truncation has left. The cut may have gone below what was asked: to the start of
    /// a batch.
    pub(crate) fn handle_truncated(&mut self, offsets: &Offsets) {
        match self.stage {
            Stage::Truncating { to } => {
                assert!(
                    offsets.log_end_offset <= to,
                    "more was kept than {to}: {offsets:?}"
                );
                self.stage = Stage::Fetching;
            }
            Stage::Fetching | Stage::Fenced | Stage::Halted => {}
        }
    }

    /// Moves high watermark and log start after the leader's, as far as the own log goes.
    ///
    /// A new leader may state less than the one before it until it has caught up with what is
    /// committed; what was committed stays so, and the high watermark stays.
    pub(crate) fn advance(&self, offsets: &mut Offsets, actions: &mut Vec<Action>) {
        let high_watermark = self.leader_high_watermark.min(offsets.log_end_offset);
        if offsets.high_watermark < high_watermark {
            offsets.high_watermark = high_watermark;
            actions.push(Action::SetHighWatermark(high_watermark));
        }
        let log_start_offset = self.leader_log_start_offset.min(offsets.high_watermark);
        if offsets.log_start_offset < log_start_offset {
            offsets.log_start_offset = log_start_offset;
            actions.push(Action::AdvanceLogStart {
                to: log_start_offset,
            });
        }
    }
}
