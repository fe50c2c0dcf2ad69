//! Snapshots: the log's start moves up to them, and a replica that is too far behind fetches one.
//!
//! In: snapshots written here, fetched from the leader, loaded by the driver. Out: where the log
//! starts. Never here: what a snapshot holds, but for its voters.
//!
//! The rules (KIP-630): a snapshot covers only what is committed; a leader never installs one; a
//! follower never installs one that ends below its high watermark; one that could not be loaded is
//! fetched again and is never taken for an empty one.

use broker_types::{ErrorCode, Monotonic, Offset};

use crate::VoterSet;
use crate::action::{Action, ControlRecord, Target};
use crate::log_view::SnapshotId;
use crate::message::{FetchSnapshotAnswer, FetchSnapshotRequest, FetchSnapshotResponse, Request};
use crate::mutant::mutated;
use crate::quorum::Quorum;
use crate::recovery::StoredSnapshot;
use crate::states::{Download, Role};
use crate::voter_set::VoterHistory;

/// How many snapshots are kept. The log starts at the oldest, so a replica that is a little behind
/// the newest one is still served from the log.
const SNAPSHOTS_KEPT: usize = 2;

/// What the driver found in a snapshot that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedSnapshot {
    /// What its `VotersRecord` says.
    pub voters: VoterSet,
    /// Size of its file in bytes.
    pub size: u64,
}

/// A snapshot that was fetched is not whole, or cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the snapshot could not be loaded")]
pub struct LoadFailed;

impl<P> Quorum<P> {
    /// The identity of a snapshot that covers the log up to `end`; `None` when `end` is not committed,
    /// not durable here yet, or no longer in the log.
    ///
    /// A snapshot never runs ahead of what is durable: after a loss of power, a log that was cut
    /// and written anew might be the old one again, and disagree with it.
    pub fn snapshot_id(&self, end: Offset) -> Option<SnapshotId> {
        let is_durable = end <= self.log.durable_end() || mutated!(self, SnapshotAheadOfLog);
        if end > self.high_watermark || !is_durable {
            return None;
        }
        let epoch = self.log.epoch_before(end)?;
        Some(SnapshotId {
            end_offset: end,
            epoch,
        })
    }

    /// The control records at the start of a snapshot that ends at `end`; at its end stands
    /// [`ControlRecord::SnapshotFooter`].
    pub fn snapshot_header(&self, end: Offset) -> Vec<ControlRecord> {
        let voters = self.voters_at(end).clone();
        let version = ControlRecord::KRaftVersion(1);
        vec![
            ControlRecord::SnapshotHeader,
            version,
            ControlRecord::Voters(voters),
        ]
    }

    /// The newest snapshot, if there is any.
    pub fn latest_snapshot(&self) -> Option<StoredSnapshot> {
        self.snapshots.last().copied()
    }

    /// The driver has written a snapshot of its own applied state, durably.
    ///
    /// One that is not newer than what is there already is ignored; its file may be deleted.
    ///
    /// # Panics
    /// When it covers what is not committed.
    pub fn handle_snapshot_written(&mut self, id: SnapshotId, size: u64) {
        assert!(
            id.end_offset <= self.high_watermark,
            "a snapshot covers what is committed"
        );
        let newest = self
            .snapshots
            .last()
            .map_or(Offset::ZERO, |it| it.id.end_offset);
        if id.end_offset <= newest.max(self.log.start()) {
            return;
        }
        assert_eq!(self.log.epoch_before(id.end_offset), Some(id.epoch));
        self.snapshots.push(StoredSnapshot { id, size });
        self.trim_log();
    }

    /// Moves the log's start up to the oldest snapshot that is kept.
    fn trim_log(&mut self) {
        let n_surplus = self.snapshots.len().saturating_sub(SNAPSHOTS_KEPT);
        let Some(oldest) = self.snapshots.get(n_surplus).map(|it| it.id) else {
            return;
        };
        if n_surplus == 0 {
            return;
        }
        self.snapshots.drain(..n_surplus);
        self.log.trim(oldest);
        self.voters.trim(oldest.end_offset);
        self.outbox.push(Action::TrimLog(oldest));
    }

