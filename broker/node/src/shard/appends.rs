//! Produce requests: batches appended, answered when they count.
//!
//! In: a batch per partition. Out: offsets, once the batch is as safe as its producer wants it; or
//! why it was not appended, or may have been lost. Never here: error codes.

use std::collections::BTreeMap;

use broker_log::{Append as LogAppend, AppendError, Origin, SequenceError, is_out_of_space};
use broker_replica::{Acks, Outcome, Refusal, Token};
use broker_types::{Monotonic, Mutant, Offset, Timestamp, TopicPartition};
use broker_wire::record_batch::BatchHeader;
use bytes::Bytes;
use futures::channel::oneshot;

use super::Shard;
use super::owned::DurableWait;
use super::refused_batches::Fate;
use crate::quorum::driver::chain;
use crate::room::Writer;
use crate::world::World;

/// One batch for one partition.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) partition: TopicPartition,
    pub(crate) batch: Bytes,
    pub(crate) acks: Acks,
    pub(crate) origin: Origin,
    /// When who asked wants an answer at the latest.
    pub(crate) deadline: Monotonic,
}

/// Where a batch lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Appended {
    pub(crate) base_offset: Offset,
    /// The offset after its last record.
    pub(crate) end_offset: Offset,
    /// The time that the broker gave its records; `None` when they keep their own.
    pub(crate) log_append_time: Option<Timestamp>,
    pub(crate) log_start_offset: Offset,
}

/// Why a batch is not known to be safe.
#[derive(Debug)]
pub(crate) enum AppendFailure {
    /// This broker has no replica of the partition.
    NoReplica,
    /// The node is going down.
    Closing,
    /// The disk has no room for records of clients. Nothing was appended.
    DiskFull,
    Replica(Refusal),
    /// What its producer sent before was refused for now, and must come first.
    Behind,
    Log(AppendError),
    /// It was appended, and may be lost or not.
    Undecided(Outcome),
}

/// Whether the producer of a batch will send it again.
fn fate(appended: &Result<Appended, AppendFailure>) -> Fate {
    match appended {
        Ok(_) => Fate::Appended,
        Err(AppendFailure::Log(_) | AppendFailure::Undecided(_)) => Fate::Never,
        Err(
            AppendFailure::NoReplica
            | AppendFailure::Closing
            | AppendFailure::DiskFull
            | AppendFailure::Replica(_)
            | AppendFailure::Behind,
        ) => Fate::Later,
    }
}

/// A request and the parts of it that are not decided yet.
struct Produce {
    results: Vec<Option<Result<Appended, AppendFailure>>>,
    n_open: usize,
    reply: oneshot::Sender<Vec<Result<Appended, AppendFailure>>>,
}

/// All requests that wait in a shard.
#[derive(Default)]
pub(super) struct Produces {
    open: BTreeMap<u64, Produce>,
    tokens: BTreeMap<Token, (u64, usize, Appended)>,
    n_produces: u64,
    n_tokens: u64,
}

impl Produces {
    fn begin(
        &mut self,
        n_parts: usize,
        reply: oneshot::Sender<Vec<Result<Appended, AppendFailure>>>,
    ) -> u64 {
        let id = self.n_produces;
        self.n_produces += 1;
        let results = (0..n_parts).map(|_| None).collect();
        self.open.insert(
            id,
            Produce {
                results,
                n_open: n_parts,
                reply,
            },
        );
        id
    }

    fn token(&mut self, produce: u64, part: usize, appended: Appended) -> Token {
        let token = Token(self.n_tokens);
        self.n_tokens += 1;
        self.tokens.insert(token, (produce, part, appended));
        token
    }

    fn decide(&mut self, produce: u64, part: usize, result: Result<Appended, AppendFailure>) {
        let Some(open) = self.open.get_mut(&produce) else {
            return;
        };
        let Some(place) = open.results.get_mut(part) else {
            return;
        };
        assert!(place.is_none(), "each part of a request is decided once");
        *place = Some(result);
        open.n_open -= 1;
        if open.n_open == 0
            && let Some(done) = self.open.remove(&produce)
        {
            // Whoever asked may have gone.
            let _ = done
                .reply
                .send(done.results.into_iter().flatten().collect());
        }
    }

    /// The replica has decided about a batch that waited.
    pub(super) fn complete(&mut self, token: Token, outcome: Outcome) {
        let Some((produce, part, appended)) = self.tokens.remove(&token) else {
            return;
        };
        let result = match outcome {
            Outcome::Committed => Ok(appended),
            Outcome::NotLeader | Outcome::NotEnoughReplicasAfterAppend | Outcome::TimedOut => {
                Err(AppendFailure::Undecided(outcome))
            }
        };
        self.decide(produce, part, result);
    }
}

impl<W: World> Shard<W> {
    pub(super) fn handle_appends(
        &mut self,
        appends: Vec<Append>,
        reply: oneshot::Sender<Vec<Result<Appended, AppendFailure>>>,
    ) {
        if appends.is_empty() {
            let _ = reply.send(Vec::new());
            return;
        }
        let produce = self.produces.begin(appends.len(), reply);
        for (part, append) in appends.into_iter().enumerate() {
            let (id, acks, deadline) = (append.partition, append.acks, append.deadline);
            match self.append(&append) {
                Ok(appended) if acks == Acks::None => {
                    self.produces.decide(produce, part, Ok(appended));
                }
                Ok(appended) => self.await_safety(id, produce, part, appended, acks, deadline),
                Err(failure) => self.produces.decide(produce, part, Err(failure)),
            }
        }
    }

