//! One run: a cluster is made, faults come while clients work, then all must be well again.
//!
//! In: a seed. Out: what was wrong, if anything; a digest of all that happened; what it reached.
//!
//! **Safety, then liveness.** In the first phase anything may fail and only promises count: what is
//! acknowledged, shown, committed. In the second nothing fails any more, and within bounded time
//! every broker is ready, every replica in sync, every record acknowledged and readable.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use broker_log::dir::Dir;
use broker_log::partition_folder;
use broker_metadata::controller::GROUP_METADATA_TOPIC_NAME;

use crate::clients::{
    Client, Committer, Consumer, Journal, Key, Mover, Place, Producer, Reading, Restorer, Tenant,
    Watcher, is_tombstone,
};
use crate::cluster::Cluster;
use crate::executor::Process;
use crate::faults::{Kind, Mixture, inject};
use crate::losses::flip_bit;
use crate::network::Host;
use crate::reassigner::reassign;
use crate::setup::{ask_until_done, defaults, topics};

pub(crate) const LEDGER: &str = "ledger";
pub(crate) const JOURNAL: &str = "journal";
/// The compacted topic.
pub(crate) const TABLE: &str = "table";
/// Bytes that brokers keep free on their disks.
pub(crate) const MIN_FREE: u64 = 20_000;
/// Said when a disk has changed a record.
pub(crate) const FLIPPED: &str = "a bit of an old record changed";
/// Partitions of the topic in which groups keep their offsets.
pub(crate) const GROUP_PARTITIONS: i32 = 2;
/// How long a cluster may take to form and make its topics.
const FORM_WITHIN: Duration = Duration::from_secs(30);
/// How long it may take until all is well once nothing fails any more.
const HEAL_WITHIN: Duration = Duration::from_secs(90);
const STEP: Duration = Duration::from_millis(200);

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub violation: Option<String>,
    /// Number and digest of all events; equal only for equal runs.
    pub digest: (u64, u64),
    pub marks: BTreeMap<&'static str, u64>,
    pub simulated: Duration,
    /// From the end of the faults until all was well.
    pub recovered_in: Duration,
    pub n_polls: u64,
    pub n_acknowledged: usize,
}

/// Runs a seed.
pub fn run(seed: u64, is_printed: bool) -> Outcome {
    let mixture = Mixture::new(seed);
    let mut run = Run::new(seed, is_printed, mixture);
    let recovered_in = run.all();
    let trace = &run.cluster.around.trace;
    Outcome {
        violation: trace.found(),
        digest: trace.digest(),
        marks: trace.marks(),
        simulated: Duration::from_micros(run.cluster.now().as_micros()),
        recovered_in: recovered_in.unwrap_or_default(),
        n_polls: run.cluster.executor.polls,
        n_acknowledged: run.journal.with(|it| it.acknowledged()),
    }
}

struct Run {
    cluster: Cluster,
    mixture: Mixture,
    journal: Journal,
    places: Vec<Place>,
    table: Place,
    n_clients: u32,
    hosts: Vec<Host>,
    producers: Vec<Producer>,
    committers: Vec<Committer>,
    tenant: Option<Tenant>,
    mover: Option<Mover>,
    /// Partitions that are moved, by whomever.
    moved: Vec<(&'static str, i32)>,
}

impl Run {
    fn new(seed: u64, is_printed: bool, mixture: Mixture) -> Run {
        let cluster = Cluster::new(
            seed,
            is_printed,
            mixture.latency,
            mixture.durability,
            mixture.size,
        );
        cluster
            .around
            .trace
            .say(format_args!("seed {seed}: {mixture:?}"));
        let mut places = Vec::new();
        let n_partitions = i32::try_from(cluster.around.chance.between(1, 3)).unwrap_or(1);
        for (topic, n_partitions) in [(LEDGER, n_partitions), (JOURNAL, 1)] {
            for partition in 0..n_partitions {
                places.push(Place {
                    topic,
                    partition,
                    number: u32::try_from(places.len()).unwrap_or_default(),
                    is_compacted: false,
                });
            }
        }
        let table = Place {
            topic: TABLE,
            partition: 0,
            number: u32::try_from(places.len()).unwrap_or_default(),
            is_compacted: true,
        };
        let journal = Journal::default();
        journal.with(|it| it.is_compacted(table.number));
        Run {
            cluster,
            mixture,
            journal,
            places,
            table,
            n_clients: 0,
            hosts: Vec::new(),
            producers: Vec::new(),
            committers: Vec::new(),
            tenant: None,
            mover: None,
            moved: Vec::new(),
        }
    }

    /// The whole run; how long it took to be well again.
    fn all(&mut self) -> Option<Duration> {
        for index in 0..self.cluster.brokers.len() {
            self.cluster.start(index);
        }
        self.make_topics()?;
        self.begin_work();
        self.fail()?;
        let recovered_in = self.recover()?;
        self.read_all()?;
        for anomaly in self.journal.with(|it| it.check()) {
            self.cluster.around.trace.violation(anomaly.to_string());
        }
        Some(recovered_in)
    }