    /// Takes a replica's request for a part of a snapshot.
    pub fn handle_fetch_snapshot(
        &mut self,
        now: Monotonic,
        request: &FetchSnapshotRequest,
    ) -> FetchSnapshotAnswer {
        let stored = self
            .snapshots
            .iter()
            .find(|it| it.id == request.id)
            .copied();
        let error = match (self.check_leadership(request.epoch), stored) {
            (ErrorCode::None, None) => ErrorCode::SnapshotNotFound,
            (ErrorCode::None, Some(stored)) if request.position >= stored.size => {
                ErrorCode::PositionOutOfRange
            }
            (error, _) => error,
        };
        if self.check_leadership(request.epoch).is_none() {
            self.note_contact(now, request.replica);
        }
        let size = stored.filter(|_| error.is_none()).map_or(0, |it| it.size);
        FetchSnapshotAnswer {
            error,
            epoch: self.election.epoch,
            leader: self.leader(),
            id: request.id,
            size,
            position: request.position,
        }
    }

    pub(crate) fn is_downloading(&self) -> bool {
        let Role::Follower(state) = &self.role else {
            return false;
        };
        state.download.as_ref().is_some_and(|it| !it.is_loading)
    }

    /// The leader's log starts after ours ends: fetch its snapshot.
    pub(crate) fn start_download(&mut self, now: Monotonic, id: SnapshotId) {
        let is_newer = id.end_offset > self.high_watermark;
        let next_reminder = now + self.config.timeouts.reminder();
        let Role::Follower(state) = &mut self.role else {
            return;
        };
        if state.download.as_ref().is_some_and(|it| it.is_loading) {
            // The fetch only showed that this replica is alive.
            self.fetch_at = next_reminder;
            return;
        }
        if !is_newer {
            return;
        }
        let leader = Target::Broker(state.leader);
        let (position, size, is_loading, is_asked) = (0, None, false, false);
        state.download = Some(Download {
            id,
            position,
            size,
            is_loading,
            is_asked,
        });
        self.send_fetch_snapshot(now, leader);
    }

    /// The leader serves the log after all.
    pub(crate) fn stop_download(&mut self) {
        if let Role::Follower(state) = &mut self.role {
            state.download = None;
        }
    }

    pub(crate) fn send_fetch_snapshot(&mut self, now: Monotonic, to: Target) {
        let (epoch, replica) = (self.election.epoch, self.me());
        let again_at = now + self.config.timeouts.fetch;
        let Role::Follower(state) = &mut self.role else {
            return;
        };
        let Some(download) = state.download.as_mut() else {
            return;
        };
        download.is_asked = true;
        let (id, position) = (download.id, download.position);
        let request = FetchSnapshotRequest {
            epoch,
            replica,
            id,
            position,
        };
        self.fetch_at = again_at;
        let request = Request::FetchSnapshot(request);
        self.outbox.after_persist(Action::Send { to, request });
    }

