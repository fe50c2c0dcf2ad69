//! How a process drives its quorum: the same steps, in the same order, as the shipped driver.

use std::rc::Rc;

use broker_raft::{
    Action, Append, Content, ControlRecord, FetchAnswer, FetchRequest, FetchResponse,
    FetchSnapshotResponse, Fetched, FetchedBatch, ReplyTo, Request, Response, RoleName, Served,
    SnapshotId, SyncTicket, Target,
};
use broker_types::Offset;

use crate::checker;
use crate::disk::{Batch, Snapshot, State};
use crate::node::{Message, Parked, Payload, Reply, Waiting};
use crate::rng::mix;
use crate::world::{Event, World};

/// How long a fetch without news is kept.
const FETCH_WAIT: u64 = 500_000;

/// Bytes of a snapshot that fit into an answer.
const CHUNK: u64 = 100;

/// Whether there is something to tell a replica that fetches.
fn is_news(answer: &FetchAnswer, fetch: &FetchRequest) -> bool {
    match answer.served {
        Served::Records { start, end } => {
            start < end || answer.high_watermark > fetch.high_watermark
        }
        Served::Nothing | Served::Diverging { .. } | Served::Snapshot(_) => true,
    }
}

impl World {
    /// Performs actions until there are none. The process may crash between any two.
    pub(crate) fn drain(&mut self, place: usize) {
        loop {
            let Some(process) = self.nodes[place].process.as_mut() else {
                return;
            };
            let actions = process.quorum.take_actions();
            if actions.is_empty() {
                return;
            }
            for action in actions {
                if self.is_faulty && self.rng.chance(self.profile.crash_between_actions) {
                    self.mark("crashed between two actions");
                    return self.crash_for_a_while(place);
                }
                self.perform(place, action);
            }
        }
    }

    fn perform(&mut self, place: usize, action: Action<Payload>) {
        match action {
            Action::Persist(persist) => self.begin_persist(place, persist),
            Action::Truncate { to } => {
                self.mark("a log was truncated");
                self.nodes[place].disk.truncate(to.value());
            }
            Action::Append(append) => self.append(place, append),
            Action::Sync(ticket) => self.begin_sync(place, ticket),
            Action::Send { to, request } => self.send(place, to, request),
            Action::Respond { to, response } => self.respond(place, to, response),
            // What is committed is applied once it was checked.
            Action::Advance { .. } => {}
            Action::LeaderChanged { leader, .. } => {
                if leader == Some(self.nodes[place].disk.key.id) {
                    self.mark("a leader was elected");
                    self.crash_soon_after_election(place);
                }
            }
            Action::WriteSnapshot { payload, .. } => {
                if let (Some(process), Payload::Snapshot(snapshot)) =
                    (self.nodes[place].process.as_mut(), payload)
                {
                    process.incoming = Some(snapshot);
                }
            }
            Action::LoadSnapshot(id) => {
                let is_readable = !self.is_faulty || !self.rng.chance(self.profile.unreadable);
                let longest = if self.is_faulty {
                    self.profile.load
                } else {
                    20_000
                };
                let delay = self.rng.between(1_000, longest);
                let incarnation = self.nodes[place].incarnation;
                self.after(
                    delay,
                    Event::Loaded {
                        node: place,
                        incarnation,
                        id,
                        is_readable,
                    },
                );
            }
            Action::InstallSnapshot(id) => self.install(place, id),
            Action::TrimLog(id) => {
                self.mark("a log was trimmed");
                self.nodes[place].disk.trim(id);
            }
            Action::Halt(halt) => {
                let key = self.nodes[place].disk.key;
                self.checker.fail(|| format!("{key} halts: {halt}"));
            }
        }
    }

    /// Short leaderships leave records of many epochs on a few logs each (Raft, figure 8).
    fn crash_soon_after_election(&mut self, place: usize) {
        if self.is_faulty && self.rng.chance(self.profile.crash_after_election) {
            self.mark("crashed soon after an election");
            let (delay, has_power) = (self.rng.between(0, 40_000), self.rng.chance(500));
            let incarnation = self.nodes[place].incarnation;
            self.after(
                delay,
                Event::Crash {
                    node: place,
                    incarnation,
                    has_power,
                },
            );
            let delay = delay + self.rng.between(20_000, 600_000);
            self.after(delay, Event::Start { node: place });
        }
    }

    fn begin_persist(&mut self, place: usize, persist: broker_raft::Persist) {
        let duration = self.disk_delay(place);
        let now = self.now;
        let incarnation = self.nodes[place].incarnation;
        let Some(process) = self.nodes[place].process.as_mut() else {
            return;
        };
        process.persisted_at = process.persisted_at.max(now + duration);
        let delay = process.persisted_at - now;
        self.after(
            delay,
            Event::Persisted {
                node: place,
                incarnation,
                persist,
            },
        );
    }

