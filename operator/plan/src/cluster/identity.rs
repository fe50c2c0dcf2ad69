//! Who the cluster is: its id, its brokers' node ids, its first voters.
//!
//! In: the ConfigMap that holds it, volumes, what brokers say. Out: an [`Identity`], or why there is
//! none. Never here: writing it.
//!
//! Nothing owns the ConfigMap, so that it outlives the Cluster as the volumes do. It may be remade
//! until it is sealed, which is done before the first broker is given it; never afterwards. A node id
//! is a base, which belongs to a StatefulSet's name for ever, and the pod's ordinal.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use crate::Known;
use crate::cluster::validate::NODE_IDS_PER_SET;
use crate::cluster::{Formatting, Observed, Validated, Waiting};
use crate::names::{self, Names};

/// A voter of the first quorum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Voter {
    pub node_id: i32,
    pub directory_id: String,
    /// Where the other voters reach it.
    pub host: String,
    pub port: u16,
}

/// Who the cluster is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub cluster_id: String,
    /// The first node id of each StatefulSet.
    pub node_ids: BTreeMap<String, i32>,
    /// Empty until sealed.
    pub voters: Vec<Voter>,
    /// Whether a broker may have been given it.
    pub is_sealed: bool,
}

impl Identity {
    /// Reads the ConfigMap.
    pub fn read(config_map: &ConfigMap) -> Result<Identity, String> {
        let data = config_map.data.as_ref().ok_or("it has no data")?;
        let value = |key: &str| data.get(key).ok_or(format!("it has no `{key}`"));
        let node_ids =
            serde_json::from_str(value("nodeIds")?).map_err(|it| format!("nodeIds: {it}"))?;
        let voters = match data.get("voters") {
            Some(text) => serde_json::from_str(text).map_err(|it| format!("voters: {it}"))?,
            None => Vec::new(),
        };
        let annotations = config_map.metadata.annotations.as_ref();
        let is_sealed = annotations.is_some_and(|it| it.contains_key(names::SEALED_ANNOTATION));
        if is_sealed && voters.is_empty() {
            return Err("it is sealed and has no voters".to_owned());
        }
        Ok(Identity {
            cluster_id: value("clusterId")?.clone(),
            node_ids,
            voters,
            is_sealed,
        })
    }

    /// The ConfigMap that says this.
    pub fn config_map(&self, names: &Names) -> ConfigMap {
        let text = |it: serde_json::Result<String>| it.expect("ids are plain data");
        let mut data = BTreeMap::from([
            ("clusterId".to_owned(), self.cluster_id.clone()),
            (
                "nodeIds".to_owned(),
                text(serde_json::to_string(&self.node_ids)),
            ),
        ]);
        if !self.voters.is_empty() {
            data.insert(
                "voters".to_owned(),
                text(serde_json::to_string(&self.voters)),
            );
        }
        let sealed = (names::SEALED_ANNOTATION.to_owned(), "true".to_owned());
        ConfigMap {
            metadata: ObjectMeta {
                name: Some(names.identity()),
                namespace: Some(names.namespace.clone()),
                labels: Some(names.labels()),
                annotations: self.is_sealed.then(|| BTreeMap::from([sealed])),
                ..ObjectMeta::default()
            },
            data: Some(data),
            ..ConfigMap::default()
        }
    }

    /// The node id of a pod. `None` for a StatefulSet without a base.
    pub fn node_id(&self, stateful_set: &str, ordinal: u32) -> Option<i32> {
        let base = self.node_ids.get(stateful_set)?;
        base.checked_add(i32::try_from(ordinal).ok()?)
    }

    /// Gives every set that has none the next free block. Bases are never taken back.
    fn number(&mut self, sets: impl Iterator<Item = String>) {
        for set in sets {
            let next = self
                .node_ids
                .values()
                .max()
                .map_or(0, |it| it + NODE_IDS_PER_SET);
            self.node_ids.entry(set).or_insert(next);
        }
    }
}

/// Finds out who the cluster is.
pub(crate) fn find(
    validated: &Validated,
    observed: &Observed,
    fresh_cluster_id: &str,
) -> Result<Identity, Waiting> {
    let names = &validated.names;
    let mut identity = match observed.config_maps.get(&names.identity()) {
        Some(config_map) => {
            Identity::read(config_map).map_err(|message| Waiting::IdentityUnreadable { message })?
        }
        None => remake(names, observed, fresh_cluster_id)?,
    };
    identity.number(validated.sets.iter().map(|it| it.name.clone()));
    Ok(identity)
}

