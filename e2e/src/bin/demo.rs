//! `demo`: the whole of Tidemill once, on a real Kubernetes, with a broker killed in the middle.
//!
//! In: nothing. Out: a line per step with the time since the start; an error when anything is not as
//! promised. The cluster is left running. Never here: how anything is done.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{
    Clients, Cluster, Paths, Producer, Records, Steps, Tidemill, build_project_images, check,
    client_image, of_project,
};

const NAMESPACE: &str = "shop";
const TOPIC: &str = "orders";
const GROUP: &str = "billing";
const PRODUCER: &str = "producer";
const BOOTSTRAP: &str = "demo-bootstrap:9092";

const N_RECORDS: usize = 100_000;
/// So that producing takes long enough for a broker to be killed in the middle of it.
const RECORDS_PER_SECOND: usize = 5_000;
/// Acknowledged before the broker is killed.
const N_BEFORE: usize = N_RECORDS / 3;

/// What a slow, busy machine may take for what takes seconds.
const PATIENCE: Duration = Duration::from_secs(300);
const READY_SECONDS: u32 = 180;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            let paths = Paths::from_environment();
            if matches!(paths.and_then(|it| Cluster::existing(&it)), Ok(Some(_))) {
                eprintln!("the cluster is left as it is; `make demo-down` removes it");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let paths = Paths::from_environment()?;
    let steps = Steps::start();
    // Before anything is built: that takes a while.
    ensure!(
        std::env::var_os("TIDEMILL_KUBECONFIG").is_none(),
        "the demo kills a broker from its node, so it needs nodes of its own: unset \
         TIDEMILL_KUBECONFIG"
    );
    Cluster::may_start()?;
    let records = Records::of_licences(N_RECORDS)?;
    Cluster::build(&paths, &steps)?;
    let images = build_project_images(&paths)?;
    let kcat = client_image(&paths, &records)?;
    steps.done("built the images of broker, operator and clients");
    let cluster = Cluster::up(&paths, &steps)?;
    let tidemill = Tidemill {
        cluster: &cluster,
        images: &images,
        namespaces: &[NAMESPACE],
    };
    if tidemill.remove_namespace(NAMESPACE)? {
        steps.done(&format!("removed the earlier demo's namespace {NAMESPACE}"));
    }
    for archive in [&images.operator, &images.broker, &kcat] {
        cluster.load(archive)?;
    }
    steps.done("the nodes hold the images");
    install(&tidemill, &steps)?;
    let clients = Clients {
        cluster: &cluster,
        namespace: NAMESPACE,
        image: &kcat.reference,
        bootstrap: BOOTSTRAP,
    };
    exercise(&clients, &records, &steps)?;
    cluster.wait_for(NAMESPACE, "cluster/demo", "Ready", READY_SECONDS)?;
    let group = format!("consumergroup/{GROUP}");
    let no_lag = [
        "wait",
        &group,
        "--for=jsonpath={.status.lag.total}=0",
        "--timeout=60s",
    ];
    cluster.kubectl(&[&["--namespace", NAMESPACE], &no_lag[..]].concat())?;
    steps.done("the Cluster is Ready, the ConsumerGroup tells of no lag");
    show(&cluster)
}

/// The operator by helm, then the resources by kubectl, as a user would.
fn install(tidemill: &Tidemill<'_>, steps: &Steps) -> Result<()> {
    let cluster = tidemill.cluster;
    tidemill.install(&[])?;
    steps.done("helm installed tidemill-crds and tidemill");
    for file in ["cluster.yaml", "topic.yaml", "consumer-group.yaml"] {
        let path = of_project("examples").join(file).display().to_string();
        cluster.kubectl(&["--namespace", NAMESPACE, "apply", "-f", &path])?;
    }
    steps.done("kubectl applied a Cluster, a Topic and a ConsumerGroup (examples/)");
    let ready = |what: &str| {
        cluster
            .wait_for(NAMESPACE, what, "Ready", READY_SECONDS)
            .with_context(|| tidemill.operator_says())
    };
    ready("cluster/demo")?;
    steps.done("the Cluster is Ready: three brokers in three zones");
    ready("topic/orders")?;
    steps.done("the Topic is Ready: 6 partitions, 3 replicas, min.insync.replicas 2");
    Ok(())
}