    pub(crate) fn begin_sync(&mut self, place: usize, ticket: SyncTicket) {
        let duration = self.disk_delay(place);
        let node = &mut self.nodes[place];
        let (incarnation, up_to) = (node.incarnation, node.disk.issue_sync());
        let Some(process) = node.process.as_mut() else {
            return;
        };
        if process.is_syncing {
            // A later ticket covers an earlier one.
            process.next_sync = Some(ticket);
            return;
        }
        process.is_syncing = true;
        self.after(
            duration,
            Event::Synced {
                node: place,
                incarnation,
                ticket,
                up_to,
            },
        );
    }

    fn disk_delay(&mut self, place: usize) -> u64 {
        let node = &self.nodes[place];
        let is_slow = self.is_faulty && self.now < node.slow_until;
        let longest = if is_slow { node.slow_sync } else { 3_000 };
        self.rng.between(100, longest)
    }

    fn append(&mut self, place: usize, append: Append<Payload>) {
        let Append {
            base_offset,
            end_offset,
            epoch,
            content,
        } = append;
        let (base, end, epoch) = (base_offset.value(), end_offset.value(), epoch.value());
        let batch = match content {
            Content::Payload(Payload::Batch(batch)) => batch,
            Content::Payload(Payload::Value(id)) => Rc::new(Batch {
                base,
                end,
                epoch,
                id,
                voters: None,
            }),
            Content::Payload(Payload::Snapshot(_)) => panic!("a snapshot is not appended"),
            Content::Control(records) => {
                let id = mix(base ^ u64::from(epoch) << 32 ^ (place as u64) << 56);
                let voters = records.into_iter().find_map(|it| match it {
                    ControlRecord::Voters(set) => Some(set),
                    ControlRecord::LeaderChange { .. }
                    | ControlRecord::SnapshotHeader
                    | ControlRecord::SnapshotFooter
                    | ControlRecord::KRaftVersion(_) => None,
                });
                Rc::new(Batch {
                    base,
                    end,
                    epoch,
                    id,
                    voters,
                })
            }
        };
        assert_eq!((batch.base, batch.end, batch.epoch), (base, end, epoch));
        let key = self.nodes[place].disk.key;
        self.checker.appended(key, &batch);
        self.nodes[place].disk.append(batch);
        if self.is_faulty && self.rng.chance(self.profile.crash_before_sync) {
            let (delay, has_power) = (self.rng.between(0, 5_000), self.rng.chance(500));
            let incarnation = self.nodes[place].incarnation;
            self.after(
                delay,
                Event::Crash {
                    node: place,
                    incarnation,
                    has_power,
                },
            );
            let delay = delay + self.rng.between(20_000, 1_000_000);
            self.after(delay, Event::Start { node: place });
        }
    }

    fn send(&mut self, place: usize, to: Target, request: Request) {
        if let Request::Vote(vote) = &request
            && !vote.pre_vote
        {
            self.mark("a vote was asked for");
            self.checker.vote_told(vote.candidate, vote);
        }
        self.call(place, to, request);
    }

    fn respond(&mut self, place: usize, to: ReplyTo, response: Response) {
        let Some(process) = self.nodes[place].process.as_mut() else {
            return;
        };
        let Some(Waiting {
            from,
            call,
            request,
        }) = process.waiting.remove(&to.0)
        else {
            if let Response::VoterChange(response) = &response
                && response.error.is_none()
            {
                self.mark("a change of the voters was committed");
            }
            return;
        };
        if let (Request::Vote(vote), Response::Vote(response)) = (&request, &response)
            && response.granted
            && !vote.pre_vote
        {
            self.checker.vote_told(vote.voter, vote);
            if self.is_faulty && self.rng.chance(self.profile.crash_after_vote) {
                self.mark("crashed after a vote");
                let incarnation = self.nodes[place].incarnation;
                let (delay, has_power) = (self.rng.between(0, 2_000), self.rng.chance(500));
                self.after(
                    delay,
                    Event::Crash {
                        node: place,
                        incarnation,
                        has_power,
                    },
                );
                let delay = delay + self.rng.between(1_000, 100_000);
                self.after(delay, Event::Start { node: place });
            }
        }
        let reply = Reply::Plain(response);
        self.transmit(
            place,
            from,
            Message::Reply {
                call,
                request,
                reply,
            },
        );
    }

