//! Replication by fetch: what the leader answers, and what a follower does with an answer.
//!
//! In: Fetch and its answers. Out: appends, truncations by epoch, the next fetch after its sync.
//! Never here: the bytes of records; how long a fetch without news is kept (the driver does that).

use broker_types::{Epoch, ErrorCode, Monotonic, Offset};

use crate::ReplicaKey;
use crate::action::{Action, Append, Content, Halt, Target};
use crate::message::{
    FetchAnswer, FetchRequest, FetchResponse, Fetched, FetchedBatch, Request, Served,
};
use crate::mutant::mutated;
use crate::quorum::Quorum;
use crate::states::Role;

impl<P> Quorum<P> {
    /// Takes a replica's fetch: it tells how far the replica's log is durable and the same as ours.
    ///
    /// The driver may keep an answer without news (see [`Served::Records`]) for a while.
    pub fn handle_fetch(&mut self, now: Monotonic, request: &FetchRequest) -> FetchAnswer {
        if self.check_leadership(request.epoch).is_none() {
            match self.serve(request) {
                Served::Records { start, .. } => self.acknowledge(now, request.replica, start),
                Served::Diverging { .. } | Served::Snapshot(_) | Served::Nothing => {
                    self.note_contact(now, request.replica);
                }
            }
        }
        // The acknowledgement may have moved the high watermark, or ended the leadership.
        self.answer_fetch(request)
    }

    /// What a fetch gets now, without counting it: for one that the driver has kept.
    pub fn answer_fetch(&self, request: &FetchRequest) -> FetchAnswer {
        let error = self.check_leadership(request.epoch);
        let served = if error.is_none() {
            self.serve(request)
        } else {
            Served::Nothing
        };
        FetchAnswer {
            error,
            epoch: self.election.epoch,
            leader: self.leader(),
            high_watermark: self.high_watermark,
            log_start: self.log.start(),
            served,
        }
    }

    /// Why a request of `epoch` to the leader is refused.
    pub(crate) fn check_leadership(&self, epoch: Epoch) -> ErrorCode {
        if epoch < self.election.epoch {
            ErrorCode::FencedLeaderEpoch
        } else if epoch > self.election.epoch {
            ErrorCode::UnknownLeaderEpoch
        } else if matches!(self.role, Role::Leader(_)) {
            ErrorCode::None
        } else {
            ErrorCode::NotLeaderOrFollower
        }
    }

    fn serve(&self, request: &FetchRequest) -> Served {
        let start = request.fetch_offset;
        let snapshot = || self.snapshots.last().map(|it| Served::Snapshot(it.id));
        // A replica without a log gets a snapshot when there is one: it is the shorter way.
        let is_new = start == Offset::ZERO && self.log.end() > start;
        if (start < self.log.start() || is_new)
            && let Some(served) = snapshot()
        {
            return served;
        }
        match self.log.end_of_epoch(request.last_fetched_epoch) {
            // A log that starts above zero has a snapshot; one that starts at zero has epoch zero.
            None => snapshot().unwrap_or(Served::Diverging {
                epoch: Epoch::ZERO,
                end_offset: Offset::ZERO,
            }),
            Some((epoch, end)) if epoch == request.last_fetched_epoch && start <= end => {
                let end = self.served_end(request.replica).max(start);
                Served::Records { start, end }
            }
            Some((epoch, end_offset)) => Served::Diverging { epoch, end_offset },
        }
    }

    /// How much of the log a replica gets: an observer only what is committed.
    ///
    /// With more than that, an observer's log could be ahead of all voters' logs. Should it become a
    /// voter by an earlier leader's record, it would refuse every candidate, and not be one itself.
    pub(crate) fn served_end(&self, replica: ReplicaKey) -> Offset {
        if self.voters().contains(replica) {
            self.log.end()
        } else {
            self.high_watermark
        }
    }

    /// Sends the next fetch, once what it acknowledges is durable.
    pub(crate) fn send_fetch(&mut self, to: Target) {
        assert!(self.fetching.is_none(), "one fetch at a time");
        let request = FetchRequest {
            epoch: self.election.epoch,
            replica: self.me(),
            fetch_offset: self.log.end(),
            last_fetched_epoch: self.log.last_epoch(),
            high_watermark: self.high_watermark,
        };
        let early = mutated!(self, AckBeforeSync);
        let acknowledged = if early {
            Offset::ZERO
        } else {
            request.fetch_offset
        };
        self.fetching = Some(request.clone());
        self.fetch_at = Monotonic::NEVER;
        self.outbox.after_sync(
            acknowledged,
            Action::Send {
                to,
                request: Request::Fetch(request),
            },
        );
    }