/// Produces, kills, consumes and compares.
fn exercise(clients: &Clients<'_>, records: &Records, steps: &Steps) -> Result<()> {
    let group = clients.consume(GROUP, TOPIC, 2)?;
    steps.done("two pods consume as one group");
    let producer = clients.produce(PRODUCER, TOPIC, N_RECORDS, RECORDS_PER_SECOND)?;
    steps.done("a pod produces with acks=all and idempotence");
    kill_a_leader(clients, &producer, steps)?;
    producer.end(PATIENCE)?;
    steps.done(&format!("all {N_RECORDS} records are acknowledged"));
    let seen = group.wait_for(N_RECORDS, PATIENCE)?;
    let shares = group.n_seen()?;
    let verdict = check(records, &seen)?;
    ensure!(
        verdict.n_records == N_RECORDS && shares.iter().all(|it| *it > 0),
        "the group's pods have read {shares:?} records, {} different ones",
        verdict.n_records
    );
    steps.done(&format!(
        "{} records read back, {} keys each in its order: none lost, none twice",
        verdict.n_records, verdict.n_keys
    ));
    if verdict.n_read_again > 0 {
        let n = verdict.n_read_again;
        steps.done(&format!(
            "{n} of them were read by both pods when the group was rebalanced"
        ));
    }
    Ok(())
}

fn kill_a_leader(clients: &Clients<'_>, producer: &Producer<'_>, steps: &Steps) -> Result<()> {
    let (cluster, namespace) = (clients.cluster, clients.namespace);
    producer.wait_for(N_BEFORE, PATIENCE)?;
    let leaders = clients.leaders(PRODUCER, TOPIC)?;
    let victim = leaders.first().context("the topic has no partitions")?;
    let n_led = leaders.iter().filter(|it| *it == victim).count();
    let n_restarts = cluster.n_restarts(namespace, victim)?;
    let n_before = producer.n_acknowledged()?;
    cluster.kill_container(namespace, victim)?;
    steps.done(&format!(
        "killed {victim} with SIGKILL: it led {n_led} of {} partitions; {n_before} records were \
         acknowledged",
        leaders.len()
    ));
    // Read after the kill: so it did fall into the middle.
    let n_after = producer.n_acknowledged()?;
    ensure!(
        n_after < N_RECORDS,
        "the producer had ended before the broker was killed"
    );
    producer.wait_for(n_after + 1, PATIENCE)?;
    e2e::until("the broker's restart", PATIENCE, || {
        Ok((cluster.n_restarts(namespace, victim)? > n_restarts).then_some(()))
    })?;
    let pod = format!("pod/{victim}");
    cluster.wait_for(namespace, &pod, "Ready", READY_SECONDS)?;
    steps.done(&format!(
        "{victim} is back on its data and in all its ISRs; producing went on meanwhile"
    ));
    Ok(())
}

/// Everything as the user would see it, and what to do with it.
fn show(cluster: &Cluster) -> Result<()> {
    let table = |what: &str| cluster.kubectl(&["--namespace", NAMESPACE, "get", what]);
    let resources = table("clusters,topics,consumergroups")?;
    let pods = cluster.kubectl(&["--namespace", NAMESPACE, "get", "pods", "-o", "wide"])?;
    let kubeconfig = cluster.kubeconfig().display();
    let folders = cluster.folders_of_programs();
    let folders: Vec<_> = folders.iter().map(|it| it.to_string_lossy()).collect();
    let folders = folders.join(":");
    let text = format!(
        "\n$ kubectl get clusters,topics,consumergroups\n{resources}\n\
         $ kubectl get pods -o wide\n{pods}\n\
         The cluster goes on. Try:\n\
         \x20 export KUBECONFIG={kubeconfig} PATH={folders}:$PATH\n\
         \x20 kubectl config set-context --current --namespace {NAMESPACE}\n\
         \x20 kubectl describe cluster demo                       # conditions, brokers, bootstrap servers\n\
         \x20 kubectl patch topic orders --type merge -p '{{\"spec\": {{\"config\": {{\"retention.ms\": \"86400000\"}}}}}}'\n\
         \x20 kubectl delete pod demo-main-a-0                    # it comes back on its data\n\
         \x20 kubectl exec billing-0 -- kcat -b {BOOTSTRAP} -L   # any Kafka client in the cluster\n\
         \x20 make demo-down                                      # removes all of it\n"
    );
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .context("failed to write to stdout")
}
