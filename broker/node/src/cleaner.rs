//! Compacting logs in the background, one after the other.
//!
//! In: what each shard says is dirty. Out: segments for the shards to put in place; a pause after
//! each part of the work, if the cleaner is throttled. Never here: files, or which records stay:
//! [`broker_log::Cleaning`] knows.
//!
//! The dirtiest log comes first. A log that cannot be cleaned is left alone for a while.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use broker_log::{CleanOptions, CleanPoint, CleanedSegment, Cleaning, Dirty, Step};
use broker_metadata::Image;
use broker_types::{BrokerId, Monotonic, TopicPartition};
use futures::channel::oneshot;

use crate::configs;
use crate::node::Node;
use crate::partitions::shard_of;
use crate::quorum::driver::chain;
use crate::shard::{Command, Compaction};
use crate::world::World;

/// Bytes that are read and written between two pauses.
const PART_BYTES: u64 = 4 << 20;
/// How often the settings are looked at in a long pause.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a log is left alone that could not be cleaned.
const UNCLEANABLE_FOR: Duration = Duration::from_secs(3_600);

/// The settings that hold on a broker.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Settings {
    is_enabled: bool,
    /// Pause when there is nothing to do.
    backoff: Duration,
    map_bytes_max: usize,
    /// Bytes that are read and written.
    bytes_per_second: f64,
}

impl Settings {
    fn of(image: &Image, broker: BrokerId) -> Settings {
        let number = |name| configs::number::<u64>(image, broker, name);
        let backoff_ms = number("log.cleaner.backoff.ms").unwrap_or(15_000);
        let buffer = number("log.cleaner.dedupe.buffer.size").unwrap_or(128 << 20);
        let rate = configs::number::<f64>(image, broker, "log.cleaner.io.max.bytes.per.second");
        Settings {
            is_enabled: number("log.cleaner.threads") != Some(0),
            backoff: Duration::from_millis(backoff_ms.max(1)),
            map_bytes_max: usize::try_from(buffer).unwrap_or(usize::MAX),
            bytes_per_second: rate.unwrap_or(f64::MAX),
        }
    }

    /// Time that this many bytes take.
    fn time_of(&self, bytes: u64) -> Duration {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a pause need not be exact to the byte"
        )]
        let seconds = bytes as f64 / self.bytes_per_second.max(1.0);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO)
    }
}

/// Why a log was not cleaned.
enum Failure {
    /// The partition is gone, or has changed meanwhile, or the broker stops.
    Gone,
    Log(broker_log::Error),
}

/// The cleaner of a broker.
struct Cleaner<W: World> {
    node: Arc<Node<W>>,
    /// Logs that could not be cleaned, and until when they are left alone.
    uncleanable: BTreeMap<TopicPartition, Monotonic>,
}

/// Cleans until the node stops.
pub(crate) async fn run<W: World>(node: Arc<Node<W>>) {
    let mut cleaner = Cleaner {
        node,
        uncleanable: BTreeMap::new(),
    };
    while !cleaner.node.is_stopping() {
        let settings = cleaner.settings();
        if settings.is_enabled && cleaner.clean_dirtiest().await {
            continue;
        }
        let world = &cleaner.node.world;
        world.sleep_until(world.now() + settings.backoff).await;
    }
}

impl<W: World> Cleaner<W> {
    fn settings(&self) -> Settings {
        Settings::of(&self.node.image(), self.node.config.broker_id)
    }

    /// Cleans one log. `false` when none is to be cleaned.
    async fn clean_dirtiest(&mut self) -> bool {
        let Some((id, dirty)) = self.dirtiest().await else {
            return false;
        };
        match self.clean(id).await {
            Ok(cleaned) => {
                let Cleaned {
                    bytes_before,
                    bytes_after,
                } = cleaned;
                tracing::debug!(
                    partition = %id, from = %dirty.from, to = %dirty.to, bytes_before, bytes_after,
                    "compacted the log"
                );
                true
            }
            Err(Failure::Gone) => false,
            Err(Failure::Log(error)) => {
                tracing::error!(
                    partition = %id,
                    "the log cannot be compacted, and is left as it is for an hour: {}",
                    chain(&error)
                );
                let until = self.node.world.now() + UNCLEANABLE_FOR;
                self.uncleanable.insert(id, until);
                true
            }
        }
    }

    /// The log that should be cleaned next.
    async fn dirtiest(&mut self) -> Option<(TopicPartition, Dirty)> {
        let now = self.node.world.now();
        self.uncleanable.retain(|_, until| now < *until);
        let skipped = Arc::new(self.uncleanable.keys().copied().collect());
        let mut found: Vec<(TopicPartition, Dirty)> = Vec::new();
        for shard in 0..self.node.n_shards() {
            let (reply, answer) = oneshot::channel();
            let skipped = Arc::clone(&skipped);
            self.node.tell_shard(
                shard,
                Command::Compaction(Compaction::Find { skipped, reply }),
            );
            found.extend(answer.await.ok().flatten());
        }
        found
            .into_iter()
            .max_by(|(_, a), (_, b)| a.ratio.total_cmp(&b.ratio))
    }