/// Makes an identity where there is none: from what brokers say, or a new one where there is
/// certainly nothing yet.
fn remake(names: &Names, observed: &Observed, fresh: &str) -> Result<Identity, Waiting> {
    let lost = |message: String| Waiting::IdentityLost { message };
    if let Some(rebuilt) = rebuild(names, observed) {
        return Ok(rebuilt);
    }
    let silent = observed.brokers.iter().find_map(|(pod, it)| match it {
        Known::Unknown(message) => Some(format!("{pod} does not answer: {message}")),
        Known::Known(_) => None,
    });
    if let Some(message) = silent {
        return Err(lost(message));
    }
    let labelled = observed.volumes.iter().find(|(_, it)| {
        it.metadata
            .labels
            .as_ref()
            .is_some_and(|it| it.contains_key(names::CLUSTER_ID_LABEL))
    });
    if let Some((volume, _)) = labelled {
        return Err(lost(format!(
            "claim {volume} holds data of a cluster, and no broker runs on it"
        )));
    }
    Ok(Identity {
        cluster_id: fresh.to_owned(),
        node_ids: BTreeMap::new(),
        voters: Vec::new(),
        is_sealed: false,
    })
}

/// Reads the identity back from brokers that have it.
fn rebuild(names: &Names, observed: &Observed) -> Option<Identity> {
    let ids: BTreeSet<&str> = observed
        .answers()
        .filter_map(|(_, it)| it.cluster_id())
        .collect();
    // Two ids: some volume is foreign, and which one is not for us to guess.
    let cluster_id = ids.first().filter(|_| ids.len() == 1)?;
    let quorum = observed
        .quorum(cluster_id)
        .filter(|it| !it.voters.is_empty())?;
    let mut node_ids = BTreeMap::new();
    let mut hosts = BTreeMap::new();
    for (pod, answer) in observed.answers() {
        let (set, ordinal) = pod.rsplit_once('-')?;
        node_ids.insert(
            set.to_owned(),
            answer.node_id.checked_sub(ordinal.parse().ok()?)?,
        );
        hosts.insert(answer.node_id, names.pod_host(pod));
    }
    for (claim, volume) in &observed.volumes {
        let labels = volume.metadata.labels.as_ref();
        let label = labels.and_then(|it| it.get(names::NODE_ID_LABEL));
        let Some(node_id) = label.and_then(|it| it.parse::<i32>().ok()) else {
            continue;
        };
        let (set, ordinal) = claim.strip_prefix("data-")?.rsplit_once('-')?;
        let base = node_id.checked_sub(ordinal.parse().ok()?)?;
        node_ids.entry(set.to_owned()).or_insert(base);
    }
    let voters = quorum.voters.iter().map(|(node_id, directory_id)| {
        Some(Voter {
            node_id: *node_id,
            directory_id: directory_id.clone(),
            host: hosts.get(node_id)?.clone(),
            port: u16::try_from(names::REPLICATION_PORT).ok()?,
        })
    });
    let voters: Option<Vec<Voter>> = voters.collect();
    let cluster_id = (*cluster_id).to_owned();
    Some(Identity {
        cluster_id,
        node_ids,
        voters: voters?,
        is_sealed: true,
    })
}

/// The first voters: every broker with the role, once all of them have told their directory ids.
/// `None` until then.
pub(crate) fn first_voters(
    validated: &Validated,
    identity: &Identity,
    observed: &Observed,
) -> Option<Vec<Voter>> {
    let controllers = validated.pods().filter(|(set, _, _)| set.is_controller());
    controllers
        .map(|(set, ordinal, pod)| {
            let node_id = identity.node_id(&set.name, ordinal)?;
            let answer = observed.broker(&pod)?;
            let is_empty = answer.formatting == Formatting::Waiting && answer.node_id == node_id;
            is_empty.then(|| Voter {
                node_id,
                directory_id: answer.directory_id.clone(),
                host: validated.names.pod_host(&pod),
                port: u16::try_from(names::REPLICATION_PORT).unwrap_or_default(),
            })
        })
        .collect()
}
