//! Where the brokers of a `dev` cluster keep their things, and on which ports they listen.
//!
//! In: a data directory, how many brokers, the first client port. Out: a configuration file per
//! broker, the same when the cluster is started again. Never here: processes.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use broker_rpc::bootstrap_response::Outcome;
use broker_rpc::control_client::ControlClient;
use broker_rpc::{self as rpc};
use broker_types::{DirectoryId, Durability};
use serde::{Deserialize, Serialize};

/// What is remembered of a cluster between its runs: `cluster.yaml` in the data directory.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Remembered {
    cluster_id: String,
    /// Left out where it is `fsync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    durability: Option<String>,
    brokers: Vec<Ports>,
    /// The directories of the brokers that the cluster began with, which are its first voters. Noted
    /// before any of them is told: whoever comes with another disk later is no voter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    first_voters: BTreeMap<u32, String>,
}

/// Where the ports that clients do not see are looked for, and how many are tried.
const PORTS_FROM: u16 = 11_000;
const PORTS_MAX: u16 = 8_000;

/// The ports of one broker that clients do not see; chosen once, since the quorum remembers them.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Ports {
    replication: u16,
    control: u16,
    metrics: u16,
    health: u16,
}

/// A broker's files.
#[derive(Clone, Debug)]
pub(super) struct BrokerLayout {
    pub(super) broker_id: u32,
    pub(super) config_file: PathBuf,
    pub(super) pid_file: PathBuf,
    control_port: u16,
    replication_port: u16,
    client_port: u16,
    /// Those that clients do not see.
    own_ports: [u16; 4],
}

/// A cluster's files.
#[derive(Debug)]
pub(super) struct Layout {
    remembered: Remembered,
    durability: Durability,
    path: PathBuf,
    brokers: Vec<BrokerLayout>,
}

const REMEMBERED: &str = "cluster.yaml";

impl Layout {
    /// Reads the cluster in `data_dir`, or begins one, and writes the configuration files.
    pub(super) fn open(
        data_dir: &Path,
        n_brokers: u16,
        port: u16,
        durability: Durability,
    ) -> Result<Layout> {
        std::fs::create_dir_all(data_dir)?;
        let data_dir = data_dir.canonicalize()?;
        let remembered = remember(&data_dir, n_brokers, durability)?;
        let bootstrap: Vec<String> = remembered
            .brokers
            .iter()
            .map(|it| format!("127.0.0.1:{}", it.replication))
            .collect();
        let mut brokers = Vec::new();
        for (index, ports) in (0..n_brokers).zip(&remembered.brokers) {
            let broker_id = u32::from(index) + 1;
            let client_port = port + index;
            let config_file = data_dir.join(format!("broker-{broker_id}.yaml"));
            let broker_dir = data_dir.join(format!("broker-{broker_id}"));
            let text = config(broker_id, &broker_dir, client_port, *ports, &bootstrap)?;
            std::fs::write(&config_file, text)
                .with_context(|| format!("failed to write {}", config_file.display()))?;
            brokers.push(BrokerLayout {
                broker_id,
                config_file,
                pid_file: data_dir.join(format!("broker-{broker_id}.pid")),
                control_port: ports.control,
                replication_port: ports.replication,
                client_port,
                own_ports: [
                    ports.replication,
                    ports.control,
                    ports.metrics,
                    ports.health,
                ],
            });
        }
        Ok(Layout {
            path: data_dir.join(REMEMBERED),
            remembered,
            durability,
            brokers,
        })
    }

    /// Whether it was decided who the first voters are.
    pub(super) fn has_formed(&self) -> bool {
        !self.remembered.first_voters.is_empty()
    }

    pub(super) fn brokers(&self) -> &[BrokerLayout] {
        &self.brokers
    }

    /// Finds out that a port of the brokers' own is taken before a broker does, which would be started
    /// again and again.
    pub(super) fn check_ports(&self, data_dir: &Path) -> Result<()> {
        for port in self.brokers.iter().flat_map(|it| it.own_ports) {
            TcpListener::bind(("127.0.0.1", port)).with_context(|| {
                format!(
                    "failed to listen on 127.0.0.1:{port}, which the cluster in {} has for itself; \
                     stop what listens there, or choose another --data-dir (make dev DATA_DIR=...)",
                    data_dir.display()
                )
            })?;
        }
        Ok(())
    }

