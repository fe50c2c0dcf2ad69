//! How fast throttled replicas may catch up: limits for what this broker sends as a leader, and others
//! for what it fetches as a follower.
//!
//! In: the image's reassignments with a throttle of their own; its `leader.` and
//! `follower.replication.throttled.rate` and `.replicas` (KIP-73); bytes as they go; the time. Out: how
//! many more may go now. Never here: the bytes of replicas in sync, whom no throttle holds back.
//!
//! Each reassignment has limits of its own, for the replicas that it adds. A replica that Kafka's configs
//! hold back, too, is held to the lower of the two.
//!
//! A rate is what went within the last samples, over their time. It is looked at before bytes go, so
//! it may be passed by what goes at once, and then nothing goes until it has been made up for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use broker_metadata::{ConfigResource, Image};
use broker_types::{BrokerId, Monotonic, PartitionIndex, TopicPartition};
use broker_wire::Str;

use crate::configs;

/// Samples of which the rate is made (`replication.quota.window.num`).
const SAMPLES: u64 = 11;
/// What a sample is of (`replication.quota.window.size.seconds`).
const SAMPLE: Duration = Duration::from_secs(1);

/// What went lately.
#[derive(Debug, Default)]
struct Quota {
    /// When each sample began, and the bytes in it. The oldest first; at most [`SAMPLES`].
    samples: VecDeque<(Monotonic, u64)>,
}

impl Quota {
    fn record(&mut self, bytes: u64, now: Monotonic) {
        self.forget(now);
        match self.samples.back_mut() {
            Some((begun, so_far)) if now.since(*begun) < SAMPLE => {
                *so_far = so_far.saturating_add(bytes);
            }
            Some(_) | None => self.samples.push_back((now, bytes)),
        }
        while self.samples.len() as u64 > SAMPLES {
            self.samples.pop_front();
        }
    }

    /// Bytes that may go now without passing `rate`, at most those of a second.
    fn left(&mut self, rate: u64, now: Monotonic) -> u64 {
        self.forget(now);
        let begun = self.samples.front().map_or(now, |it| it.0);
        let micros = now.since(begun).max(SAMPLE).as_micros();
        let allowed = u128::from(rate) * micros / 1_000_000;
        let gone: u64 = self.samples.iter().map(|it| it.1).sum();
        let left = allowed.saturating_sub(u128::from(gone));
        u64::try_from(left).unwrap_or(u64::MAX).min(rate)
    }

    fn forget(&mut self, now: Monotonic) {
        let all = SAMPLE * u32::try_from(SAMPLES).unwrap_or(u32::MAX);
        while self
            .samples
            .front()
            .is_some_and(|it| now.since(it.0) >= all)
        {
            self.samples.pop_front();
        }
    }
}

/// The replicas of a topic that are throttled on this broker.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Throttled {
    All,
    Some(BTreeSet<PartitionIndex>),
}

impl Throttled {
    /// Of `*`, or a list of `partition:broker`, what concerns `me`. `None`: nothing.
    fn parse(text: &str, me: BrokerId) -> Option<Throttled> {
        if text.trim() == "*" {
            return Some(Throttled::All);
        }
        let pairs = text.split(',').filter_map(|it| {
            let (partition, broker) = it.trim().split_once(':')?;
            let broker = BrokerId::from_wire(broker.trim().parse().ok()?)?;
            let partition = PartitionIndex::from_wire(partition.trim().parse().ok()?)?;
            (broker == me).then_some(partition)
        });
        let partitions: BTreeSet<PartitionIndex> = pairs.collect();
        (!partitions.is_empty()).then_some(Throttled::Some(partitions))
    }
}

/// A rate, and what of it went lately.
#[derive(Debug)]
pub(crate) struct Limit {
    rate: AtomicU64,
    quota: Mutex<Quota>,
}

impl Limit {
    fn new(rate: u64) -> Limit {
        Limit {
            rate: AtomicU64::new(rate),
            quota: Mutex::default(),
        }
    }

    fn rate(&self) -> u64 {
        self.rate.load(Ordering::Relaxed)
    }

