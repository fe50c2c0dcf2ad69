//! Compacting logs in the background, one after the other.
//!
//! In: what each shard says is dirty. Out: segments for the shards to put in place; a pause after
//! each part of the work, if the cleaner is throttled. Never here: files, or which records stay:
//! [`broker_log::Cleaning`] knows.
//!
//! The dirtiest log comes first. A log that cannot be cleaned is left alone for a while.

use std::collections::{BTreeMap, BTreeSet};
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

/// Logs that could not be cleaned, and until when they are left alone.
#[derive(Debug, Default)]
struct Uncleanable {
    until: BTreeMap<TopicPartition, Monotonic>,
}

impl Uncleanable {
    fn add(&mut self, id: TopicPartition, now: Monotonic) {
        self.until.insert(id, now + UNCLEANABLE_FOR);
    }

    /// Those whose time has not come.
    fn now(&mut self, now: Monotonic) -> BTreeSet<TopicPartition> {
        self.until.retain(|_, until| now < *until);
        self.until.keys().copied().collect()
    }
}

/// The cleaner of a broker.
struct Cleaner<W: World> {
    node: Arc<Node<W>>,
    uncleanable: Uncleanable,
}

/// Cleans until the node stops.
pub(crate) async fn run<W: World>(node: Arc<Node<W>>) {
    let mut cleaner = Cleaner {
        node,
        uncleanable: Uncleanable::default(),
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
            // It is looked for again, after a pause.
            Err(Failure::Gone) => false,
            Err(Failure::Log(error)) => {
                tracing::error!(
                    partition = %id,
                    "the log cannot be compacted, and is left as it is for an hour: {}",
                    chain(&error)
                );
                self.uncleanable.add(id, self.node.world.now());
                true
            }
        }
    }

    /// The log that should be cleaned next.
    async fn dirtiest(&mut self) -> Option<(TopicPartition, Dirty)> {
        let skipped = Arc::new(self.uncleanable.now(self.node.world.now()));
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
    use std::num::NonZeroUsize;
    use std::path::Path;

    use broker_log::dir::Dir;
    use broker_log::dir::memory::{Call, MemoryDir, Verdict};
    use broker_log::{
        Log, LogConfig, OnDamage, OpenFiles, OpenOptions, Origin, Restart, SyncScope,
    };
    use broker_types::{LeaderEpoch, PartitionIndex, Timestamp, TopicId};
    use broker_wire::record_batch::{BatchBuilder, BatchOptions};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    /// A log with several dirty segments, and its cleaning.
    fn cleaning() -> (MemoryDir, Log<MemoryDir>, Cleaning<MemoryDir>) {
        let dir = MemoryDir::new();
        let files = OpenFiles::new(dir.clone(), NonZeroUsize::MIN);
        let texts = [
            ("cleanup.policy", "compact"),
            ("internal.segment.bytes", "300"),
        ];
        let texts = texts.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = LogConfig::parse(&BTreeMap::from(texts), &BTreeMap::new()).unwrap();
        let options = OpenOptions {
            topic_id: None,
            config: Arc::new(config),
            restart: Restart::Unclean,
            on_damage: OnDamage::Refuse,
            now: NOW,
        };
        let (mut log, _) = Log::open(&files, "t-0", &options).unwrap();
        for _ in 0..40 {
            let mut builder = BatchBuilder::new(BatchOptions::default());
            builder.append(NOW, Some(b"key"), Some(b"value"), &[]);
            let batch = builder.build().unwrap();
            let epoch = LeaderEpoch::new(1);
            log.append_as_leader(&batch, epoch, Origin::Client, NOW)
                .unwrap();
        }
        let request = log.sync_request(SyncScope::All).unwrap();
        log.handle_synced(request, Ok(())).unwrap();
        let options = CleanOptions {
            map_bytes_max: 1 << 20,
            secret: [1, 2],
        };
        let cleaning = log.clean(log.log_end_offset(), options, NOW).unwrap();
        (dir, log, cleaning)
    }

    #[test]
    fn work_goes_on_until_there_is_something_to_say() {
        let (_, mut log, cleaning) = cleaning();
        let (rest, step) = work(cleaning);
        let Ok(Step::Segment(segment)) = step else {
            panic!("the segments of a few records make one copy");
        };
        log.replace_segments(segment).unwrap();
        assert!(matches!(work(rest).1, Ok(Step::Segment(_) | Step::Done(_))));
    }

    #[test]
    fn what_changed_under_the_cleaner_is_no_failure_of_the_log() {
        let (_, mut log, cleaning) = cleaning();
        log.truncate_to(broker_types::Offset::new(3), NOW).unwrap();
        assert!(matches!(work(cleaning).1, Ok(Step::Stopped)), "cut");
        let (_, log, gone) = self::cleaning();
        drop(log);
        assert!(matches!(work(gone).1, Ok(Step::Stopped)), "deleted");
    }

    #[test]
    fn a_disk_that_does_not_take_a_copy_is_one_and_leaves_nothing_behind() {
        for call in [Call::Create, Call::Write, Call::SyncData, Call::SyncDir] {
            let (dir, _log, cleaning) = cleaning();
            dir.set_policy(Some(Box::new(move |it, _| {
                if it == call {
                    Verdict::Fail(std::io::ErrorKind::StorageFull)
                } else {
                    Verdict::Pass
                }
            })));
            assert!(work(cleaning).1.is_err(), "{call:?}");
            dir.set_policy(None);
            let names = dir.list(Path::new("t-0")).unwrap();
            assert!(
                names.iter().all(|it| !it.name.contains("cleaned")),
                "{names:?}"
            );
        }
    }

    #[test]
    fn a_log_that_failed_is_left_alone_for_an_hour() {
        let id = |index| TopicPartition {
            topic_id: TopicId::from_bytes([1; 16]),
            partition: PartitionIndex::new(index),
        };
        let at = |minutes: u64| Monotonic::ZERO + Duration::from_secs(60 * minutes);
        let mut uncleanable = Uncleanable::default();
        uncleanable.add(id(0), at(0));
        uncleanable.add(id(1), at(30));
        assert_eq!(uncleanable.now(at(59)), BTreeSet::from([id(0), id(1)]));
        assert_eq!(uncleanable.now(at(60)), BTreeSet::from([id(1)]));
        uncleanable.add(id(1), at(70));
        assert_eq!(uncleanable.now(at(120)), BTreeSet::from([id(1)]));
        assert_eq!(uncleanable.now(at(130)), BTreeSet::new());
    }

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
