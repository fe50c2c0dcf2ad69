//! Kafka clients in pods: a producer, a group of consumers, and questions, all of them kcat.
//!
//! In: a namespace with a Tidemill cluster in it. Out: pods that produce and consume, and what they
//! saw. Never here: whether that is right (see [`crate::history`]).
//!
//! Producer and consumers keep what they are told in files of their own, for a container's log is cut
//! when it grows.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::history::Seen;
use crate::image::Archive;
use crate::images::busybox;
use crate::packages;
use crate::paths::Paths;
use crate::program::run;
use crate::records::{Records, SEPARATOR};
use crate::wait::until;

/// Where the image keeps the records.
const RECORDS: &str = "/records";
/// The volume of a client's own.
const WORK: &str = "/work";
/// Records that are handed to a producer at a time.
const CHUNK: usize = 250;
const POD_TIMEOUT: Duration = Duration::from_secs(90);
/// Keeps a pod that has done its work, to be asked.
const FOR_EVER: &str = "sleep 2147483647";

/// The image of all clients: kcat with its libraries, a shell, and the records to produce.
///
/// # Errors
///
/// When kcat is not installed.
pub fn client_image(paths: &Paths, records: &Records) -> Result<Archive> {
    let kcat = packages::find("kcat").context("missing: kcat (Debian: apt-get install kcat)")?;
    let mut image = busybox()?
        .named("kcat")
        .text(RECORDS, &records.text())
        .copy("/bin/kcat", &kcat, 0o755)
        .user("65532:65532");
    for library in libraries(&kcat)? {
        image = image.copy(&library, Path::new(&library), 0o755);
    }
    image.write(&paths.images())
}

/// The files that a program needs to be started, its loader included.
fn libraries(program: &Path) -> Result<Vec<String>> {
    let listed = run(Command::new("ldd").arg(program))?;
    Ok(parse_libraries(&listed))
}

/// Reads lines of `libz.so.1 => /lib/libz.so.1 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)`.
fn parse_libraries(listed: &str) -> Vec<String> {
    let words = listed.lines().map(str::split_whitespace);
    words
        .filter_map(|mut it| it.find(|word| word.starts_with('/')))
        .map(str::to_owned)
        .collect()
}

/// Clients of one Tidemill cluster.
#[derive(Clone, Debug)]
pub struct Clients<'a> {
    pub cluster: &'a Cluster,
    /// Where the pods are.
    pub namespace: &'a str,
    /// Reference of [`client_image`].
    pub image: &'a str,
    /// Where a client finds a first broker, `host:port`.
    pub bootstrap: &'a str,
}

/// A pod that produces.
#[derive(Clone, Debug)]
pub struct Producer<'a> {
    clients: Clients<'a>,
    pod: String,
    n_records: usize,
}

/// The pods of a consumer group.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    clients: Clients<'a>,
    pods: Vec<String>,
}

impl<'a> Clients<'a> {
    /// Starts a pod called `name` that produces the image's first `n_records` records to `topic`, in
    /// order and about `per_second` of them each second, with `acks=all` and idempotence.
    ///
    /// # Errors
    ///
    /// When the pod does not start.
    pub fn produce(
        &self,
        name: &str,
        topic: &str,
        n_records: usize,
        per_second: usize,
    ) -> Result<Producer<'a>> {
        let pause_ms = CHUNK * 1000 / per_second.max(1);
        let pause = format!("sleep {}.{:03}", pause_ms / 1000, pause_ms % 1000);
        let paced =
            format!(r#"{{print}} NR%{CHUNK}==0 {{fflush(); if (system("{pause}")) exit 1}}"#);
        // Verbose enough to report every record that was acknowledged; -E, so that it does not give up
        // when no broker can be reached for a moment; and one request at a time, for librdkafka before
        // 2.3 calls it fatal when after a lost connection the first of two requests is refused by a
        // broker that leads in time for the second.
        let script = format!(
            "head -n {n_records} {RECORDS} | awk '{paced}' | kcat -E -P -b {} -t {topic} -K '\\t' \
             -X acks=all -X enable.idempotence=true -X linger.ms=20 -X max.in.flight=1 -vvv \
             2>{WORK}/report; \
             echo $? >{WORK}/status; {FOR_EVER}",
            self.bootstrap,
        );
        self.start(name, &script)?;
        Ok(Producer {
            clients: self.clone(),
            pod: name.to_owned(),
            n_records,
        })
    }