    fn left(&self, now: Monotonic) -> u64 {
        let rate = self.rate();
        self.with(|it| it.left(rate, now))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Quota) -> T) -> T {
        work(&mut self.quota.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// All that one replica is held to; none: it is not throttled.
pub(crate) type Limits = Vec<Arc<Limit>>;

/// Counts what went for a replica.
pub(crate) fn record(limits: &[Arc<Limit>], bytes: u64, now: Monotonic) {
    for limit in limits.iter().filter(|_| bytes > 0) {
        limit.with(|it| it.record(bytes, now));
    }
}

/// What replicas may get at one point in time, of which each that gets some leaves less.
pub(crate) struct Allowance {
    now: Monotonic,
    left: Vec<(Arc<Limit>, u64)>,
}

impl Allowance {
    pub(crate) fn at(now: Monotonic) -> Allowance {
        Allowance {
            now,
            left: Vec::new(),
        }
    }

    /// Bytes that a replica may get, the fewest that any of its limits leaves; 0: it gets none.
    pub(crate) fn left(&mut self, limits: &[Arc<Limit>]) -> u64 {
        let mut fewest = u64::MAX;
        for limit in limits {
            let known = self.left.iter().find(|it| Arc::ptr_eq(&it.0, limit));
            let left = known.map_or_else(|| limit.left(self.now), |it| it.1);
            if known.is_none() {
                self.left.push((Arc::clone(limit), left));
            }
            fewest = fewest.min(left);
        }
        fewest
    }

    /// A replica, of which it was asked what is left for it, gets so many.
    pub(crate) fn take(&mut self, limits: &[Arc<Limit>], bytes: u64) {
        for (limit, left) in &mut self.left {
            if limits.iter().any(|it| Arc::ptr_eq(it, limit)) {
                *left = left.saturating_sub(bytes);
            }
        }
    }
}

/// One side's throttles: that of Kafka's configs, and one for each reassignment that has its own.
#[derive(Debug)]
pub(crate) struct Throttle {
    rate_name: &'static str,
    replicas_name: &'static str,
    topics: ArcSwap<BTreeMap<Str, Throttled>>,
    configured: Arc<Limit>,
    reassignments: ArcSwap<BTreeMap<Str, Arc<Limit>>>,
}

impl Throttle {
    fn new(rate_name: &'static str, replicas_name: &'static str) -> Throttle {
        Throttle {
            rate_name,
            replicas_name,
            topics: ArcSwap::default(),
            configured: Arc::new(Limit::new(u64::MAX)),
            reassignments: ArcSwap::default(),
        }
    }

    fn configure(&self, image: &Image, me: BrokerId) {
        let mut topics = BTreeMap::new();
        for (resource, configs) in image.configs().iter() {
            if let ConfigResource::Topic(name) = resource
                && let Some(text) = configs.get(self.replicas_name)
                && let Some(throttled) = Throttled::parse(text, me)
            {
                topics.insert(name.clone(), throttled);
            }
        }
        let rate = configs::number(image, me, self.rate_name).unwrap_or(u64::MAX);
        self.configured.rate.store(rate, Ordering::Relaxed);
        self.topics.store(Arc::new(topics));
        let known = self.reassignments.load();
        let limits = image.reassignments().filter_map(|(id, it)| {
            let rate = it.throttle?;
            let known = known.get(id).filter(|it| it.rate() == rate);
            // Another rate holds from now on: what went at the one before is not made up for.
            let limit = known.map_or_else(|| Arc::new(Limit::new(rate)), Arc::clone);
            Some((id.clone(), limit))
        });
        let limits = limits.collect();
        self.reassignments.store(Arc::new(limits));
    }

    /// What a replica is held to: nothing when it is in sync, for its leader waits for it.
    pub(crate) fn limits(&self, image: &Image, place: TopicPartition, replica: BrokerId) -> Limits {
        let mut limits = Limits::new();
        let Some(topic) = image.topic_by_id(place.topic_id) else {
            return limits;
        };
        let Some(partition) = topic.partition(place.partition) else {
            return limits;
        };
        if partition.isr.contains(&replica) {
            return limits;
        }
        if self.is_configured(&topic.name, place.partition) {
            limits.push(Arc::clone(&self.configured));
        }
        if partition.adding.contains(&replica)
            && let Some((id, _)) = image.reassignment_of(place)
            && let Some(limit) = self.reassignments.load().get(id)
        {
            limits.push(Arc::clone(limit));
        }
        limits
    }

    fn is_configured(&self, topic: &str, partition: PartitionIndex) -> bool {
        match self.topics.load().get(topic) {
            Some(Throttled::All) => true,
            Some(Throttled::Some(partitions)) => partitions.contains(&partition),
            None => false,
        }
    }
}

/// Both sides' throttles of a broker.
#[derive(Debug)]
pub(crate) struct Throttles {
    pub(crate) leader: Throttle,
    pub(crate) follower: Throttle,
}

impl Default for Throttles {
    fn default() -> Throttles {
        Throttles {
            leader: Throttle::new(
                "leader.replication.throttled.rate",
                "leader.replication.throttled.replicas",
            ),
            follower: Throttle::new(
                "follower.replication.throttled.rate",
                "follower.replication.throttled.replicas",
            ),
        }
    }
}

impl Throttles {
    /// Takes what the image says of them now.
    pub(crate) fn configure(&self, image: &Image, me: BrokerId) {
        self.leader.configure(image, me);
        self.follower.configure(image, me);
    }
}

#[cfg(test)]
mod tests;
