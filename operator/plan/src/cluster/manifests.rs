//! The objects of a cluster, rendered. One file per kind; none of the builders can fail.
//!
//! In: [`Validated`] and [`Identity`]. Out: objects, each with its owner, labels and the hash of
//! itself. Never here: what exists.

mod broker_files;
mod budget;
mod service;
mod service_account;
mod stateful_set;

use std::collections::BTreeMap;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, Service, ServiceAccount};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::cluster::{Approved, Identity, Record, Validated};
use crate::names;

pub(crate) use budget::budgets;
pub(crate) use service::services;
pub(crate) use service_account::service_account;
pub(crate) use stateful_set::approved;

/// An object to apply.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a plan holds a handful of them, once per pass"
)]
pub enum Manifest {
    ConfigMap(ConfigMap),
    Service(Service),
    ServiceAccount(ServiceAccount),
    StatefulSet(StatefulSet),
    Budget(PodDisruptionBudget),
}

impl Manifest {
    pub fn kind(&self) -> &'static str {
        match self {
            Manifest::ConfigMap(_) => "ConfigMap",
            Manifest::Service(_) => "Service",
            Manifest::ServiceAccount(_) => "ServiceAccount",
            Manifest::StatefulSet(_) => "StatefulSet",
            Manifest::Budget(_) => "PodDisruptionBudget",
        }
    }

    pub fn name(&self) -> &str {
        let metadata = match self {
            Manifest::ConfigMap(it) => &it.metadata,
            Manifest::Service(it) => &it.metadata,
            Manifest::ServiceAccount(it) => &it.metadata,
            Manifest::StatefulSet(it) => &it.metadata,
            Manifest::Budget(it) => &it.metadata,
        };
        metadata.name.as_deref().unwrap_or_default()
    }
}

/// The metadata of a child of the Cluster.
fn child(validated: &Validated, name: String) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: Some(validated.names.namespace.clone()),
        labels: Some(validated.names.labels()),
        owner_references: Some(vec![owner(validated)]),
        ..ObjectMeta::default()
    }
}

/// Who the children belong to: they go when the Cluster goes.
fn owner(validated: &Validated) -> OwnerReference {
    OwnerReference {
        api_version: format!("{}/{}", crds::GROUP, crds::VERSION),
        kind: "Cluster".to_owned(),
        name: validated.names.cluster.clone(),
        uid: validated.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// Ten hexadecimal digits that tell what was rendered apart from anything else.
pub(crate) fn hash<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_vec(value).expect("a manifest is plain data");
    let digest = Sha256::digest(&text);
    digest
        .iter()
        .take(5)
        .map(|it| format!("{it:02x}"))
        .collect()
}

/// Notes the hash of the whole object on it, so that what is no longer rendered is noticed too.
fn sealed<T>(mut object: T) -> T
where
    T: Serialize + k8s_openapi::Metadata<Ty = ObjectMeta, Scope = NamespaceResourceScope>,
    T: k8s_openapi::Resource<Scope = NamespaceResourceScope>,
{
    let hash = hash(&object);
    let annotations = object.metadata_mut().annotations.get_or_insert_default();
    annotations.insert(names::HASH_ANNOTATION.to_owned(), hash);
    object
}

/// The StatefulSets of the spec as this operator renders them.
pub(crate) fn targets(validated: &Validated, identity: &Identity) -> BTreeMap<String, Approved> {
    let sets = validated.sets.iter();
    sets.map(|set| (set.name.clone(), approved(validated, identity, set)))
        .collect()
}

/// The ConfigMap of what was approved.
pub(crate) fn record(validated: &Validated, record: &Record) -> ConfigMap {
    sealed(ConfigMap {
        metadata: child(validated, validated.names.record()),
        data: Some(record.data()),
        ..ConfigMap::default()
    })
}

/// The metadata of a Secret that the operator fills.
pub(crate) fn secret(validated: &Validated, name: String) -> ObjectMeta {
    child(validated, name)
}
