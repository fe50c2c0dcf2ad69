//! The brokers of a case: formed, started, and asked what they believe.
//!
//! In: a program, where each broker is. Out: a cluster with a topic that every broker is in sync for.
//! Never here: faults, load.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use broker_rpc as rpc;
use broker_rpc::bootstrap_response::Outcome;
use broker_rpc::control_client::ControlClient;
use broker_types::Durability;

use crate::ask::{self, Partition};
use crate::node::{Node, Place, Said};
use crate::process::until;

pub(crate) const BROKERS: u32 = 3;
pub(crate) const TOPIC: &str = "ledger";
pub(crate) const PARTITIONS: u32 = 12;
const MIN_INSYNC_REPLICAS: &str = "2";

const READY_WITHIN: Duration = Duration::from_secs(60);

/// Brokers with ids 1 and up.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Node>,
    cluster_id: String,
    durability: Durability,
    /// Who began the cluster: what each broker is told, whenever it comes with an empty disk.
    voters: Vec<rpc::bootstrap_request::Voter>,
}

impl Cluster {
    /// Forms a cluster; its brokers run and are ready when this returns.
    pub(crate) fn form(
        program: &Path,
        places: Vec<Place>,
        environments: impl Fn(u32) -> Vec<(String, String)>,
        durability: Durability,
    ) -> Result<Cluster> {
        let bootstrap: Vec<String> = places
            .iter()
            .map(|it| format!("{}:{}", it.host, it.replication_port))
            .collect();
        let mut nodes = Vec::new();
        for place in places {
            place.write_config(&bootstrap)?;
            let environment = environments(place.id);
            nodes.push(Node::new(program, place, environment));
        }
        let mut cluster = Cluster {
            nodes,
            cluster_id: uuid_text(),
            durability,
            voters: Vec::new(),
        };
        cluster.begin()?;
        Ok(cluster)
    }

    fn begin(&mut self) -> Result<()> {
        let mut directories = Vec::new();
        for node in &mut self.nodes {
            node.start()?;
        }
        for node in &mut self.nodes {
            let said = node.await_said(READY_WITHIN)?;
            let Said::Unformatted(directory_id) = said else {
                bail!("broker {} has begun already", node.place.id);
            };
            self.voters.push(rpc::bootstrap_request::Voter {
                node_id: i32::try_from(node.place.id)?,
                directory_id: directory_id.clone(),
                host: node.place.host.clone(),
                port: u32::from(node.place.replication_port),
            });
            directories.push((node.place.clone(), directory_id));
        }
        for (place, directory_id) in directories {
            self.tell(&place, &directory_id)?;
        }
        for node in &mut self.nodes {
            node.await_said(READY_WITHIN)?;
        }
        Ok(())
    }

    /// Tells a broker with an empty disk which cluster it belongs to.
    fn tell(&self, place: &Place, directory_id: &str) -> Result<()> {
        let request = rpc::BootstrapRequest {
            cluster_id: self.cluster_id.clone(),
            node_id: i32::try_from(place.id)?,
            directory_id: directory_id.to_owned(),
            voters: self.voters.clone(),
            durability: match self.durability {
                Durability::Fsync => rpc::Durability::Fsync,
                Durability::PageCache => rpc::Durability::PageCache,
            }
            .into(),
        };
        let address = format!("http://{}:{}", place.host, place.control_port);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let answer = runtime.block_on(async {
            let mut client = ControlClient::connect(address).await?;
            anyhow::Ok(client.bootstrap(request).await?.into_inner())
        });
        let answer = answer.with_context(|| format!("failed to tell broker {}", place.id))?;
        match answer.outcome {
            Some(Outcome::Formatted(_)) => Ok(()),
            Some(Outcome::Conflict(it)) => bail!("broker {} has another {}", place.id, it.field),
            None => bail!("broker {} gave no answer", place.id),
        }
    }

    /// Starts brokers, and waits until each is ready; one with an empty disk is told where it belongs.
    pub(crate) fn start(&mut self, ids: &[u32]) -> Result<()> {
        for id in ids {
            self.node_mut(*id)?.start()?;
        }
        for id in ids {
            let said = self.node_mut(*id)?.await_said(READY_WITHIN)?;
            if let Said::Unformatted(directory_id) = said {
                let place = self.node(*id)?.place.clone();
                self.tell(&place, &directory_id)?;
                self.node_mut(*id)?.await_said(READY_WITHIN)?;
            }
        }
        Ok(())
    }

    pub(crate) fn ids(&self) -> Vec<u32> {
        self.nodes.iter().map(|it| it.place.id).collect()
    }

    pub(crate) fn node(&self, id: u32) -> Result<&Node> {
        let node = self.nodes.iter().find(|it| it.place.id == id);
        node.with_context(|| format!("there is no broker {id}"))
    }

    pub(crate) fn node_mut(&mut self, id: u32) -> Result<&mut Node> {
        let node = self.nodes.iter_mut().find(|it| it.place.id == id);
        node.with_context(|| format!("there is no broker {id}"))
    }

    pub(crate) fn bootstrap(&self) -> String {
        let servers = self
            .nodes
            .iter()
            .map(|it| format!("{}:{}", it.place.host, it.place.client_port));
        servers.collect::<Vec<_>>().join(",")
    }

    /// The brokers' addresses for clients, the one of `not` left out.
    fn addresses(&self, not: Option<u32>) -> Vec<SocketAddr> {
        let asked = self.nodes.iter().filter(|it| Some(it.place.id) != not);
        asked.filter_map(|it| it.address().ok()).collect()
    }

    /// What the first broker that answers believes, of all but `not`.
    pub(crate) fn partitions(&self, not: Option<u32>) -> Option<Vec<Partition>> {
        let addresses = self.addresses(not);
        addresses
            .into_iter()
            .find_map(|it| ask::partitions(it, TOPIC).ok())
    }

    pub(crate) fn controller(&self, not: Option<u32>) -> Option<u32> {
        let addresses = self.addresses(not);
        let found = addresses
            .into_iter()
            .find_map(|it| ask::controller(it).ok());
        found.filter(|it| Some(*it) != not)
    }

    /// Makes the topic of the load and waits until it is whole.
    pub(crate) fn create_topic(&self, configs: &[(&str, &str)]) -> Result<()> {
        let first = *self
            .addresses(None)
            .first()
            .context("there are no brokers")?;
        let minimum = ("min.insync.replicas", MIN_INSYNC_REPLICAS);
        let configs = [&[minimum], configs].concat();
        ask::create_topic(first, TOPIC, i32::try_from(PARTITIONS)?, &configs)?;
        self.await_whole()
    }

    /// Waits until every broker says that all brokers are in sync for every partition.
    pub(crate) fn await_whole(&self) -> Result<()> {
        let is_whole = |address: &SocketAddr| {
            let found = ask::partitions(*address, TOPIC).unwrap_or_default();
            let is_whole = |it: &Partition| it.leader.is_some() && it.isr.len() == self.nodes.len();
            found.len() == usize::try_from(PARTITIONS).unwrap_or(0) && found.iter().all(is_whole)
        };
        let addresses = self.addresses(None);
        let whole = until("all replicas are in sync", READY_WITHIN, || {
            addresses.iter().all(is_whole).then_some(())
        });
        whole.with_context(|| format!("{:?}", self.partitions(None)))
    }
}

/// An id in the form that Kafka gives to clusters and directories.
fn uuid_text() -> String {
    broker_types::DirectoryId::from_bytes(*uuid::Uuid::new_v4().as_bytes()).to_string()
}