    /// What clients are given to start from.
    pub(super) fn bootstrap_servers(&self) -> String {
        let servers: Vec<String> = self
            .brokers
            .iter()
            .map(|it| format!("127.0.0.1:{}", it.client_port))
            .collect();
        servers.join(",")
    }
}

/// Finds out that a client port is taken, before anything is written.
pub(super) fn check_client_ports(n_brokers: u16, port: u16) -> Result<()> {
    for port in (0..n_brokers).map(|it| port + it) {
        TcpListener::bind(("127.0.0.1", port)).with_context(|| {
            format!(
                "failed to listen for clients on 127.0.0.1:{port}; stop what listens there, or choose \
                 other ports by --port (make dev PORT=...)"
            )
        })?;
    }
    Ok(())
}

/// What an earlier run decided, or a decision that later runs will find.
fn remember(data_dir: &Path, n_brokers: u16, durability: Durability) -> Result<Remembered> {
    let path = data_dir.join(REMEMBERED);
    if path.is_file() {
        let text = std::fs::read_to_string(&path)?;
        let remembered: Remembered = serde_yaml::from_str(&text)
            .with_context(|| format!("{} is not what dev wrote", path.display()))?;
        if remembered.brokers.len() != usize::from(n_brokers) {
            let before = remembered.brokers.len();
            bail!(
                "the cluster here was made with --brokers {before}, not {n_brokers}: give that, or \
                 another --data-dir (make dev BROKERS={before}, or DATA_DIR=...)"
            );
        }
        let before = remembered.durability.as_deref().unwrap_or("fsync");
        if before != durability.as_str() {
            bail!(
                "the cluster here was made with --durability {before}, which says what its records have \
                 survived and never changes: give that, or another --data-dir"
            );
        }
        return Ok(remembered);
    }
    let cluster_id = DirectoryId::from_bytes(*uuid::Uuid::new_v4().as_bytes()).to_string();
    let brokers = free_ports(n_brokers)?;
    let remembered = Remembered {
        cluster_id,
        durability: (durability != Durability::Fsync).then(|| durability.to_string()),
        brokers,
        first_voters: BTreeMap::new(),
    };
    write(&path, &remembered)?;
    Ok(remembered)
}

/// Writes aside and renames, so that a crash leaves either nothing or the whole decision.
fn write(path: &Path, remembered: &Remembered) -> Result<()> {
    let aside = path.with_extension("yaml.new");
    let mut file = std::fs::File::create(&aside)?;
    file.write_all(serde_yaml::to_string(remembered)?.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&aside, path)?;
    Ok(())
}

/// Ports that nobody listens on now, all different. They lie below those that the kernel gives to
/// outgoing connections: one of these could take the port of a broker that is down for a moment.
fn free_ports(n_brokers: u16) -> Result<Vec<Ports>> {
    // Clusters that are started at once, by processes one after another, keep clear of each other:
    // the ports are held here only until the brokers take them.
    let start = u16::try_from(std::process::id() % 125).unwrap_or(0) * 64;
    let mut candidates = (0..PORTS_MAX).map(|it| PORTS_FROM + (start + it) % PORTS_MAX);
    let mut held = Vec::new();
    let mut port = || -> Result<u16> {
        let listener = candidates
            .find_map(|it| TcpListener::bind(("127.0.0.1", it)).ok())
            .context("no free port on 127.0.0.1")?;
        let port = listener.local_addr()?.port();
        held.push(listener);
        Ok(port)
    };
    (0..n_brokers)
        .map(|_| {
            Ok(Ports {
                replication: port()?,
                control: port()?,
                metrics: port()?,
                health: port()?,
            })
        })
        .collect()
}