    fn client(&mut self) -> Client {
        self.n_clients += 1;
        let host = Host(100 + self.n_clients);
        self.hosts.push(host);
        let process = Process(self.n_clients);
        Client::new(&self.cluster.around, host, process, &self.cluster.ids)
    }

    /// Runs on; `None` when something is wrong.
    fn go_on(&mut self, duration: Duration) -> Option<()> {
        self.cluster.run_for(duration);
        self.cluster.around.trace.found().is_none().then_some(())
    }

    fn make_topics(&mut self) -> Option<()> {
        let admin = self.client();
        let is_done = Arc::new(AtomicBool::new(false));
        let (client, done) = (admin.clone(), Arc::clone(&is_done));
        let n_partitions = self.places.iter().filter(|it| it.topic == LEDGER).count();
        admin.spawn(async move {
            let n_partitions = i32::try_from(n_partitions).unwrap_or(1);
            ask_until_done(&client, &defaults()).await;
            ask_until_done(&client, &topics(n_partitions)).await;
            done.store(true, Ordering::Relaxed);
        });
        let until = self.cluster.now() + FORM_WITHIN;
        while !is_done.load(Ordering::Relaxed) {
            if self.cluster.now() > until {
                let what = "the cluster did not form".to_owned();
                self.cluster.around.trace.violation(what);
            }
            self.go_on(STEP)?;
        }
        Some(())
    }

    fn begin_work(&mut self) {
        let places = self.places.clone();
        let written: Vec<Place> = places.iter().copied().chain([self.table]).collect();
        for number in 1..=2 {
            let pace = self.cluster.around.chance.millis(5, 120);
            let producer = Producer::new(self.client(), self.journal.clone(), number, pace);
            producer.start(&written);
            self.producers.push(producer);
        }
        for number in 1..=2 {
            let consumer = Consumer::new(self.client(), self.journal.clone(), number, &places);
            match self.cluster.around.chance.pick(&self.cluster.ids) {
                Some(near) if number == 2 => consumer.in_rack_of(near).start(),
                Some(_) | None => consumer.start(),
            }
        }
        Watcher::new(self.client()).start(&places);
        for (name, place) in ["readers", "writers"].iter().zip(&places) {
            let committer = Committer::new(self.client(), name, *place);
            committer.start();
            self.committers.push(committer);
        }
        Restorer::new(self.client(), self.table).start();
        let tenant = Tenant::new(self.client());
        tenant.start();
        self.tenant = Some(tenant);
        if self.mixture.has_moves {
            let written = written.iter().map(|it| (it.topic, it.partition));
            let groups = (0..GROUP_PARTITIONS).map(|it| (GROUP_METADATA_TOPIC_NAME, it));
            self.moved = written.chain(groups).collect();
            let mover = Mover::new(self.client(), &self.cluster.ids.clone(), &self.moved);
            mover.start();
            self.mover = Some(mover);
        }
    }

    /// The safety phase.
    fn fail(&mut self) -> Option<()> {
        let chance = self.cluster.around.chance.clone();
        let millis_max = if chance.happens(500) { 1_500 } else { 6_000 };
        self.cluster.away_millis = (50, millis_max);
        self.cluster.executor.set_stalls(self.mixture.stalls);
        let end = self.cluster.now() + chance.millis(8_000, 25_000);
        self.go_on(chance.millis(100, 2_000))?;
        while self.cluster.now() < end {
            inject(&mut self.cluster, &self.mixture, &self.hosts);
            let every = u64::try_from(self.mixture.every.as_micros()).unwrap_or(u64::MAX);
            if self.mixture.has_moves && chance.happens(200) {
                reassign(&self.cluster, &self.moved);
            }
            self.go_on(chance.micros(0, 2 * every))?;
        }
        if self.mixture.kinds.contains(&Kind::FlipBit) {
            // By now there are old records, if there was nothing to change before.
            let one = chance.index(self.cluster.brokers.len());
            flip_bit(&mut self.cluster, one);
        }
        Some(())
    }

    /// The liveness phase.
    fn recover(&mut self) -> Option<Duration> {
        if let Some(mover) = &self.mover {
            mover.end();
        }
        self.cluster.heal();
        self.cluster.away_millis = (50, 100);
        let begun = self.cluster.now();
        let acknowledged = |it: &Run| -> Vec<usize> {
            it.producers.iter().map(Producer::n_acknowledged).collect()
        };
        let before = acknowledged(self);
        loop {
            self.go_on(STEP)?;
            let since = self.cluster.now().since(begun);
            let mut unwell = self.unwell();
            let now = acknowledged(self);
            let have_all_gone_on = before.iter().zip(&now).all(|(before, now)| now > before);
            if unwell.is_none() && have_all_gone_on {
                self.producers.iter().for_each(Producer::end);
                let n_left: usize = self.producers.iter().map(Producer::n_unacknowledged).sum();
                if n_left == 0 {
                    return Some(since);
                }
                unwell = Some(format!("{n_left} records are not acknowledged"));
            }
            if since > HEAL_WITHIN {
                let why = unwell.unwrap_or(format!("acknowledged before {before:?}, now {now:?}"));
                let what = format!("not well {HEAL_WITHIN:?} after all faults ended: {why}");
                self.cluster.around.trace.violation(what);
            }
        }
    }

