//! What `DescribeQuorum` tells.
//!
//! In: the leader's view. Out: values. Never here: wall-clock time; the driver converts.

use broker_types::{BrokerId, Epoch, Monotonic, Offset};

use crate::ReplicaKey;
use crate::quorum::Quorum;
use crate::states::{Progress, Role};

/// The quorum as a leader sees it; of a replica that does not lead, only the first three fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    pub leader: Option<BrokerId>,
    pub epoch: Epoch,
    pub high_watermark: Offset,
    pub voters: Vec<ReplicaDescription>,
    pub observers: Vec<ReplicaDescription>,
}

/// A replica as the leader sees it. Its points in time are on the leader's monotonic clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaDescription {
    pub replica: ReplicaKey,
    /// End of its durable log; absent before it has fetched in this epoch.
    pub log_end: Option<Offset>,
    pub last_fetch: Option<Monotonic>,
    pub last_caught_up: Option<Monotonic>,
}

impl ReplicaDescription {
    fn new(replica: ReplicaKey, progress: &Progress) -> ReplicaDescription {
        ReplicaDescription {
            replica,
            log_end: progress.last_fetch.map(|_| progress.end_offset),
            last_fetch: progress.last_fetch,
            last_caught_up: progress.last_caught_up,
        }
    }
}

impl<P> Quorum<P> {
    /// The quorum as this replica sees it. A leader describes itself as of `now`.
    pub fn describe(&self, now: Monotonic) -> Description {
        let mut described = Description {
            leader: self.leader(),
            epoch: self.election.epoch,
            high_watermark: self.high_watermark,
            voters: Vec::new(),
            observers: Vec::new(),
        };
        let Role::Leader(state) = &self.role else {
            return described;
        };
        let me = ReplicaDescription {
            replica: self.me(),
            log_end: Some(self.log.end()),
            last_fetch: Some(now),
            last_caught_up: Some(now),
        };
        let others = state
            .replicas
            .iter()
            .map(|(key, it)| ReplicaDescription::new(*key, it));
        let (mut voters, observers): (Vec<_>, Vec<_>) = std::iter::once(me)
            .chain(others)
            .partition(|it| self.voters().contains(it.replica));
        voters.sort_by_key(|it| it.replica);
        (described.voters, described.observers) = (voters, observers);
        described
    }
}