fn config(
    broker_id: u32,
    broker_dir: &Path,
    client_port: u16,
    ports: Ports,
    bootstrap: &[String],
) -> Result<String> {
    let on = |port: u16| format!("127.0.0.1:{port}");
    let config = serde_json::json!({
        "nodeId": broker_id,
        "dataDir": broker_dir,
        // Each broker is a rack of its own, so that replicas spread as they would over zones.
        "rack": format!("rack-{broker_id}"),
        "controller": true,
        "listeners": {
            "clients": [{"name": "clients", "bind": on(client_port), "advertised": on(client_port)}],
            "replication": {"bind": on(ports.replication), "advertised": on(ports.replication)},
            "control": {"bind": on(ports.control)},
            "metrics": {"bind": on(ports.metrics)},
            "health": {"bind": on(ports.health)},
        },
        "bootstrapServers": bootstrap,
    });
    serde_yaml::to_string(&config).context("failed to write the configuration as YAML")
}

impl Layout {
    /// Tells brokers which cluster they belong to and who began it. Telling again is safe.
    ///
    /// The first brokers are all there are, and are its first voters.
    pub(super) async fn bootstrap(
        &mut self,
        unformatted: &BTreeMap<u32, DirectoryId>,
    ) -> Result<()> {
        if !self.has_formed() {
            let directories = unformatted.iter().map(|(id, it)| (*id, it.to_string()));
            self.remembered.first_voters = directories.collect();
            write(&self.path, &self.remembered)?;
        }
        let mut voters = Vec::new();
        for broker in &self.brokers {
            let directory_id = self.remembered.first_voters.get(&broker.broker_id);
            let directory_id = directory_id.context("a broker has not named its directory")?;
            voters.push(rpc::bootstrap_request::Voter {
                node_id: i32::try_from(broker.broker_id)?,
                directory_id: directory_id.clone(),
                host: "127.0.0.1".to_owned(),
                port: u32::from(broker.replication_port),
            });
        }
        for broker in &self.brokers {
            let Some(directory_id) = unformatted.get(&broker.broker_id) else {
                continue;
            };
            let address = format!("http://127.0.0.1:{}", broker.control_port);
            let mut client = ControlClient::connect(address).await.with_context(|| {
                format!(
                    "failed to reach the control service of broker {}",
                    broker.broker_id
                )
            })?;
            let request = rpc::BootstrapRequest {
                cluster_id: self.remembered.cluster_id.clone(),
                node_id: i32::try_from(broker.broker_id)?,
                directory_id: directory_id.to_string(),
                voters: voters.clone(),
                durability: match self.durability {
                    Durability::Fsync => rpc::Durability::Fsync,
                    Durability::PageCache => rpc::Durability::PageCache,
                }
                .into(),
            };
            let answer = client.bootstrap(request).await?.into_inner();
            match answer.outcome {
                Some(Outcome::Formatted(_)) => {}
                Some(Outcome::Conflict(conflict)) => {
                    bail!(
                        "broker {} has another {}: {}",
                        broker.broker_id,
                        conflict.field,
                        conflict.found
                    )
                }
                None => bail!("broker {} gave no answer", broker.broker_id),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_started_again_finds_its_decisions() {
        let folder = tempfile::tempdir().unwrap();
        let open = |n_brokers, durability| Layout::open(folder.path(), n_brokers, 9092, durability);
        let first = open(3, Durability::PageCache).unwrap();
        let second = open(3, Durability::PageCache).unwrap();
        assert_eq!(first.remembered.cluster_id, second.remembered.cluster_id);
        assert_eq!(
            first.brokers[2].control_port,
            second.brokers[2].control_port
        );
        assert_eq!(
            first.bootstrap_servers(),
            "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094"
        );
        for (n_brokers, durability, reason) in [
            (1, Durability::PageCache, "was made with --brokers 3, not 1"),
            (
                3,
                Durability::Fsync,
                "was made with --durability page-cache",
            ),
        ] {
            let error = open(n_brokers, durability).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
    }

    #[test]
    fn what_dev_writes_a_broker_reads() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::open(folder.path(), 2, 9092, Durability::Fsync).unwrap();
        let config = crate::config::read(&layout.brokers[1].config_file, None).unwrap();
        assert_eq!(config.broker_id.value(), 2);
        assert_eq!(config.bootstrap_servers.len(), 2);
    }
}