    /// Takes a part of the snapshot.
    pub fn handle_fetch_snapshot_response(
        &mut self,
        now: Monotonic,
        request: &FetchSnapshotRequest,
        response: FetchSnapshotResponse<P>,
    ) {
        if response.epoch > self.election.epoch {
            return self.observe_epoch(now, response.epoch, response.leader);
        }
        let again_at = now + self.retry_backoff();
        let Some(download) = self.asked_download(request) else {
            return;
        };
        download.is_asked = false;
        if !response.error.is_none() {
            return self.refuse_download(now, response.error);
        }
        let size = *download.size.get_or_insert(response.size);
        let end = response.position.checked_add(response.length);
        let fits = response.id == download.id
            && response.size == size
            && response.position == download.position
            && response.length > 0;
        let Some(end) = end.filter(|it| fits && *it <= size) else {
            // Not the snapshot that was asked for: begin again.
            return self.refuse_download(now, ErrorCode::SnapshotNotFound);
        };
        download.position = end;
        download.is_loading = end == size;
        let (id, is_complete) = (download.id, download.is_loading);
        let (position, payload) = (response.position, response.payload);
        self.fetch_at = again_at;
        self.hear_leader(now);
        self.outbox.push(Action::WriteSnapshot {
            id,
            position,
            payload,
        });
        if is_complete {
            self.outbox.push(Action::LoadSnapshot(id));
        } else if let Role::Follower(state) = &self.role {
            let leader = Target::Broker(state.leader);
            self.send_fetch_snapshot(now, leader);
        }
    }

    /// The download that `request` is a part of, if it still is.
    fn asked_download(&mut self, request: &FetchSnapshotRequest) -> Option<&mut Download> {
        let epoch = self.election.epoch;
        let Role::Follower(state) = &mut self.role else {
            return None;
        };
        let download = state.download.as_mut()?;
        let is_asked = download.is_asked && request.epoch == epoch;
        (is_asked && request.id == download.id && request.position == download.position)
            .then_some(download)
    }

    /// Gives the download up; the next fetch of the log tells what to fetch instead.
    fn refuse_download(&mut self, now: Monotonic, error: ErrorCode) {
        self.fetch_at = now + self.retry_backoff();
        if error == ErrorCode::NotLeaderOrFollower {
            return self.lose_leader(now);
        }
        if let Role::Follower(state) = &mut self.role {
            state.download = None;
        }
    }

    pub(crate) fn fetch_snapshot_failed(&mut self, now: Monotonic, request: &FetchSnapshotRequest) {
        let again_at = now + self.retry_backoff();
        if let Some(download) = self.asked_download(request) {
            download.is_asked = false;
            self.fetch_at = again_at;
        }
    }

    /// The driver has loaded the snapshot of an [`Action::LoadSnapshot`], or failed to.
    ///
    /// Loading takes its time. By now this replica may lead, or have gone past the snapshot with
    /// the help of another leader: then the snapshot is not installed.
    pub fn handle_snapshot_loaded(
        &mut self,
        now: Monotonic,
        id: SnapshotId,
        loaded: Result<LoadedSnapshot, LoadFailed>,
    ) {
        if !self.may_install(id) {
            return;
        }
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(LoadFailed) if mutated!(self, FailedLoadIsEmpty) => LoadedSnapshot {
                voters: self.voters().clone(),
                size: 1,
            },
            Err(LoadFailed) => return self.refuse_download(now, ErrorCode::SnapshotNotFound),
        };
        self.install(id, loaded);
        if let Role::Follower(state) = &mut self.role {
            state.download = None;
            let leader = Target::Broker(state.leader);
            self.fetching = None;
            self.outbox.drop_fetches();
            self.send_fetch(leader);
        }
    }

    fn may_install(&self, id: SnapshotId) -> bool {
        let Role::Follower(state) = &self.role else {
            return false;
        };
        if mutated!(self, OldSnapshotInstalled) {
            return true;
        }
        let awaited = state
            .download
            .as_ref()
            .filter(|it| it.is_loading)
            .map(|it| it.id);
        awaited == Some(id) && id.end_offset > self.high_watermark
    }

    fn install(&mut self, id: SnapshotId, loaded: LoadedSnapshot) {
        self.log.restart(id);
        self.voters = VoterHistory::new(id.end_offset, loaded.voters);
        self.snapshots = vec![StoredSnapshot {
            id,
            size: loaded.size,
        }];
        self.high_watermark = id.end_offset;
        self.outbox.set_durable_end(self.log.durable_end());
        self.outbox.push(Action::InstallSnapshot(id));
    }
}