    /// Takes the answer to a fetch.
    pub fn handle_fetch_response(
        &mut self,
        now: Monotonic,
        request: &FetchRequest,
        response: FetchResponse<P>,
    ) {
        // An answer to an earlier fetch is about a log that may be another one by now.
        if self.fetching.as_ref() != Some(request) {
            return;
        }
        self.fetching = None;
        self.fetch_at = now + self.retry_backoff();
        if response.epoch < self.election.epoch {
            return;
        }
        let Role::Follower(state) = &self.role else {
            return self.observe_epoch(now, response.epoch, response.leader);
        };
        let leader = state.leader;
        if response.epoch > self.election.epoch {
            return self.observe_epoch(now, response.epoch, response.leader);
        }
        if response.error == ErrorCode::NotLeaderOrFollower {
            // The leader of this epoch will never lead it again.
            return self.lose_leader(now);
        }
        if !response.error.is_none() {
            return;
        }
        self.hear_leader(now);
        match response.fetched {
            Fetched::Records(batches) => {
                if !self.append_fetched(batches) {
                    return;
                }
                let known = response.high_watermark.unwrap_or(Offset::ZERO);
                self.raise_high_watermark(known.min(self.log.end()));
            }
            Fetched::Diverging { epoch, end_offset } => {
                if !self.truncate_by_epoch(epoch, end_offset) {
                    return;
                }
            }
            Fetched::Snapshot(id) => return self.start_download(now, id),
        }
        self.stop_download();
        self.send_fetch(Target::Broker(leader));
    }

    /// Appends what the leader sent; `false` when it does not continue this log.
    fn append_fetched(&mut self, batches: Vec<FetchedBatch<P>>) -> bool {
        for batch in batches {
            let FetchedBatch {
                base_offset,
                end_offset,
                epoch,
                voters,
                payload,
            } = batch;
            let is_next = base_offset == self.log.end() && end_offset > base_offset;
            let epochs = self.log.last_epoch()..=self.election.epoch;
            if !is_next || !epochs.contains(&epoch) {
                return false;
            }
            self.log.append(epoch, end_offset);
            if let Some(voters) = voters {
                self.voters.append(end_offset, voters);
            }
            let content = Content::Payload(payload);
            self.outbox.push(Action::Append(Append {
                base_offset,
                end_offset,
                epoch,
                content,
            }));
        }
        true
    }

    /// Cuts the log to where it may still agree with the leader's (KIP-101, KIP-279).
    ///
    /// The leader's answer to the next fetch tells whether it does. `false` when nothing was cut.
    fn truncate_by_epoch(&mut self, epoch: Epoch, leader_end: Offset) -> bool {
        let to = match self.log.end_of_epoch(epoch) {
            Some((own_epoch, own_end)) if own_epoch == epoch => own_end.min(leader_end),
            Some((_, own_end)) => own_end,
            None => Offset::ZERO,
        };
        if to < self.high_watermark {
            let (epoch, high_watermark) = (self.election.epoch, self.high_watermark);
            let halt = Halt::DivergedBelowHighWatermark {
                epoch,
                at: to,
                high_watermark,
            };
            self.outbox.push(Action::Halt(halt));
            return false;
        }
        let is_cut = to < self.log.end();
        if is_cut {
            self.truncate_log(to);
        }
        is_cut
    }

    pub(crate) fn truncate_log(&mut self, to: Offset) {
        self.log.truncate(to);
        if !mutated!(self, VotersOutliveTruncation) {
            self.voters.truncate(to);
        }
        self.outbox.drop_fetches();
        self.fetching = None;
        self.outbox.set_durable_end(self.log.durable_end());
        self.outbox.push(Action::Truncate { to });
    }

    /// Sends what is due: a fetch of the log, or of the snapshot that it waits for.
    pub(crate) fn fetch_log_or_snapshot(&mut self, now: Monotonic, leader: Target) {
        if self.is_downloading() {
            self.send_fetch_snapshot(now, leader);
        } else if self.fetching.is_none() {
            self.send_fetch(leader);
        } else {
            // Its answer, or its failure, says when to fetch again.
            self.fetch_at = Monotonic::NEVER;
        }
    }

    pub(crate) fn fetch_failed(&mut self, now: Monotonic, request: &FetchRequest) {
        if self.fetching.as_ref() == Some(request) {
            self.fetching = None;
            self.fetch_at = now + self.retry_backoff();
        }
    }
}