    /// Starts `n_pods` pods, `<group>-0` and so on, that consume `topic` as one group.
    ///
    /// # Errors
    ///
    /// When the pods do not start.
    pub fn consume(&self, group: &str, topic: &str, n_pods: usize) -> Result<Group<'a>> {
        // kcat ends, for example, while the topic is not there yet; whoever consumes begins again.
        let script = format!(
            "touch {WORK}/seen; while sleep 0.2; do kcat -E -G {group} -b {} \
             -X auto.offset.reset=earliest -X topic.metadata.refresh.interval.ms=5000 -q -u \
             -f '%p\\t%o\\t%k\\t%s\\n' {topic} >>{WORK}/seen 2>>{WORK}/report; done",
            self.bootstrap,
        );
        let pods: Vec<String> = (0..n_pods).map(|it| format!("{group}-{it}")).collect();
        for pod in &pods {
            self.apply(&self.pod(pod, &script))?;
        }
        for pod in &pods {
            self.wait_ready(pod)?;
        }
        Ok(Group {
            clients: self.clone(),
            pods,
        })
    }

    /// The pods of the brokers that lead each partition of a topic, in order of the partitions.
    /// Answered by any client pod that runs.
    ///
    /// # Errors
    ///
    /// When a partition has no leader, or nobody answers.
    pub fn leaders(&self, client: &str, topic: &str) -> Result<Vec<String>> {
        let command = format!("kcat -L -J -b {} -t {topic}", self.bootstrap);
        parse_leaders(&self.exec(client, &command)?)
    }

    fn start(&self, name: &str, script: &str) -> Result<()> {
        self.apply(&self.pod(name, script))?;
        self.wait_ready(name)
    }

    fn apply(&self, pod: &Value) -> Result<()> {
        let applied = self.cluster.apply_in(self.namespace, &pod.to_string());
        applied.map(drop)
    }

    fn wait_ready(&self, name: &str) -> Result<()> {
        let timeout = format!("--timeout={}s", POD_TIMEOUT.as_secs());
        let pod = format!("pod/{name}");
        let wait = ["wait", "--for=condition=Ready", &pod, &timeout];
        self.kubectl(&wait)
            .with_context(|| self.kubectl(&["describe", &pod]).unwrap_or_default())
            .map(drop)
    }

    fn pod(&self, name: &str, script: &str) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {
                "automountServiceAccountToken": false,
                "terminationGracePeriodSeconds": 1,
                "securityContext": {
                    "runAsNonRoot": true,
                    "runAsUser": 65532,
                    "fsGroup": 65532,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "restartPolicy": "Never",
                "containers": [{
                    "name": "kcat",
                    "image": self.image,
                    "command": ["sh", "-c", script],
                    "securityContext": {
                        "allowPrivilegeEscalation": false,
                        "readOnlyRootFilesystem": true,
                        "capabilities": {"drop": ["ALL"]},
                    },
                    "volumeMounts": [{"name": "work", "mountPath": WORK}],
                }],
                "volumes": [{"name": "work", "emptyDir": {}}],
            },
        })
    }

    fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let mut all = vec!["--namespace", self.namespace];
        all.extend(arguments);
        self.cluster.kubectl(&all)
    }

    fn exec(&self, pod: &str, command: &str) -> Result<String> {
        self.kubectl(&["exec", pod, "--", "sh", "-c", command])
    }

    fn delete(&self, pods: &[String]) -> Result<()> {
        let mut arguments = vec!["delete", "pod", "--ignore-not-found"];
        arguments.extend(pods.iter().map(String::as_str));
        self.kubectl(&arguments).map(drop)
    }
}