    async fn clean(&self, id: TopicPartition) -> Result<Cleaned, Failure> {
        let settings = self.settings();
        let world = &self.node.world;
        let options = CleanOptions {
            map_bytes_max: settings.map_bytes_max,
            secret: [world.random(), world.random()],
        };
        let (reply, answer) = oneshot::channel();
        self.tell(
            id,
            Compaction::Begin {
                partition: id,
                options,
                reply,
            },
        );
        let mut cleaning = answer.await.map_err(|_| Failure::Gone)?;
        let mut cleaned = Cleaned::default();
        loop {
            let (begun, bytes) = (world.now(), cleaning.bytes());
            let worked = world.block(move || work(cleaning));
            let (rest, step) = worked.await;
            cleaning = rest;
            match step.map_err(Failure::Log)? {
                Step::Part => {}
                Step::Segment(segment) => {
                    let (before, after) = segment.bytes();
                    cleaned.bytes_before += before;
                    cleaned.bytes_after += after;
                    self.replace(id, segment).await?;
                }
                Step::Done(point) => {
                    self.end(id, point).await?;
                    return Ok(cleaned);
                }
                Step::Stopped => return Err(Failure::Gone),
            }
            self.pause(begun, cleaning.bytes() - bytes).await?;
        }
    }

    /// Waits until so many bytes may have been read and written since `begun`, as the settings say by
    /// then.
    async fn pause(&self, begun: Monotonic, bytes: u64) -> Result<(), Failure> {
        let world = &self.node.world;
        loop {
            if self.node.is_stopping() {
                return Err(Failure::Gone);
            }
            let until = begun + self.settings().time_of(bytes);
            if until <= world.now() {
                return Ok(());
            }
            world.sleep_until(until.min(world.now() + LOOK_EVERY)).await;
        }
    }

    /// Completes when the log has noted how far it is clean.
    async fn end(&self, id: TopicPartition, point: CleanPoint) -> Result<(), Failure> {
        let (reply, answer) = oneshot::channel();
        self.tell(
            id,
            Compaction::End {
                partition: id,
                point,
                reply,
            },
        );
        answered(answer).await
    }

    /// Completes when the segment is in its place, and stays there whatever happens.
    async fn replace(
        &self,
        id: TopicPartition,
        cleaned: CleanedSegment<W::Dir>,
    ) -> Result<(), Failure> {
        let (reply, answer) = oneshot::channel();
        self.tell(
            id,
            Compaction::Replace {
                partition: id,
                cleaned,
                reply,
            },
        );
        answered(answer).await
    }

    fn tell(&self, id: TopicPartition, command: Compaction<W>) {
        let shard = shard_of(id, self.node.n_shards());
        self.node.tell_shard(shard, Command::Compaction(command));
    }
}

/// An answer of a shard; there is none when the partition is gone, or has changed.
async fn answered(answer: oneshot::Receiver<Result<(), broker_log::Error>>) -> Result<(), Failure> {
    answer
        .await
        .map_err(|_| Failure::Gone)?
        .map_err(Failure::Log)
}

/// What became of a log.
#[derive(Default)]
struct Cleaned {
    bytes_before: u64,
    bytes_after: u64,
}

/// Performs steps until there is something to say, or a part of the work is done.
fn work<D: broker_log::dir::Dir>(
    mut cleaning: Cleaning<D>,
) -> (Cleaning<D>, Result<Step<D>, broker_log::Error>) {
    let end = cleaning.bytes() + PART_BYTES;
    loop {
        let step = cleaning.step();
        let is_part = matches!(step, Ok(Step::Part));
        if !is_part || cleaning.bytes() >= end {
            return (cleaning, step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttle_is_a_time_for_bytes() {
        let settings = Settings {
            is_enabled: true,
            backoff: Duration::ZERO,
            map_bytes_max: 0,
            bytes_per_second: 1_000.0,
        };
        assert_eq!(settings.time_of(2_500), Duration::from_millis(2_500));
        let unlimited = Settings {
            bytes_per_second: f64::MAX,
            ..settings
        };
        assert_eq!(unlimited.time_of(u64::MAX), Duration::ZERO);
    }

    #[test]
    fn what_is_set_nowhere_is_kafkas() {
        let image = Image::new("a-cluster".into());
        let settings = Settings::of(&image, BrokerId::new(1));
        let expected = Settings {
            is_enabled: true,
            backoff: Duration::from_secs(15),
            map_bytes_max: 134_217_728,
            bytes_per_second: f64::MAX,
        };
        assert_eq!(settings, expected);
    }
}
