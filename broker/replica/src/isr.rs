//! The in-sync replicas as their leader knows them: committed, proposed, or in doubt.
//!
//! In: metadata and the controller's answers. Out: which set counts for what.
//! Never here: who should be in it.
//!
//! ```text
//!              propose                    refused for certain
//!   committed ─────────► in flight ──────────────────────────────► committed
//!       ▲                 │     ▲ │
//!       │          unknown│     │ └──── refused: we are behind ──► awaiting metadata
//!       │                 ▼     │again                                   │
//!       │               retry at                                         │
//!       └───────────────────────┴──── a newer partition epoch ◄──────────┘
//! ```

use std::collections::BTreeSet;

use broker_types::{BrokerId, ErrorCode, Monotonic};

use crate::AlterPartition;

/// The in-sync replicas of a partition, as its leader knows them.
#[derive(Clone, Debug)]
pub(crate) struct Isr {
    committed: BTreeSet<BrokerId>,
    proposal: Option<Proposal>,
    /// Members of proposals that were sent more than once and then refused: an earlier copy may
    /// still be on its way to the controller. They are in doubt until the partition epoch moves.
    in_doubt: BTreeSet<BrokerId>,
    /// After a refusal no proposal is made before this, or one follower's fetches would each make
    /// one.
    propose_at: Monotonic,
    /// Requests sent since the partition epoch moved.
    attempts: u64,
}

#[derive(Clone, Debug)]
struct Proposal {
    /// Sent again as it is but for its number: the broker epochs are those at which the members qualified.
    request: AlterPartition,
    stage: Stage,
    has_been_retried: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    InFlight,
    RetryAt(Monotonic),
    AwaitingMetadata,
}

/// What a refusal by the controller means for a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disposition {
    /// Not done, for certain: back to what is committed.
    RollBack,
    /// Decided on newer metadata than ours, or perhaps done already: the metadata will tell.
    AwaitMetadata,
    /// Perhaps done, perhaps not: ask again.
    Retry,
}

fn disposition(error: ErrorCode) -> Disposition {
    if matches!(
        error,
        ErrorCode::OperationNotAttempted | ErrorCode::IneligibleReplica | ErrorCode::InvalidRequest
    ) {
        Disposition::RollBack
    } else if matches!(
        error,
        ErrorCode::InvalidUpdateVersion
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::NewLeaderElected
            | ErrorCode::UnknownTopicOrPartition
            | ErrorCode::UnknownTopicId
    ) {
        Disposition::AwaitMetadata
    } else {
        Disposition::Retry
    }
}

impl Isr {
    pub(crate) fn new(committed: BTreeSet<BrokerId>) -> Isr {
        Isr {
            committed,
            proposal: None,
            in_doubt: BTreeSet::new(),
            propose_at: Monotonic::ZERO,
            attempts: 0,
        }
    }

    /// The set the metadata has. Whether it is as large as `min.insync.replicas` is asked of it.
    pub(crate) fn committed(&self) -> &BTreeSet<BrokerId> {
        &self.committed
    }

    /// Whether a controller could elect this broker for being in the ISR, for all we know: it is
    /// in the committed set or in a proposal (KIP-497's maximal ISR). The high watermark waits
    /// for all of these.
    pub(crate) fn may_contain(&self, broker: BrokerId) -> bool {
        let proposed = self.proposal.iter().flat_map(|it| &it.request.isr);
        self.committed.contains(&broker)
            || self.in_doubt.contains(&broker)
            || proposed.into_iter().any(|it| it.broker_id == broker)
    }

    pub(crate) fn may_propose(&self, now: Monotonic) -> bool {
        self.proposal.is_none() && self.propose_at <= now
    }

    /// Numbers a request and waits for its answer.
    ///
    /// # Panics
    /// When there is a proposal already: one at a time, or their order would be unknown.
    pub(crate) fn propose(&mut self, mut request: AlterPartition) -> AlterPartition {
        assert!(self.proposal.is_none(), "one proposal at a time");
        self.attempts += 1;
        request.attempt = self.attempts;
        self.proposal = Some(Proposal {
            request: request.clone(),
            stage: Stage::InFlight,
            has_been_retried: false,
        });
        request
    }

    /// Takes the refusal of a request, or the lack of an answer. Of a request that is no longer
    /// in flight it says nothing: taken for another's it could roll back one that was adopted.
    pub(crate) fn handle_error(
        &mut self,
        request: &AlterPartition,
        error: ErrorCode,
        retry_at: Monotonic,
    ) {
        let Some(proposal) = &mut self.proposal else {
            return;
        };
        if proposal.stage != Stage::InFlight || proposal.request != *request {
            return;
        }
        match disposition(error) {
            Disposition::Retry => proposal.stage = Stage::RetryAt(retry_at),
            Disposition::AwaitMetadata => proposal.stage = Stage::AwaitingMetadata,
            Disposition::RollBack => {
                if proposal.has_been_retried {
                    self.in_doubt
                        .extend(proposal.request.isr.iter().map(|it| it.broker_id));
                }
                self.proposal = None;
                self.propose_at = retry_at;
            }
        }
    }

    /// The request to send again, when its time has come.
    pub(crate) fn take_retry(&mut self, now: Monotonic) -> Option<AlterPartition> {
        let proposal = self.proposal.as_mut()?;
        match proposal.stage {
            Stage::RetryAt(at) if at <= now => {
                proposal.stage = Stage::InFlight;
                proposal.has_been_retried = true;
                self.attempts += 1;
                proposal.request.attempt = self.attempts;
                Some(proposal.request.clone())
            }
            Stage::RetryAt(_) | Stage::InFlight | Stage::AwaitingMetadata => None,
        }
    }
}