impl Producer<'_> {
    /// How many records were acknowledged until now.
    ///
    /// # Errors
    ///
    /// When the pod does not answer.
    pub fn n_acknowledged(&self) -> Result<usize> {
        let command = format!("grep -c 'Message delivered' {WORK}/report || true");
        let text = self.clients.exec(&self.pod, &command)?;
        let number = text.trim().parse();
        number.with_context(|| format!("{} counts `{}` records", self.pod, text.trim()))
    }

    /// Waits until `n` records are acknowledged, and gives how many then were.
    ///
    /// # Errors
    ///
    /// When that takes longer than `timeout`.
    pub fn wait_for(&self, n: usize, timeout: Duration) -> Result<usize> {
        let what = format!("{n} acknowledged records");
        until(&what, timeout, || {
            let n_acknowledged = self.n_acknowledged()?;
            Ok((n_acknowledged >= n).then_some(n_acknowledged))
        })
        .with_context(|| self.last_words())
    }

    /// Waits until the producer has ended, and removes its pod.
    ///
    /// # Errors
    ///
    /// When it failed, when not every record was acknowledged, or when it takes longer than `timeout`.
    pub fn end(self, timeout: Duration) -> Result<()> {
        let command = format!("cat {WORK}/status 2>/dev/null || true");
        let status = until("the end of the producer", timeout, || {
            let status = self.clients.exec(&self.pod, &command)?;
            Ok(Some(status.trim().to_owned()).filter(|it| !it.is_empty()))
        })
        .with_context(|| self.last_words())?;
        let n_acknowledged = self.n_acknowledged()?;
        ensure!(
            status == "0" && n_acknowledged == self.n_records,
            "the producer ended with {status}, {n_acknowledged} of {} records acknowledged; {}",
            self.n_records,
            self.last_words()
        );
        self.clients.delete(&[self.pod])
    }

    fn last_words(&self) -> String {
        let command = format!("grep -v 'Message delivered' {WORK}/report | tail -n 15");
        match self.clients.exec(&self.pod, &command) {
            Ok(text) => format!("{} said last:\n{}", self.pod, text.trim_end()),
            Err(error) => format!("{} does not answer: {error:#}", self.pod),
        }
    }
}

impl Group<'_> {
    /// How many records each of the pods has read until now.
    ///
    /// # Errors
    ///
    /// When a pod does not answer.
    pub fn n_seen(&self) -> Result<Vec<usize>> {
        let command = format!("wc -l <{WORK}/seen");
        let count = |pod: &String| {
            let text = self.clients.exec(pod, &command)?;
            let number = text.trim().parse();
            number.with_context(|| format!("{pod} counts `{}` records", text.trim()))
        };
        self.pods.iter().map(count).collect()
    }

    /// Waits until the pods have read `n` records, and gives everything that they read.
    ///
    /// # Errors
    ///
    /// When that takes longer than `timeout`.
    pub fn wait_for(&self, n: usize, timeout: Duration) -> Result<Vec<Seen>> {
        let mut n_enough = n;
        until(&format!("{n} records read"), timeout, || {
            if self.n_seen()?.iter().sum::<usize>() < n_enough {
                return Ok(None);
            }
            let seen = self.seen()?;
            let mut positions: Vec<_> = seen.iter().map(|it| (it.partition, it.offset)).collect();
            positions.sort_unstable();
            positions.dedup();
            if positions.len() < n {
                // Some were read again; so many more there have to be.
                n_enough = seen.len() + n - positions.len();
                return Ok(None);
            }
            Ok(Some(seen))
        })
        .with_context(|| self.last_words())
    }

    /// Everything that the pods have read.
    ///
    /// # Errors
    ///
    /// When a pod does not answer, or tells what is no record.
    pub fn seen(&self) -> Result<Vec<Seen>> {
        let mut seen = Vec::new();
        for pod in &self.pods {
            // Whole lines only: the last one may be on its way.
            let lines = self
                .clients
                .exec(pod, &format!("head -n $(wc -l <{WORK}/seen) {WORK}/seen"))?;
            for line in lines.split_terminator('\n') {
                seen.push(parse_seen(line)?);
            }
        }
        Ok(seen)
    }

    /// Removes the pods.
    ///
    /// # Errors
    ///
    /// When they do not go.
    pub fn end(self) -> Result<()> {
        self.clients.delete(&self.pods)
    }

    fn last_words(&self) -> String {
        let words = self.pods.iter().map(|pod| {
            let command = format!("wc -l {WORK}/seen; tail -n 10 {WORK}/report");
            match self.clients.exec(pod, &command) {
                Ok(text) => format!("{pod} said last:\n{}", text.trim_end()),
                Err(error) => format!("{pod} does not answer: {error:#}"),
            }
        });
        words.collect::<Vec<_>>().join("\n")
    }
}

