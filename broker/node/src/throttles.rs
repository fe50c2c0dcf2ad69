//! How fast throttled replicas may catch up (KIP-73): a quota for what this broker sends as a leader,
//! and one for what it fetches as a follower.
//!
//! In: the image's `leader.` and `follower.replication.throttled.rate` and `.replicas`; bytes as they
//! go; the time. Out: how many more may go now. Never here: who is in sync, whom no throttle holds
//! back; the bytes of those are not counted either.
//!
//! A rate is what went within the last samples, over their time. It is looked at before bytes go, so
//! it may be passed by what goes at once, and then nothing goes until it has been made up for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use broker_metadata::{ConfigResource, Image};
use broker_types::{BrokerId, Monotonic, PartitionIndex};
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

#[derive(Debug, Default)]
struct Settings {
    rate: u64,
    topics: BTreeMap<Str, Throttled>,
}

/// One side's throttle.
#[derive(Debug)]
pub(crate) struct Throttle {
    rate_name: &'static str,
    replicas_name: &'static str,
    settings: ArcSwap<Settings>,
    quota: Mutex<Quota>,
}

impl Throttle {
    fn new(rate_name: &'static str, replicas_name: &'static str) -> Throttle {
        Throttle {
            rate_name,
            replicas_name,
            settings: ArcSwap::default(),
            quota: Mutex::default(),
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
        self.settings.store(Arc::new(Settings { rate, topics }));
    }

    /// Whether a replica is throttled, as long as it is not in sync.
    pub(crate) fn is_on(&self, topic: &str, partition: PartitionIndex) -> bool {
        match self.settings.load().topics.get(topic) {
            Some(Throttled::All) => true,
            Some(Throttled::Some(partitions)) => partitions.contains(&partition),
            None => false,
        }
    }

    /// Bytes that throttled replicas may still get now; 0: none of them gets any.
    pub(crate) fn left(&self, now: Monotonic) -> u64 {
        let rate = self.settings.load().rate;
        self.with(|it| it.left(rate, now))
    }

    /// Counts what went for throttled replicas.
    pub(crate) fn record(&self, bytes: u64, now: Monotonic) {
        if bytes > 0 {
            self.with(|it| it.record(bytes, now));
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Quota) -> T) -> T {
        work(&mut self.quota.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Both throttles of a broker.
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
mod tests {
    use broker_wire::messages::config_record::ConfigRecord;

    use super::*;

    const ME: BrokerId = BrokerId::new(1);

    fn at(millis: u64) -> Monotonic {
        Monotonic::ZERO + Duration::from_millis(millis)
    }

    #[test]
    fn what_went_at_once_is_made_up_for() {
        let mut quota = Quota::default();
        assert_eq!(quota.left(1_000, at(0)), 1_000);
        quota.record(4_000, at(0));
        for (millis, left) in [(1_000, 0), (3_999, 0), (4_500, 500), (10_000, 1_000)] {
            assert_eq!(quota.left(1_000, at(millis)), left, "after {millis} ms");
        }
    }

    #[test]
    fn a_sample_is_forgotten_after_its_time_and_so_is_its_debt() {
        let mut quota = Quota::default();
        quota.record(1 << 30, at(0));
        assert_eq!(quota.left(1_000, at(10_999)), 0);
        assert_eq!(quota.left(1_000, at(11_000)), 1_000);
    }

    #[test]
    fn over_time_a_rate_is_kept() {
        let mut quota = Quota::default();
        let mut gone = 0;
        for millis in (0..60_000).step_by(100) {
            let left = quota.left(10_000, at(millis)).min(3_000);
            quota.record(left, at(millis));
            gone += left;
            assert!(quota.samples.len() as u64 <= SAMPLES);
        }
        assert!((550_000..=620_000).contains(&gone), "{gone} in 60 s");
    }

    #[test]
    fn nothing_goes_at_a_rate_of_nothing_and_all_without_one() {
        let mut quota = Quota::default();
        assert_eq!(quota.left(0, at(0)), 0);
        quota.record(u64::MAX, at(0));
        assert_eq!(quota.left(u64::MAX, at(20_000)), u64::MAX);
    }

    #[test]
    fn replicas_are_throttled_by_the_broker_they_are_on() {
        let throttles = Throttles::default();
        let mut image = Image::new("a cluster".into());
        let mut set = |kind, resource: &str, name: &'static str, value: &str| {
            let record = ConfigRecord {
                resource_type: kind,
                resource_name: resource.into(),
                name: name.into(),
                value: Some(value.into()),
                ..ConfigRecord::default()
            };
            image.apply(&record.into()).unwrap();
        };
        let replicas = "leader.replication.throttled.replicas";
        set(2, "some", replicas, "0:1, 1:2,7:1");
        set(2, "all", replicas, "*");
        set(2, "none", replicas, "");
        set(4, "1", "leader.replication.throttled.rate", "500");
        throttles.configure(&image, ME);
        let is_on = |topic, it| throttles.leader.is_on(topic, PartitionIndex::new(it));
        assert!(is_on("some", 0) && !is_on("some", 1) && is_on("some", 7));
        assert!(is_on("all", 3) && !is_on("none", 0) && !is_on("other", 0));
        assert!(!throttles.follower.is_on("all", PartitionIndex::new(0)));
        assert_eq!(throttles.leader.left(at(0)), 500);
        throttles.leader.record(700, at(0));
        assert_eq!(throttles.leader.left(at(0)), 0);
        assert!(throttles.follower.left(at(0)) > 1 << 60);
    }
}
