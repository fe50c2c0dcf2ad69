//! Changes of the voters: one at a time, by the leader, in the log (KIP-853).
//!
//! In: AddRaftVoter, RemoveRaftVoter, UpdateRaftVoter. Out: a `VotersRecord`, and the answer once it
//! is committed, or a refusal. Never here: who wants the change, and why.
//!
//! Two majorities of sets that differ by one voter overlap; of sets that differ by two they need
//! not. So a change waits until the one before is committed, and until a record of the leader's own
//! epoch is: before that, the leader cannot know which change of an older epoch will stand.

use broker_types::{ErrorCode, Monotonic, Offset};

use crate::action::{Action, ControlRecord};
use crate::message::{
    AddVoterRequest, RemoveVoterRequest, ReplyTo, Request, Response, UpdateVoterRequest,
    VoterChangeResponse,
};
use crate::mutant::mutated;
use crate::quorum::Quorum;
use crate::states::{Leader, Role};
use crate::voter_set::VoterSet;

/// A change that is in the log and not committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PendingChange {
    /// Just past its record.
    end_offset: Offset,
    /// Who waits for it; nobody when the leader changed its own endpoints.
    reply_to: Option<ReplyTo>,
}

/// Why a change is refused.
type Refusal = (ErrorCode, &'static str);

impl<P> Quorum<P> {
    /// Makes an observer that has caught up a voter.
    pub fn handle_add_voter(&mut self, now: Monotonic, to: ReplyTo, request: &AddVoterRequest) {
        let next = self
            .leader_for_change()
            .and_then(|state| self.check_add(now, state, request));
        self.change_voters(now, Some(to), next);
    }

    fn check_add(
        &self,
        now: Monotonic,
        state: &Leader,
        request: &AddVoterRequest,
    ) -> Result<VoterSet, Refusal> {
        if self.voters().get(request.voter.id).is_some() {
            return Err((ErrorCode::DuplicateVoter, "there is a voter with this id"));
        }
        let limit = self.config.timeouts.fetch;
        let caught_up = state
            .replicas
            .get(&request.voter)
            .and_then(|it| it.last_caught_up);
        if caught_up.is_none_or(|at| now.since(at) > limit) {
            let message = "the new voter has not caught up with the leader";
            return Err((ErrorCode::RequestTimedOut, message));
        }
        Ok(self.voters().with(request.voter, request.endpoints.clone()))
    }

    /// Makes a voter an observer.
    ///
    /// Refused when the voters that remain have no majority that is alive. A leader that removes
    /// itself leads on, without counting itself, until the change is committed.
    pub fn handle_remove_voter(
        &mut self,
        now: Monotonic,
        to: ReplyTo,
        request: &RemoveVoterRequest,
    ) {
        let next = self
            .leader_for_change()
            .and_then(|state| self.check_remove(now, state, request));
        self.change_voters(now, Some(to), next);
    }

    fn check_remove(
        &self,
        now: Monotonic,
        state: &Leader,
        request: &RemoveVoterRequest,
    ) -> Result<VoterSet, Refusal> {
        if !self.voters().contains(request.voter) {
            return Err((ErrorCode::VoterNotFound, "there is no such voter"));
        }
        let next = self.voters().without(request.voter.id);
        if next.is_empty() {
            return Err((
                ErrorCode::InvalidRequest,
                "the last voter cannot be removed",
            ));
        }
        if self.n_alive(state, now, &next) < next.majority() {
            let message = "the voters that remain have no majority that is alive";
            return Err((ErrorCode::InvalidRequest, message));
        }
        Ok(next)
    }

    /// Changes where a voter listens.
    pub fn handle_update_voter(
        &mut self,
        now: Monotonic,
        to: ReplyTo,
        request: &UpdateVoterRequest,
    ) {
        let error = self.check_leadership(request.epoch);
        let next = if error.is_none() {
            self.leader_for_change()
                .and_then(|_| self.check_update(request))
        } else {
            Err((
                error,
                "the request is of another epoch or not for this replica",
            ))
        };
        self.change_voters(now, Some(to), next);
    }

    fn check_update(&self, request: &UpdateVoterRequest) -> Result<VoterSet, Refusal> {
        if !self.voters().contains(request.voter) {
            return Err((ErrorCode::VoterNotFound, "there is no such voter"));
        }
        Ok(self.voters().with(request.voter, request.endpoints.clone()))
    }

    /// The leader's state, when it may change the voters now.
    fn leader_for_change(&self) -> Result<&Leader, Refusal> {
        let Role::Leader(state) = &self.role else {
            return Err((ErrorCode::NotLeaderOrFollower, "this replica does not lead"));
        };
        let is_pending = self.voters.latest_since() > self.high_watermark;
        let is_established = self.has_committed_own_epoch(state);
        if (is_pending || !is_established) && !mutated!(self, TwoVoterChanges) {
            let message = "the leader has not committed what is in its log, or an earlier change";
            return Err((ErrorCode::RequestTimedOut, message));
        }
        Ok(state)
    }

    fn change_voters(
        &mut self,
        now: Monotonic,
        reply_to: Option<ReplyTo>,
        next: Result<VoterSet, Refusal>,
    ) {
        let next = match next {
            Ok(next) => next,
            Err((error, message)) => return self.answer_voter_change(reply_to, error, message),
        };
        if next == *self.voters() {
            return self.answer_voter_change(reply_to, ErrorCode::None, "");
        }
        let records = vec![ControlRecord::Voters(next.clone())];
        let end_offset = self.append_control(records).end;
        self.voters.append(end_offset, next);
        if let Role::Leader(state) = &mut self.role {
            state.change = Some(PendingChange {
                end_offset,
                reply_to,
            });
            state.expect_voters(now, &self.voters.latest().others(self.config.me));
        }
        self.advance_high_watermark(now);
    }

    /// Answers for a change that the high watermark has passed.
    pub(crate) fn complete_voter_change(&mut self, now: Monotonic) {
        let committed = self.high_watermark;
        let Role::Leader(state) = &mut self.role else {
            return;
        };
        let done = state.change.take_if(|it| it.end_offset <= committed);
        let is_committed = self.voters.latest_since() <= committed;
        if let Some(change) = done {
            self.answer_voter_change(change.reply_to, ErrorCode::None, "");
        }
        if is_committed && !self.is_voter() {
            self.resign(now);
        }
    }

    /// Answers for a change that is no longer this replica's: whether it stands is not known here.
    pub(crate) fn abandon_voter_change(&mut self, change: Option<PendingChange>) {
        let error = ErrorCode::NotLeaderOrFollower;
        let message = "whether the change stands is not known";
        if let Some(change) = change {
            self.answer_voter_change(change.reply_to, error, message);
        }
    }

    fn answer_voter_change(
        &mut self,
        to: Option<ReplyTo>,
        error: ErrorCode,
        message: &'static str,
    ) {
        let Some(to) = to else { return };
        let (epoch, leader) = (self.election.epoch, self.leader());
        let response = VoterChangeResponse {
            error,
            epoch,
            leader,
            message,
        };
        let response = Response::VoterChange(response);
        self.outbox.after_persist(Action::Respond { to, response });
    }

    /// What a voter asks the leader for when the log has other endpoints than its own.
    pub(crate) fn update_request(&self) -> Option<Request> {
        let endpoints = &self.config.endpoints;
        let voter = self
            .voters()
            .get(self.me().id)
            .filter(|_| self.is_voter())?;
        let is_known = endpoints.is_empty() || voter.endpoints == *endpoints;
        let (epoch, voter) = (self.election.epoch, self.me());
        let request = UpdateVoterRequest {
            epoch,
            voter,
            endpoints: endpoints.clone(),
        };
        (!is_known).then_some(Request::UpdateVoter(request))
    }

    /// A leader changes its own endpoints when it may.
    pub(crate) fn update_own_endpoints(&mut self, now: Monotonic) {
        let Some(Request::UpdateVoter(request)) = self.update_request() else {
            return;
        };
        let next = self
            .leader_for_change()
            .and_then(|_| self.check_update(&request));
        self.change_voters(now, None, next);
    }

    /// Takes the answer to a request to be updated. One that was refused is sent again in time.
    pub fn handle_voter_change_response(&mut self, now: Monotonic, response: &VoterChangeResponse) {
        self.observe_epoch(now, response.epoch, response.leader);
    }
}