fn parse_seen(line: &str) -> Result<Seen> {
    let mut parts = line.splitn(4, SEPARATOR);
    let (Some(partition), Some(offset), Some(key), Some(value)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        bail!("`{line}` is not partition, offset, key and value");
    };
    Ok(Seen {
        partition: partition.parse().context("no partition")?,
        offset: offset.parse().context("no offset")?,
        key: key.to_owned(),
        value: value.to_owned(),
    })
}

/// What kcat says of a topic's metadata.
#[derive(Deserialize)]
struct Metadata {
    brokers: Vec<Broker>,
    topics: Vec<Topic>,
}

#[derive(Deserialize)]
struct Broker {
    id: i32,
    /// `host:port`; the host begins with the name of the broker's pod.
    name: String,
}

#[derive(Deserialize)]
struct Topic {
    partitions: Vec<Partition>,
}

#[derive(Deserialize)]
struct Partition {
    partition: u32,
    leader: i32,
}

/// The pod that leads each partition.
fn parse_leaders(metadata: &str) -> Result<Vec<String>> {
    let metadata: Metadata = serde_json::from_str(metadata).context("kcat tells something else")?;
    let mut partitions: Vec<Partition> = metadata
        .topics
        .into_iter()
        .flat_map(|it| it.partitions)
        .collect();
    partitions.sort_by_key(|it| it.partition);
    partitions
        .iter()
        .map(|it| {
            let leader = metadata
                .brokers
                .iter()
                .find(|broker| broker.id == it.leader);
            let pod = leader.and_then(|leader| leader.name.split('.').next());
            pod.map(str::to_owned)
                .with_context(|| format!("partition {} has no leader", it.partition))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_counts_as_a_library_and_the_kernels_page_does_not() {
        let listed = "\tlinux-vdso.so.1 (0x1)\n\tlibz.so.1 => /lib/x/libz.so.1 (0x2)\n\
                      \t/lib64/ld-linux-x86-64.so.2 (0x3)\n";
        let expected = ["/lib/x/libz.so.1", "/lib64/ld-linux-x86-64.so.2"];
        assert_eq!(parse_libraries(listed), expected);
    }

    #[test]
    fn a_value_may_hold_the_separator() {
        let seen = parse_seen("3\t14\tGPL-3\ta\tb").unwrap();
        assert_eq!((seen.partition, seen.offset), (3, 14));
        assert_eq!((seen.key.as_str(), seen.value.as_str()), ("GPL-3", "a\tb"));
        assert!(parse_seen("3\t14\tGPL-3").is_err());
    }

    #[test]
    fn leaders_are_told_in_order_of_the_partitions() {
        let metadata = r#"{
            "brokers": [{"id": 0, "name": "a-0.shop.svc:9092"}, {"id": 1000, "name": "b-0.shop.svc:9092"}],
            "topics": [{"topic": "t", "partitions": [
                {"partition": 1, "leader": 0}, {"partition": 0, "leader": 1000}]}]}"#;
        assert_eq!(parse_leaders(metadata).unwrap(), ["b-0", "a-0"]);
        assert!(parse_leaders(&metadata.replace("\"leader\": 0", "\"leader\": -1")).is_err());
    }
}