    /// Why the cluster is not well.
    fn unwell(&self) -> Option<String> {
        let mut positions = Vec::new();
        for broker in &self.cluster.brokers {
            let id = broker.id;
            let Some(node) = broker.node() else {
                return Some(format!("broker {id} does not run"));
            };
            if !node.is_ready() {
                return Some(format!("broker {id} is not ready"));
            }
            let image = node.image();
            for (topic, index, partition) in image.partitions() {
                let name = &topic.name;
                let is_whole = partition.isr.len() == partition.replicas.len();
                if partition.leader.is_none() || !is_whole || partition.is_reassigning() {
                    return Some(format!(
                        "{name}-{index} is not whole, says broker {id}: {partition:?}"
                    ));
                }
            }
            if let Some(path) = broker.damaged_segment(&format!("{JOURNAL}-0")) {
                return Some(format!(
                    "broker {id} still has damage in {}",
                    path.display()
                ));
            }
            positions.push(image.position().map(|it| it.offset));
        }
        positions.dedup();
        (positions.len() > 1).then(|| format!("the brokers' images stand at {positions:?}"))
    }

    /// Everything is read once more, from the beginning to where it ends now.
    fn read_all(&mut self) -> Option<()> {
        let places = self.places.clone();
        let watcher = Watcher::new(self.client());
        watcher.start(&places);
        let reader = Consumer::new(self.client(), self.journal.clone(), 9, &places);
        reader.start();
        let restorer = Restorer::new(self.client(), self.table);
        restorer.start();
        let n_before: Vec<u64> = self.committers.iter().map(Committer::n_read_back).collect();
        let n_topics = |it: &Run| it.tenant.as_ref().map(Tenant::n_topics);
        // One may have been read back before the faults ended.
        let n_topics_wanted = n_topics(self).map(|it| it + 2);
        let begun = self.cluster.now();
        loop {
            self.go_on(STEP)?;
            let is_read = places.iter().all(|it| {
                let (end, n_answers) = watcher.end(*it);
                n_answers > 0 && reader.position(*it) >= end
            });
            let groups = self.committers.iter().zip(&n_before);
            let have_groups_gone_on = groups.into_iter().all(|(it, n)| it.n_read_back() > *n);
            let has_tenant_gone_on = n_topics(self) >= n_topics_wanted;
            let restored = restorer.last();
            if let Some(reading) = &restored
                && is_read
                && have_groups_gone_on
                && has_tenant_gone_on
            {
                self.check_table(reading);
                self.check_folders();
                return Some(());
            }
            if self.cluster.now().since(begun) > HEAL_WITHIN {
                let what = format!(
                    "read to the end: {is_read}; groups: {have_groups_gone_on}; topics that \
                     come and go: {has_tenant_gone_on}; a table restored: {}",
                    restored.is_some()
                );
                self.cluster.around.trace.violation(what);
            }
        }
    }
}

impl Run {
    /// No broker keeps what was moved to others. What the tenant has just deleted may still be there.
    fn check_folders(&self) {
        let moved = [LEDGER, JOURNAL, TABLE, GROUP_METADATA_TOPIC_NAME];
        for broker in &self.cluster.brokers {
            let Some(node) = broker.node() else { continue };
            let image = node.image();
            for (topic, index, partition) in image.partitions() {
                let folder = partition_folder(&topic.name, index);
                let is_there = broker.disk().exists(Path::new(&folder));
                if moved.contains(&&*topic.name)
                    && !partition.replicas.contains(&broker.id)
                    && is_there.unwrap_or(false)
                {
                    let what = format!("broker {} keeps {folder}, which others have", broker.id);
                    self.cluster.around.trace.violation(what);
                }
            }
        }
    }

    /// The last record of each key is there, or its key has gone.
    fn check_table(&self, reading: &Reading) {
        let mut last = BTreeMap::new();
        let acknowledged: Vec<_> = self
            .journal
            .with(|it| it.values(self.table.number).collect());
        for (value, offset) in &acknowledged {
            last.insert(Key::of(*value), (*value, *offset));
        }
        for (key, (value, offset)) in last {
            let found = reading.table.get(&key);
            let is_right = match found {
                Some((at, None)) => is_tombstone(value) && *at == offset,
                Some((at, Some(found))) => *found == value && *at == offset,
                None => is_tombstone(value),
            };
            if !is_right {
                let what = format!("{key:?} was last {value} at @{offset}; it is {found:?}");
                self.cluster.around.trace.violation(what);
            }
        }
        if reading.n_records < acknowledged.len() as u64 {
            self.cluster.around.trace.mark("a topic was compacted");
        }
    }
}
