//! The manifests that were approved last, as they were rendered.
//!
//! In and out: a ConfigMap that the Cluster owns, one key per StatefulSet. Never here: approving.
//!
//! What was deleted, stopped or reverted goes back to these without asking anybody; what only a newer
//! operator would render differently does not touch them.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::ConfigMap;
use serde::{Deserialize, Serialize};

use crate::cluster::Inputs;

/// What was approved of one StatefulSet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approved {
    /// What the user had written.
    pub inputs: Inputs,
    /// Hash of the pod template and of the brokers' files.
    pub hash: String,
    pub stateful_set: StatefulSet,
    /// The brokers' configuration files.
    pub config_map: ConfigMap,
}

/// What was approved of all StatefulSets, by their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub sets: BTreeMap<String, Approved>,
}

impl Record {
    /// Reads the ConfigMap. An entry that cannot be read counts as never approved: what runs is left
    /// alone until its roll is opened again, as for any change.
    pub fn read(config_map: Option<&ConfigMap>) -> Record {
        let data = config_map.and_then(|it| it.data.as_ref());
        let sets = data.into_iter().flatten().filter_map(|(name, text)| {
            let approved: Approved = serde_json::from_str(text).ok()?;
            Some((name.clone(), approved))
        });
        Record {
            sets: sets.collect(),
        }
    }

    /// The ConfigMap's data.
    pub(crate) fn data(&self) -> BTreeMap<String, String> {
        let text = |it: &Approved| serde_json::to_string(it).expect("a manifest is plain data");
        self.sets
            .iter()
            .map(|(name, it)| (name.clone(), text(it)))
            .collect()
    }
}
