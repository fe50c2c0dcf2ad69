//! The active controller: requests become records.
//!
//! In: requests of brokers and administrators, what happened to connections, the time. Out: a
//! [`Decision`]: the records to commit, and the answer. Never here: the log, connections, a clock,
//! chance.
//!
//! **Committed before acted.** A [`Controller`] lives for one leadership of the quorum. It is made
//! from the image of everything in the log, once the leader's first record is committed, and thrown
//! away when the leadership ends. Every decision applies its records to the controller's own image
//! at once, so that the next decision already counts on them. The caller appends the records of one
//! decision as one batch, before it asks for another one, and sends the answer, also one without
//! records, only when everything up to then is committed: an answer may speak of records of earlier
//! decisions. What others act on is the image that they make of committed records. If the leadership
//! is lost, uncommitted records and waiting answers are gone together: the answer is NOT_CONTROLLER,
//! and the next controller starts from what is in the log.

mod alter_topic;
mod assignment;
mod brokers;
mod configs;
mod draft;
mod election;
mod features;
mod heartbeats;
mod internal_topics;
mod leaders;
mod partitions;
mod producer_ids;
mod reassignments;
mod refusal;
mod replication;
mod sessions;
mod stops;
mod throttled_reassignments;
mod topic_names;
mod topics;

use std::collections::BTreeSet;
use std::time::Duration;

use broker_types::{Durability, Monotonic, Offset};
use broker_wire::MetadataRecord;

use crate::image::Image;
use brokers::UntriedRegistrations;
use draft::Draft;
use sessions::Sessions;
use stops::GrantTimes;

pub use alter_topic::{Altered, TopicAlteration};
pub use configs::ConfigRules;
pub use internal_topics::{GROUP_METADATA_TOPIC_NAME, group_metadata_topic};
pub use refusal::Refusal;
pub use sessions::ProbeResult;
pub use stops::{CatchUp, Drained, GRANT_VALID_FOR, QuorumHealth, Registration, StopRefusal};
pub use throttled_reassignments::{
    Cancelled, MovingPage, MovingPartition, PartitionTarget, ReassignmentRefusal, ReassignmentSpec,
    ReassignmentSummary,
};
pub use topics::TopicIds;

/// What a cluster's controllers go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `broker.session.timeout.ms`.
    pub session_timeout: Duration,
    /// The session of a broker whose connection is lost and that does not answer when dialled.
    pub unreachable_session_timeout: Duration,
    /// What the cluster's replicas vouch for.
    pub durability: Durability,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            session_timeout: Duration::from_secs(4),
            unreachable_session_timeout: Duration::from_millis(1500),
            durability: Durability::Fsync,
        }
    }
}

/// When and where a decision is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub now: Monotonic,
    /// Offset that the decision's first record will take in the metadata log.
    pub log_end_offset: Offset,
}

/// What a request comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<R> {
    /// To be appended as one batch. Often none.
    pub records: Vec<MetadataRecord>,
    /// To be sent when the records, and all before them, are committed.
    pub response: R,
}

/// The state of the active controller.
#[derive(Clone, Debug)]
pub struct Controller {
    settings: Settings,
    /// All records in the log, those included that are not yet committed.
    image: Image,
    sessions: Sessions,
    untried: UntriedRegistrations,
    grants: GrantTimes,
    /// When leaderships were last balanced, or this leadership began.
    balanced_at: Monotonic,
    has_more_to_balance: bool,
}

impl Controller {
    /// Begins a leadership. Every unfenced broker gets a full session: how long it has been silent
    /// is not known. [`Controller::to_dial`] says whom to ask.
    pub fn new(settings: Settings, image: Image, now: Monotonic) -> Controller {
        let sessions = Sessions::granted(&image, now);
        Controller {
            grants: GrantTimes::anew(&image, now),
            settings,
            image,
            sessions,
            untried: UntriedRegistrations::default(),
            balanced_at: now,
            has_more_to_balance: false,
        }
    }

    /// The image that decisions are made on: it may be ahead of what is committed.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Runs `decide` on the image. With `validate_only` nothing stays of what it did.
    fn decide<R>(
        &mut self,
        validate_only: bool,
        decide: impl FnOnce(&mut Draft<'_>) -> R,
    ) -> Decision<R> {
        if validate_only {
            let mut image = self.image.clone();
            let response = decide(&mut Draft::new(&mut image, self.settings.durability));
            let records = Vec::new();
            return Decision { records, response };
        }
        let mut draft = Draft::new(&mut self.image, self.settings.durability);
        let response = decide(&mut draft);
        let records = draft.into_records();
        Decision { records, response }
    }
}

/// What a request names more than once: it is refused each time, for it is not known what was meant.
fn named_twice<K: Ord>(names: impl Iterator<Item = K>) -> BTreeSet<K> {
    let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for name in names {
        if let Some(name) = seen.replace(name) {
            twice.insert(name);
        }
    }
    twice
}

#[cfg(test)]
mod tests;