    fn install(&mut self, place: usize, id: SnapshotId) {
        self.mark("a snapshot was installed");
        let key = self.nodes[place].disk.key;
        let Some(process) = self.nodes[place].process.as_mut() else {
            return;
        };
        let (role, before) = (process.quorum.role(), process.seen.high_watermark);
        if role == RoleName::Leader {
            self.checker
                .fail(|| format!("{key} leads and loads a snapshot"));
        }
        if id.end_offset < before {
            self.checker
                .fail(|| format!("{key} at {before} installs {id:?}"));
        }
        let loaded = std::mem::take(&mut process.loaded).remove(&id);
        let snapshot = loaded.unwrap_or_else(|| {
            let state = State {
                applied: id.end_offset.value(),
                hash: 0,
            };
            let voters = process.quorum.voters().clone();
            Rc::new(Snapshot {
                id,
                size: 1,
                state,
                voters,
            })
        });
        process.state = snapshot.state;
        self.checker.applied(key, snapshot.state);
        if self.is_faulty && self.rng.chance(self.profile.crash_in_install) {
            self.mark("crashed while a snapshot was installed");
            self.nodes[place].disk.store(snapshot);
            return self.crash_for_a_while(place);
        }
        self.nodes[place].disk.install(snapshot);
    }

    /// Takes a request that came to a process.
    pub(crate) fn requested(&mut self, from: usize, place: usize, call: u64, request: Request) {
        let now = self.clock();
        let number = self.new_value();
        let reply_to = ReplyTo(number);
        let Some(process) = self.nodes[place].process.as_mut() else {
            return;
        };
        let waiting = Waiting {
            from,
            call,
            request,
        };
        match waiting.request.clone() {
            Request::Vote(request) => {
                process.waiting.insert(number, waiting);
                process.quorum.handle_vote(now, reply_to, &request);
            }
            Request::BeginQuorumEpoch(request) => {
                process.waiting.insert(number, waiting);
                process
                    .quorum
                    .handle_begin_quorum_epoch(now, reply_to, &request);
            }
            Request::EndQuorumEpoch(request) => {
                process.waiting.insert(number, waiting);
                process
                    .quorum
                    .handle_end_quorum_epoch(now, reply_to, &request);
            }
            Request::UpdateVoter(request) => {
                self.mark("a voter asked to be updated");
                let Some(process) = self.nodes[place].process.as_mut() else {
                    return;
                };
                process.waiting.insert(number, waiting);
                process.quorum.handle_update_voter(now, reply_to, &request);
            }
            Request::Fetch(fetch) => {
                let answer = process.quorum.handle_fetch(now, &fetch);
                if is_news(&answer, &fetch) {
                    return self.reply_fetch(place, waiting, answer);
                }
                let deadline = self.now + FETCH_WAIT;
                process.parked.push(Parked {
                    waiting,
                    fetch,
                    deadline,
                });
                let incarnation = self.nodes[place].incarnation;
                self.after(
                    FETCH_WAIT,
                    Event::Unpark {
                        node: place,
                        incarnation,
                    },
                );
            }
            Request::FetchSnapshot(fetch) => {
                let answer = process.quorum.handle_fetch_snapshot(now, &fetch);
                let snapshots = &self.nodes[place].disk.snapshots;
                let Some(snapshot) = snapshots.iter().find(|it| it.id == fetch.id).cloned() else {
                    return self.reply_fetch_snapshot(place, waiting, answer, None);
                };
                self.reply_fetch_snapshot(place, waiting, answer, Some(snapshot));
            }
        }
    }

    fn reply_fetch_snapshot(
        &mut self,
        place: usize,
        waiting: Waiting,
        answer: broker_raft::FetchSnapshotAnswer,
        snapshot: Option<Rc<Snapshot>>,
    ) {
        let payload = match snapshot {
            Some(snapshot) => Payload::Snapshot(snapshot),
            None => Payload::Value(0),
        };
        let length = answer.size.saturating_sub(answer.position).min(CHUNK);
        let reply = Reply::FetchSnapshot(FetchSnapshotResponse {
            error: answer.error,
            epoch: answer.epoch,
            leader: answer.leader,
            id: answer.id,
            size: answer.size,
            position: answer.position,
            length,
            payload,
        });
        let Waiting {
            from,
            call,
            request,
        } = waiting;
        self.transmit(
            place,
            from,
            Message::Reply {
                call,
                request,
                reply,
            },
        );
    }

