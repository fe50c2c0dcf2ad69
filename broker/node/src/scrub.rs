//! Looking for damage in the background: every closed segment is read again now and then.
//!
//! In: what each partition's log says that others count on. Out: word to its shard when something is not
//! what was written; a pause after each part, so that it takes no more than a share of the disk. Never
//! here: files, or what becomes of a replica.
//!
//! A pass begins with a partition chosen by chance: a broker that is often started again gets round to
//! all of them all the same.

use std::sync::Arc;
use std::time::Duration;

use broker_log::{Scrub, Scrubbed};
use broker_types::{Monotonic, TopicPartition};
use futures::channel::oneshot;

use crate::configs;
use crate::node::Node;
use crate::partitions::shard_of;
use crate::shard::{Command, Scrubbing};
use crate::world::World;

/// Bytes a second that are read again; a config of ours.
pub(crate) const RATE: &str = "tidemill.scrub.max.bytes.per.second";
/// Time from the begin of one pass to that of the next; a config of ours.
pub(crate) const INTERVAL: &str = "tidemill.scrub.interval.ms";

/// How often the settings are looked at in a pause.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The settings that hold on a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Settings {
    /// `None`: nothing is read.
    bytes_per_second: Option<u64>,
    interval: Duration,
}

impl Settings {
    fn of<W: World>(node: &Node<W>) -> Settings {
        let (image, me) = (node.image(), node.config.broker_id);
        let number = |name| configs::number::<u64>(&image, me, name);
        Settings {
            bytes_per_second: number(RATE).filter(|it| *it > 0),
            interval: Duration::from_millis(number(INTERVAL).unwrap_or(u64::MAX)),
        }
    }

    /// Time that this many bytes take.
    fn time_of(&self, bytes: u64) -> Duration {
        let rate = self.bytes_per_second.unwrap_or(1);
        let micros = u128::from(bytes) * 1_000_000 / u128::from(rate);
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// Why a pass does not go on.
struct Stopped;

/// Reads until the node stops.
pub(crate) async fn run<W: World>(node: Arc<Node<W>>) {
    loop {
        let begun = node.world.now();
        let passed = match Settings::of(&node).bytes_per_second {
            Some(_) => pass(&node).await,
            None => Ok(()),
        };
        let waited = pause(&node, begun, |it| match it.bytes_per_second {
            Some(_) => it.interval.max(LOOK_EVERY),
            None => LOOK_EVERY,
        });
        if passed.is_err() || waited.await.is_err() {
            return;
        }
    }
}

/// Reads what every partition has by now.
async fn pass<W: World>(node: &Arc<Node<W>>) -> Result<(), Stopped> {
    let mut ids: Vec<TopicPartition> = node.partitions.all().keys().copied().collect();
    if let Ok(count) = u64::try_from(ids.len())
        && let Some(first) = node.world.random().checked_rem(count)
    {
        ids.rotate_left(usize::try_from(first).unwrap_or(0));
    }
    for id in ids {
        let (reply, answer) = oneshot::channel();
        let begin = Scrubbing::Begin {
            partition: id,
            reply,
        };
        tell(node, id, begin);
        // It may be gone.
        if let Ok(scrub) = answer.await {
            read(node, id, scrub).await?;
        }
    }
    Ok(())
}

async fn read<W: World>(
    node: &Arc<Node<W>>,
    id: TopicPartition,
    mut scrub: Scrub<W::Dir>,
) -> Result<(), Stopped> {
    loop {
        let begun = node.world.now();
        let stepped = node.world.block(move || {
            let step = scrub.step();
            (scrub, step)
        });
        let step;
        (scrub, step) = stepped.await;
        match step {
            Scrubbed::Read(bytes) => pause(node, begun, |it| it.time_of(bytes)).await?,
            Scrubbed::Damaged(damage) => {
                let partition = id;
                tell(node, id, Scrubbing::Damaged { partition, damage });
                return Ok(());
            }
            Scrubbed::Done => return Ok(()),
        }
    }
}

/// Waits until so long after `begun`, as the settings say by then.
async fn pause<W: World>(
    node: &Node<W>,
    begun: Monotonic,
    time: impl Fn(&Settings) -> Duration,
) -> Result<(), Stopped> {
    loop {
        if node.is_stopping() {
            return Err(Stopped);
        }
        let now = node.world.now();
        let until = begun + time(&Settings::of(node));
        if until <= now {
            return Ok(());
        }
        node.world.sleep_until(until.min(now + LOOK_EVERY)).await;
    }
}

fn tell<W: World>(node: &Node<W>, id: TopicPartition, command: Scrubbing<W>) {
    node.tell_shard(shard_of(id, node.n_shards()), Command::Scrub(command));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_time_for_bytes() {
        let settings = Settings {
            bytes_per_second: Some(1_000),
            interval: Duration::ZERO,
        };
        assert_eq!(settings.time_of(0), Duration::ZERO);
        assert_eq!(settings.time_of(2_500), Duration::from_millis(2_500));
        assert!(settings.time_of(u64::MAX) > Duration::from_secs(1 << 40));
    }
}