    fn append(&mut self, append: &Append) -> Result<Appended, AppendFailure> {
        // What is no batch is refused below.
        let Ok(header) = BatchHeader::parse(&append.batch) else {
            return self.append_now(append);
        };
        let (id, now) = (append.partition, self.node.world.now());
        let log = self.partitions.get(&id).map(|it| &it.log);
        let is_known = |it| log.is_some_and(|log| log.producers().producer(it).is_some());
        let was_known = header.producer_id.is_some_and(is_known);
        let is_behind = self.refused_batches.is_behind(id, &header, now);
        // The log would take any sequence of one that it does not know.
        let may_be_taken = was_known || header.base_sequence == Some(0);
        let appended = match is_behind && !may_be_taken {
            true => Err(AppendFailure::Behind),
            false => self.append_now(append),
        };
        let appended = match appended {
            Err(AppendFailure::Log(AppendError::Sequence(SequenceError::OutOfOrder {
                ..
            }))) if is_behind => Err(AppendFailure::Behind),
            appended => appended,
        };
        let fate = fate(&appended);
        self.refused_batches
            .settle(id, &header, was_known, fate, now);
        appended
    }

    fn append_now(&mut self, append: &Append) -> Result<Appended, AppendFailure> {
        if self.is_closed {
            return Err(AppendFailure::Closing);
        }
        let writer = match append.origin {
            Origin::Client => Writer::Client,
            Origin::Coordinator | Origin::RaftLeader => Writer::Internal,
        };
        if !self.node.room.admits(writer) {
            return Err(AppendFailure::DiskFull);
        }
        let wall = self.node.world.wall();
        let appended = self.with(append.partition, |owned, context, actions| {
            owned
                .replica
                .may_append(append.acks, context)
                .map_err(AppendFailure::Replica)?;
            let epoch = owned.replica.leader_epoch();
            let epoch = epoch.ok_or(AppendFailure::Replica(Refusal::NotLeader))?;
            let appended = owned
                .log
                .append_as_leader(&append.batch, epoch, append.origin, wall)
                .map_err(AppendFailure::Log)?;
            let end = owned.log.log_end_offset();
            owned.replica.handle_appended(end, context, actions);
            Ok(match appended {
                LogAppend::Appended(it) => Appended {
                    base_offset: it.base_offset,
                    end_offset: it.last_offset.advance(1),
                    log_append_time: it.log_append_time,
                    log_start_offset: it.log_start_offset,
                },
                LogAppend::Duplicate(it) => Appended {
                    base_offset: it.base_offset,
                    end_offset: it.last_offset.advance(1),
                    log_append_time: Some(it.timestamp),
                    log_start_offset: it.log_start_offset,
                },
            })
        });
        let appended = appended.unwrap_or(Err(AppendFailure::NoReplica));
        match &appended {
            Ok(_) => self.node.room.handle_written(append.batch.len() as u64),
            Err(AppendFailure::Log(error)) => self.note_failed_write(append.partition, error),
            Err(_) => {}
        }
        appended
    }

    /// A log could not be written to: the disk is full, or it has failed.
    pub(super) fn note_failed_write(&self, id: TopicPartition, error: &AppendError) {
        if is_out_of_space(error) {
            self.node.room.handle_full();
        }
        // What was written in part could not be taken back: nobody knows what the file holds.
        if self
            .partitions
            .get(&id)
            .is_some_and(|it| it.log.is_offline())
        {
            let reason = format!("partition {id}: {}", chain(error));
            self.node.report_disk_failure(reason);
        }
    }

    /// Lets a part of a request wait until its batch is as safe as its producer wants it.
    fn await_safety(
        &mut self,
        id: TopicPartition,
        produce: u64,
        part: usize,
        appended: Appended,
        acks: Acks,
        deadline: Monotonic,
    ) {
        let token = self.produces.token(produce, part, appended);
        let end = appended.end_offset;
        let durability = self.node.config.durability;
        let mut is_counted = false;
        if Mutant::AnswerAtAppend.is_made() {
            self.produces.complete(token, Outcome::Committed);
            return;
        }
        let waiting = self.with(id, |owned, _, actions| match acks {
            Acks::All => owned.replica.wait(token, end, deadline, actions),
            Acks::None | Acks::Leader => {
                owned.durable_waits.push(DurableWait {
                    end_offset: end,
                    token,
                    deadline,
                });
                // It may count already: then no sync will tell.
                is_counted = end <= owned.counted_end_offset(durability);
                Ok(())
            }
        });
        if !matches!(waiting, Some(Ok(()))) {
            self.produces.complete(token, Outcome::NotLeader);
        }
        if is_counted {
            self.complete_durable(id);
        }
    }

    /// Answers those who wait for the leader alone, or have waited for long enough.
    pub(super) fn complete_durable(&mut self, id: TopicPartition) {
        let now = self.node.world.now();
        let Some(owned) = self.partitions.get_mut(&id) else {
            return;
        };
        let counted = owned.counted_end_offset(self.node.config.durability);
        let is_lost = !owned.is_leader() || owned.log.is_offline();
        let mut waiting = Vec::new();
        for wait in std::mem::take(&mut owned.durable_waits) {
            let outcome = if wait.end_offset <= counted {
                Outcome::Committed
            } else if is_lost {
                Outcome::NotLeader
            } else if wait.deadline <= now {
                Outcome::TimedOut
            } else {
                waiting.push(wait);
                continue;
            };
            self.produces.complete(wait.token, outcome);
        }
        owned.durable_waits = waiting;
    }
}
