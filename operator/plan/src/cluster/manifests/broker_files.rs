//! The brokers' configuration files: one per pod, in one ConfigMap per StatefulSet.
//!
//! In: a set and the identity. Out: the ConfigMap. Never here: what Kafka calls a dynamic config; that
//! lives in the cluster's metadata.
//!
//! The ConfigMap is named by the hash of the first pod's file: the others differ from it in their
//! ordinals alone. So a change of a file is a change of the pod template, and more pods are not.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use serde::Serialize;

use crate::cluster::manifests::{child, hash, sealed};
use crate::cluster::{BrokerSet, Identity, Validated};
use crate::names;

/// Where the volume is mounted.
pub(super) const DATA_DIR: &str = "/var/lib/tidemill";
/// Where the Secret with the certificates is mounted, whole, so that it is renewed in place.
pub(super) const TLS_DIR: &str = "/etc/tidemill-tls";

/// The file, in the broker's words.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BrokerFile {
    node_id: i32,
    data_dir: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rack: Option<String>,
    controller: bool,
    listeners: Listeners,
    bootstrap_servers: Vec<String>,
    tls: Tls,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listeners {
    clients: Vec<Client>,
    replication: Advertised,
    control: Bind,
    metrics: Bind,
    health: Bind,
}

#[derive(Serialize)]
struct Client {
    name: String,
    bind: String,
    advertised: String,
}

#[derive(Serialize)]
struct Advertised {
    bind: String,
    advertised: String,
}

#[derive(Serialize)]
struct Bind {
    bind: String,
}

#[derive(Serialize)]
struct Tls {
    ca: String,
    certificate: String,
    key: String,
}

/// The key of a pod's file.
pub(super) fn key(pod: &str) -> String {
    format!("{pod}.yaml")
}

/// The ConfigMap with the file of every pod of the set.
pub(super) fn config_map(validated: &Validated, identity: &Identity, set: &BrokerSet) -> ConfigMap {
    let files: BTreeMap<String, String> = set
        .pods()
        .map(|(ordinal, pod)| (key(&pod), file(validated, identity, set, ordinal, &pod)))
        .collect();
    let first = key(&names::pod(&set.name, 0));
    let name = format!("{}-config-{}", set.name, hash(&files.get(&first)));
    sealed(ConfigMap {
        metadata: child(validated, name),
        data: Some(files),
        ..ConfigMap::default()
    })
}

/// JSON, which every reader of YAML reads.
fn file(
    validated: &Validated,
    identity: &Identity,
    set: &BrokerSet,
    ordinal: u32,
    pod: &str,
) -> String {
    let any = |port: i32| format!("0.0.0.0:{port}");
    let names = &validated.names;
    let clients = validated.listeners.iter().map(|it| Client {
        name: it.name.clone(),
        bind: any(it.port),
        advertised: format!("{}:{}", names.client_host(pod), it.port),
    });
    let file = BrokerFile {
        node_id: identity
            .node_id(&set.name, ordinal)
            .expect("every set was given a base"),
        data_dir: DATA_DIR,
        rack: set.inputs.zone.clone(),
        controller: set.is_controller(),
        listeners: Listeners {
            clients: clients.collect(),
            replication: Advertised {
                bind: any(names::REPLICATION_PORT),
                advertised: format!("{}:{}", names.pod_host(pod), names::REPLICATION_PORT),
            },
            control: Bind {
                bind: any(names::CONTROL_PORT),
            },
            metrics: Bind {
                bind: any(names::METRICS_PORT),
            },
            health: Bind {
                bind: any(names::HEALTH_PORT),
            },
        },
        bootstrap_servers: vec![format!(
            "{}:{}",
            names.headless_host(),
            names::REPLICATION_PORT
        )],
        tls: Tls {
            ca: format!("{TLS_DIR}/ca.crt"),
            certificate: format!("{TLS_DIR}/{pod}.crt"),
            key: format!("{TLS_DIR}/{pod}.key"),
        },
    };
    serde_json::to_string_pretty(&file).expect("a file is plain data")
}
