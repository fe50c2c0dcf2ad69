//! Who the cluster is: its id, its brokers' node ids, its first voters.
//!
//! In: the ConfigMap that holds it, volumes, what brokers say. Out: an [`Identity`], or why there is
//! none. Never here: writing it.
//!
//! Nothing owns the ConfigMap, so that it outlives the Cluster as the volumes do. It may be remade
//! until it is sealed, which is done before the first broker is given it; never afterwards. A node id
//! is a base, which belongs to a StatefulSet's name for ever, and the pod's ordinal.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim};
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
    /// Empty until sealed, and after the record was lost until a broker tells them again.
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
        None => remake(observed, fresh_cluster_id)?,
    };
    if identity.is_sealed && identity.voters.is_empty() {
        identity.voters = told_voters(names, &identity, observed);
    }
    identity.number(validated.sets.iter().map(|it| it.name.clone()));
    Ok(identity)
}

/// Makes an identity where there is none: from brokers and volumes that have one, or a new one where
/// there is certainly nothing yet.
fn remake(observed: &Observed, fresh: &str) -> Result<Identity, Waiting> {
    let lost = |message: String| Waiting::IdentityLost { message };
    let told = observed.answers().filter_map(|(_, it)| it.cluster_id());
    let labelled = observed
        .volumes
        .values()
        .filter_map(|it| label(it, names::CLUSTER_ID_LABEL));
    let ids: BTreeSet<&str> = told.chain(labelled).collect();
    match (ids.first(), ids.len()) {
        (Some(cluster_id), 1) => Ok(Identity {
            cluster_id: (*cluster_id).to_owned(),
            node_ids: seen_node_ids(observed),
            voters: Vec::new(),
            is_sealed: true,
        }),
        (Some(_), _) => {
            let ids: Vec<&str> = ids.into_iter().collect();
            Err(lost(format!(
                "brokers and volumes tell of several cluster ids: {}",
                ids.join(", ")
            )))
        }
        (None, _) => {
            let silent = observed.brokers.iter().find_map(|(pod, it)| match it {
                Known::Unknown(message) => Some(format!("{pod} does not answer: {message}")),
                Known::Known(_) => None,
            });
            if let Some(message) = silent {
                return Err(lost(message));
            }
            Ok(Identity {
                cluster_id: fresh.to_owned(),
                node_ids: BTreeMap::new(),
                voters: Vec::new(),
                is_sealed: false,
            })
        }
    }
}

/// What brokers and volumes tell of the cluster, where its record cannot be read. `None` if they tell
/// nothing or contradict each other. Good for what can be undone; nobody is given it.
pub(crate) fn told(observed: &Observed) -> Option<Identity> {
    remake(observed, "").ok().filter(|it| it.is_sealed)
}

fn label<'a>(volume: &'a PersistentVolumeClaim, key: &str) -> Option<&'a str> {
    volume
        .metadata
        .labels
        .as_ref()?
        .get(key)
        .map(String::as_str)
}

/// The bases that follow from brokers' answers and from the labels of volumes.
fn seen_node_ids(observed: &Observed) -> BTreeMap<String, i32> {
    let told = observed.answers().map(|(pod, it)| (pod, it.node_id));
    let labelled = observed.volumes.iter().filter_map(|(claim, volume)| {
        let node_id = label(volume, names::NODE_ID_LABEL)?.parse().ok()?;
        Some((claim.strip_prefix("data-")?, node_id))
    });
    let bases = told.chain(labelled).filter_map(|(pod, node_id)| {
        let (set, ordinal) = pod.rsplit_once('-')?;
        Some((set.to_owned(), node_id.checked_sub(ordinal.parse().ok()?)?))
    });
    bases.collect()
}

/// The voters as the quorum has them. Empty if nobody tells.
fn told_voters(names: &Names, identity: &Identity, observed: &Observed) -> Vec<Voter> {
    let quorum = observed.quorum(&identity.cluster_id);
    let voters = quorum.into_iter().flat_map(|it| &it.voters);
    let voters = voters.map(|(node_id, directory_id)| {
        let block = |base: i32| (base..base.saturating_add(NODE_IDS_PER_SET)).contains(node_id);
        let (set, base) = identity.node_ids.iter().find(|(_, base)| block(**base))?;
        let ordinal = u32::try_from(node_id.checked_sub(*base)?).ok()?;
        Some(Voter {
            node_id: *node_id,
            directory_id: directory_id.clone(),
            host: names.pod_host(&names::pod(set, ordinal)),
            port: u16::try_from(names::REPLICATION_PORT).unwrap_or_default(),
        })
    });
    // A voter that no StatefulSet has a place for: better none than some.
    voters.collect::<Option<Vec<Voter>>>().unwrap_or_default()
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
