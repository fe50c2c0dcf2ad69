//! Where two logs part, and what a follower must cut (KIP-101, KIP-279).
//!
//! In: where epochs end on both sides. Out: a decision.
//! Never here: the cutting.

use broker_types::{LeaderEpoch, Offset};

use crate::EpochEnd;

/// The epochs of a log.
pub trait EpochEnds {
    /// Where the greatest epoch of this log that is not above `leader_epoch` ends. For an epoch
    /// below all that the log knows: that epoch, and where the first known one begins. `None` when
    /// the log knows no epochs.
    fn end_of(&self, leader_epoch: LeaderEpoch) -> Option<EpochEnd>;

    /// The greatest epoch the log knows: its last record's, or a later one in which this replica
    /// led and has appended nothing. That one must count too. No leader after it may know it, and
    /// only if it is seen to diverge is it forgotten; otherwise it would come to stand before
    /// records of earlier epochs that are fetched later. `None` when the log knows no epochs.
    fn latest_epoch(&self) -> Option<LeaderEpoch>;
}

/// Whether a follower whose latest epoch before `fetch_offset` is `last_fetched_epoch` holds
/// records or an epoch that a leader with this answer has not.
pub fn is_diverging(
    leader: EpochEnd,
    last_fetched_epoch: LeaderEpoch,
    fetch_offset: Offset,
) -> bool {
    leader.leader_epoch < last_fetched_epoch || leader.end_offset < fetch_offset
}

/// What a follower must do with its log before it may fetch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncation {
    /// The logs agree up to our end.
    None,
    /// Cut back to `to`. The logs may part further down: the next fetch will tell.
    To { to: Offset },
    /// The cut would fall below the high watermark. Acknowledged records are gone somewhere;
    /// unless that was allowed, stop rather than lose in silence.
    WouldLoseCommitted { to: Offset, high_watermark: Offset },
}

/// What a follower does when a leader answers that its greatest epoch not above the follower's
/// last one ends at `leader`.
pub fn truncation(
    leader: EpochEnd,
    own: &impl EpochEnds,
    log_end_offset: Offset,
    high_watermark: Offset,
) -> Truncation {
    // Where we know the leader's epoch, the logs agree up to where the first of us ends it. Where
    // we do not, the largest common epoch is below, so nothing after our greatest epoch below it
    // can be shared.
    let own_end = own.end_of(leader.leader_epoch).map(|it| it.end_offset);
    let to = own_end.map_or(leader.end_offset, |it| it.min(leader.end_offset));
    truncation_to(to, log_end_offset, high_watermark)
}

/// Judges a cut to `to`.
pub(crate) fn truncation_to(
    to: Offset,
    log_end_offset: Offset,
    high_watermark: Offset,
) -> Truncation {
    if log_end_offset <= to {
        Truncation::None
    } else if high_watermark <= to {
        Truncation::To { to }
    } else {
        Truncation::WouldLoseCommitted { to, high_watermark }
    }
}

#[cfg(test)]
mod tests;
