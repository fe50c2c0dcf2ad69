//! What the tests share: the Kubernetes, the operator, a Cluster, and records that are produced while
//! something is disturbed.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{
    Archive, Clients, Cluster, Paths, Producer, ProjectImages, Records, Steps, Tidemill,
    build_project_images, check, client_image, of_project,
};

/// The namespace of the Cluster that all tests share.
pub(crate) const SHOP: &str = "shop";
/// A namespace for a Cluster of a test's own.
pub(crate) const SECOND: &str = "second";
/// The shared Cluster, and one of its brokers in each zone.
pub(crate) const CLUSTER: &str = "cluster/demo";
pub(crate) const BROKERS: [&str; 3] = ["demo-main-a-0", "demo-main-b-0", "demo-main-c-0"];
/// A version whose image nobody has.
pub(crate) const BAD_VERSION: &str = "0.0.1-bad";

/// What a slow, busy machine may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);
pub(crate) const READY_SECONDS: u32 = 180;

/// Enough that producing takes longer than what a test does meanwhile.
const N_RECORDS_MAX: usize = 60_000;
const RECORDS_PER_SECOND: usize = 2_000;

pub(crate) struct World {
    pub(crate) cluster: Cluster,
    images: ProjectImages,
    kcat: Archive,
    records: Records,
}

/// The world, and the turn on it.
pub(crate) fn world() -> Result<(&'static World, MutexGuard<'static, ()>)> {
    static WORLD: OnceLock<World> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if WORLD.get().is_none() {
        let world = World::start()?;
        WORLD.get_or_init(|| world);
    }
    Ok((WORLD.get().context("it was just set")?, turn))
}

impl World {
    fn start() -> Result<World> {
        let steps = Steps::start();
        let paths = Paths::from_environment()?;
        let images = build_project_images(&paths)?;
        let records = Records::of_licences(N_RECORDS_MAX)?;
        let kcat = client_image(&paths, &records)?;
        let cluster = Cluster::for_tests(Path::new(env!("CARGO_BIN_EXE_kubernetes")))?;
        let world = World {
            cluster,
            images,
            kcat,
            records,
        };
        // Before anything is brought to a cluster of the user's: every test here disturbs.
        world.tidemill().ensure_ours()?;
        for archive in [&world.images.operator, &world.images.broker, &world.kcat] {
            world.cluster.load(archive)?;
        }
        // A person may have kept a Kubernetes with something in it.
        for namespace in [SHOP, SECOND] {
            world.tidemill().remove_namespace(namespace)?;
        }
        steps.done("the cluster is empty");
        world.tidemill().install(&World::more())?;
        steps.done("the operator is installed");
        let example = of_project("examples/cluster.yaml").display().to_string();
        world.kubectl(&["apply", "-f", &example])?;
        world.wait_ready(CLUSTER)?;
        steps.done("the Cluster is Ready");
        Ok(world)
    }

    pub(crate) fn tidemill(&self) -> Tidemill<'_> {
        Tidemill {
            cluster: &self.cluster,
            images: &self.images,
            namespaces: &[SHOP, SECOND],
        }
    }

    /// What helm is told beyond the usual.
    pub(crate) fn more() -> [&'static str; 2] {
        [
            "--set-string",
            r"brokerImages.0\.0\.1-bad=tidemill.local/none:1",
        ]
    }

    /// kubectl in the namespace of the shared Cluster.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        self.cluster
            .kubectl(&[&["--namespace", SHOP], arguments].concat())
    }

    /// One field of a resource in the namespace of the shared Cluster.
    pub(crate) fn field(&self, resource: &str, path: &str) -> Result<String> {
        let output = format!("jsonpath={{{path}}}");
        self.kubectl(&["get", resource, "-o", &output])
    }

    pub(crate) fn wait_ready(&self, resource: &str) -> Result<()> {
        let waited = self
            .cluster
            .wait_for(SHOP, resource, "Ready", READY_SECONDS);
        waited.with_context(|| self.tidemill().operator_says())
    }

    /// Waits until Ready is False, and gives reason and message.
    pub(crate) fn wait_not_ready(&self, resource: &str, seconds: u32) -> Result<(String, String)> {
        self.cluster
            .wait_for(SHOP, resource, "Ready=False", seconds)?;
        let told = |what: &str| {
            let path = format!(r#".status.conditions[?(@.type=="Ready")].{what}"#);
            self.field(resource, &path)
        };
        Ok((told("reason")?, told("message")?))
    }

    /// Which pods there are, by their uids and restarts.
    pub(crate) fn pods(&self) -> Result<String> {
        let columns = "custom-columns=NAME:.metadata.name,UID:.metadata.uid,\
                       RESTARTS:.status.containerStatuses[0].restartCount";
        let brokers = "--selector=tidemill.dev/cluster=demo";
        self.kubectl(&["get", "pods", brokers, "-o", columns])
    }

    fn clients(&self) -> Clients<'_> {
        Clients {
            cluster: &self.cluster,
            namespace: SHOP,
            image: &self.kcat.reference,
            bootstrap: "demo-bootstrap:9092",
        }
    }

    /// Makes a topic and begins to produce records to it. Returns once some are acknowledged.
    pub(crate) fn load(&self, topic: &str, n_records: usize) -> Result<Load<'_>> {
        ensure!(n_records <= N_RECORDS_MAX, "the image has fewer records");
        let manifest = std::fs::read_to_string(of_project("examples/topic.yaml"))?;
        let manifest = manifest.replace("name: orders", &format!("name: {topic}"));
        self.cluster.apply_in(SHOP, &manifest)?;
        self.wait_ready(&format!("topic/{topic}"))?;
        let pod = format!("{topic}-producer");
        let producer = self
            .clients()
            .produce(&pod, topic, n_records, RECORDS_PER_SECOND)?;
        producer.wait_for(n_records / 10, PATIENCE)?;
        Ok(Load {
            world: self,
            topic: topic.to_owned(),
            producer,
            pod,
            n_records,
        })
    }
}

/// Records on their way.
pub(crate) struct Load<'a> {
    world: &'a World,
    topic: String,
    producer: Producer<'a>,
    pub(crate) pod: String,
    n_records: usize,
}

impl Load<'_> {
    /// The pod of a broker that leads one of the topic's partitions.
    pub(crate) fn leader(&self) -> Result<String> {
        let leaders = self.world.clients().leaders(&self.pod, &self.topic)?;
        leaders.into_iter().next().context("it has partitions")
    }

    /// Fails unless records are still on their way; waits until another `n` are acknowledged.
    pub(crate) fn goes_on(&self, n: usize) -> Result<()> {
        let n_acknowledged = self.producer.n_acknowledged()?;
        ensure!(
            n_acknowledged + n <= self.n_records,
            "of {} records {n_acknowledged} are acknowledged already: the disturbance came too late",
            self.n_records
        );
        self.producer.wait_for(n_acknowledged + n, PATIENCE)?;
        Ok(())
    }

    /// Waits for the end, and compares what is read with what was sent.
    pub(crate) fn end(self) -> Result<()> {
        self.producer.end(PATIENCE)?;
        let name = format!("{}-reader", self.topic);
        let group = self.world.clients().consume(&name, &self.topic, 1)?;
        let seen = group.wait_for(self.n_records, PATIENCE)?;
        let verdict = check(&self.world.records.first(self.n_records), &seen)?;
        ensure!(verdict.n_records == self.n_records, "{verdict:?}");
        group.end()
    }
}