    /// Takes an answer that came to a process.
    pub(crate) fn replied(&mut self, place: usize, request: &Request, reply: Reply) {
        let now = self.clock();
        let Some(process) = self.nodes[place].process.as_mut() else {
            return;
        };
        let quorum = &mut process.quorum;
        match (request, reply) {
            (Request::Vote(request), Reply::Plain(Response::Vote(response))) => {
                quorum.handle_vote_response(now, request, &response);
            }
            (Request::BeginQuorumEpoch(_), Reply::Plain(Response::BeginQuorumEpoch(response)))
            | (Request::EndQuorumEpoch(_), Reply::Plain(Response::EndQuorumEpoch(response))) => {
                quorum.handle_epoch_response(now, &response);
            }
            (Request::UpdateVoter(_), Reply::Plain(Response::VoterChange(response))) => {
                quorum.handle_voter_change_response(now, &response);
            }
            (Request::Fetch(request), Reply::Fetch(response)) => {
                quorum.handle_fetch_response(now, request, response);
            }
            (Request::FetchSnapshot(request), Reply::FetchSnapshot(response)) => {
                quorum.handle_fetch_snapshot_response(now, request, response);
            }
            (request, reply) => panic!("{reply:?} does not answer {request:?}"),
        }
    }

    /// Answers kept fetches for which there is news, or whose time is up.
    pub(crate) fn unpark(&mut self, place: usize) {
        let now = self.now;
        let Some(process) = self.nodes[place].process.as_mut() else {
            return;
        };
        let quorum = &process.quorum;
        let mut due = Vec::new();
        process.parked.retain(|parked| {
            let answer = quorum.answer_fetch(&parked.fetch);
            let is_news = is_news(&answer, &parked.fetch);
            let stays = !is_news && now < parked.deadline;
            if !stays {
                due.push((parked.waiting.clone(), answer));
            }
            stays
        });
        for (waiting, answer) in due {
            self.reply_fetch(place, waiting, answer);
        }
    }

    fn reply_fetch(&mut self, place: usize, waiting: Waiting, answer: FetchAnswer) {
        let n_batches_max = if self.is_faulty {
            self.rng.index(8) + 1
        } else {
            100
        };
        let fetched = match answer.served {
            Served::Records { start, .. } => {
                let batches = self.nodes[place].disk.cache.read(start.value());
                let fetched = batches
                    .iter()
                    .take(n_batches_max)
                    .map(|batch| FetchedBatch {
                        base_offset: Offset::new(batch.base),
                        end_offset: Offset::new(batch.end),
                        epoch: broker_types::Epoch::new(batch.epoch),
                        voters: batch.voters.clone(),
                        payload: Payload::Batch(Rc::clone(batch)),
                    });
                Fetched::Records(fetched.collect())
            }
            Served::Nothing => Fetched::Records(Vec::new()),
            Served::Diverging { epoch, end_offset } => {
                self.mark("a log diverged");
                Fetched::Diverging { epoch, end_offset }
            }
            Served::Snapshot(id) => Fetched::Snapshot(id),
        };
        let reply = Reply::Fetch(FetchResponse {
            error: answer.error,
            epoch: answer.epoch,
            leader: answer.leader,
            high_watermark: answer.error.is_none().then_some(answer.high_watermark),
            fetched,
        });
        let Waiting {
            from,
            call,
            request,
        } = waiting;
        self.transmit(
            place,
            from,
            Message::Reply {
                call,
                request,
                reply,
            },
        );
    }

    /// Applies what is committed, and begins a snapshot now and then.
    pub(crate) fn apply(&mut self, place: usize) {
        let node = &mut self.nodes[place];
        let key = node.disk.key;
        let Some(process) = node.process.as_mut() else {
            return;
        };
        let high_watermark = process.quorum.high_watermark().value();
        if process.state.applied == high_watermark {
            return;
        }
        let mut state = process.state;
        for batch in node.disk.cache.read(state.applied) {
            if batch.end > high_watermark {
                break;
            }
            state = checker::apply(state, batch);
        }
        process.state = state;
        self.checker.applied(key, state);
        let snapshot_end = process
            .quorum
            .latest_snapshot()
            .map_or(0, |it| it.id.end_offset.value());
        // Some keep longer logs than others, so that one leader has what another has dropped.
        let patience = if place.is_multiple_of(2) { 1 } else { 8 };
        let is_due = state.applied >= snapshot_end + patience * self.profile.snapshot_every;
        if !is_due || process.is_writing_snapshot {
            return;
        }
        let end = Offset::new(state.applied);
        let Some(id) = process.quorum.snapshot_id(end) else {
            return;
        };
        process.is_writing_snapshot = true;
        let voters = process.quorum.voters_at(end).clone();
        let size = self.rng.between(1, 4) * CHUNK - self.rng.between(0, 50);
        let snapshot = Rc::new(Snapshot {
            id,
            size,
            state,
            voters,
        });
        let incarnation = node.incarnation;
        let delay = self.rng.between(1_000, 60_000);
        self.after(
            delay,
            Event::SnapshotWritten {
                node: place,
                incarnation,
                snapshot,
            },
        );
    }
}
