//! The StatefulSet of one pool in one zone.
//!
//! In: a set and the identity. Out: the StatefulSet with the brokers' files, and the hash of both.
//! Never here: when it is applied.
//!
//! `OnDelete`, so that only a deleted pod takes a new template; `Parallel`, so that a broker that
//! cannot start does not hold up the others. Claims outlive everything.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{
    StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec,
    StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{
    Affinity, Capabilities, ConfigMapVolumeSource, Container, ContainerPort, EnvVar, EnvVarSource,
    ExecAction, HTTPGetAction, Lifecycle, LifecycleHandler, ObjectFieldSelector,
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PodAffinityTerm, PodAntiAffinity,
    PodSecurityContext, PodSpec, PodTemplateSpec, Probe, ResourceRequirements, SeccompProfile,
    SecretVolumeSource, SecurityContext, Volume, VolumeMount, VolumeResourceRequirements,
    WeightedPodAffinityTerm,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::cluster::manifests::{broker_files, child, hash, sealed};
use crate::cluster::{Approved, BrokerSet, Identity, Validated};
use crate::names;

const CONFIG_FILE: &str = "/etc/tidemill/broker.yaml";
/// Leadership moves and the log is closed in this time, or the broker recovers at its next start.
const TERMINATION_SECONDS: i64 = 120;
/// A user that no image and no node gives a meaning to.
const USER_ID: i64 = 65_532;

/// Renders the set.
pub(crate) fn approved(validated: &Validated, identity: &Identity, set: &BrokerSet) -> Approved {
    let config_map = broker_files::config_map(validated, identity, set);
    let config_name = config_map.metadata.name.clone().unwrap_or_default();
    let mut template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(pod_labels(validated, set)),
            annotations: Some(set.inputs.template.annotations.clone()),
            ..ObjectMeta::default()
        }),
        spec: Some(pod_spec(validated, set, config_name)),
    };
    let hash = hash(&template);
    let metadata = template.metadata.get_or_insert_default();
    let annotations = metadata.annotations.get_or_insert_default();
    annotations.insert(names::TEMPLATE_ANNOTATION.to_owned(), hash.clone());
    let stateful_set = sealed(StatefulSet {
        metadata: child(validated, set.name.clone()),
        spec: Some(StatefulSetSpec {
            replicas: i32::try_from(set.inputs.replicas).ok(),
            service_name: Some(validated.names.headless()),
            selector: LabelSelector {
                match_labels: Some(selector(validated, set)),
                ..LabelSelector::default()
            },
            template,
            volume_claim_templates: Some(vec![claim(validated, set)]),
            pod_management_policy: Some("Parallel".to_owned()),
            update_strategy: Some(StatefulSetUpdateStrategy {
                type_: Some("OnDelete".to_owned()),
                ..StatefulSetUpdateStrategy::default()
            }),
            persistent_volume_claim_retention_policy: Some(
                StatefulSetPersistentVolumeClaimRetentionPolicy {
                    when_deleted: Some("Retain".to_owned()),
                    when_scaled: Some("Retain".to_owned()),
                },
            ),
            ..StatefulSetSpec::default()
        }),
        status: None,
    });
    Approved {
        inputs: set.inputs.clone(),
        hash,
        stateful_set,
        config_map,
    }
}

/// What tells the pods of this set from all others. Never changed.
fn selector(validated: &Validated, set: &BrokerSet) -> BTreeMap<String, String> {
    let mut labels = validated.names.selector();
    labels.insert(names::POOL_LABEL.to_owned(), set.inputs.pool.clone());
    labels.insert(names::ZONE_LABEL.to_owned(), set.zone_label().to_owned());
    labels
}

fn pod_labels(validated: &Validated, set: &BrokerSet) -> BTreeMap<String, String> {
    // The user's first: what selectors use is the operator's.
    let mut labels = set.inputs.template.labels.clone();
    labels.extend(validated.names.labels());
    labels.extend(selector(validated, set));
    labels
}

fn claim(validated: &Validated, set: &BrokerSet) -> PersistentVolumeClaim {
    let storage = &set.inputs.storage;
    let size = Quantity(storage.size.clone());
    let mut labels = selector(validated, set);
    labels.insert(
        "app.kubernetes.io/managed-by".to_owned(),
        names::FIELD_MANAGER.to_owned(),
    );
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some("data".to_owned()),
            labels: Some(labels),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            storage_class_name: storage.class_name.clone(),
            resources: Some(VolumeResourceRequirements {
                requests: Some(BTreeMap::from([("storage".to_owned(), size)])),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    }
}

fn pod_spec(validated: &Validated, set: &BrokerSet, config_name: String) -> PodSpec {
    let template = &set.inputs.template;
    let mut node_selector = template.node_selector.clone();
    if let Some(zone) = &set.inputs.zone {
        node_selector.insert(names::NODE_ZONE_LABEL.to_owned(), zone.clone());
    }
    let tls = Volume {
        name: "tls".to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(validated.names.certificates(&set.name)),
            default_mode: Some(0o440),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    };
    let config = Volume {
        name: "config".to_owned(),
        config_map: Some(ConfigMapVolumeSource {
            name: config_name,
            ..ConfigMapVolumeSource::default()
        }),
        ..Volume::default()
    };
    let own_affinity = || spread_over_nodes(validated);
    PodSpec {
        service_account_name: Some(validated.names.service_account()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(TERMINATION_SECONDS),
        priority_class_name: template.priority_class_name.clone(),
        node_selector: (!node_selector.is_empty()).then_some(node_selector),
        affinity: Some(set.affinity.clone().unwrap_or_else(own_affinity)),
        tolerations: some(&set.tolerations),
        topology_spread_constraints: some(&set.topology_spread_constraints),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(USER_ID),
            run_as_group: Some(USER_ID),
            fs_group: Some(USER_ID),
            fs_group_change_policy: Some("OnRootMismatch".to_owned()),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                ..SeccompProfile::default()
            }),
            ..PodSecurityContext::default()
        }),
        containers: vec![container(validated, set)],
        volumes: Some(vec![config, tls]),
        ..PodSpec::default()
    }
}

fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}

/// Two brokers on one node are two brokers lost with it; yet better there than nowhere.
fn spread_over_nodes(validated: &Validated) -> Affinity {
    Affinity {
        pod_anti_affinity: Some(PodAntiAffinity {
            preferred_during_scheduling_ignored_during_execution: Some(vec![
                WeightedPodAffinityTerm {
                    weight: 100,
                    pod_affinity_term: PodAffinityTerm {
                        topology_key: "kubernetes.io/hostname".to_owned(),
                        label_selector: Some(LabelSelector {
                            match_labels: Some(validated.names.selector()),
                            ..LabelSelector::default()
                        }),
                        ..PodAffinityTerm::default()
                    },
                },
            ]),
            ..PodAntiAffinity::default()
        }),
        ..Affinity::default()
    }
}

fn container(validated: &Validated, set: &BrokerSet) -> Container {
    let resources = &set.inputs.resources;
    let pod_name = EnvVar {
        name: "POD_NAME".to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector {
                api_version: Some("v1".to_owned()),
                field_path: "metadata.name".to_owned(),
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    };
    let own_ports = [
        ("control", names::CONTROL_PORT),
        ("replication", names::REPLICATION_PORT),
        ("metrics", names::METRICS_PORT),
        ("health", names::HEALTH_PORT),
    ];
    let listeners = validated
        .listeners
        .iter()
        .map(|it| (it.name.as_str(), it.port));
    Container {
        name: "broker".to_owned(),
        image: Some(validated.image.clone()),
        args: Some(args("run")),
        env: Some(vec![pod_name]),
        ports: Some(
            own_ports
                .into_iter()
                .chain(listeners)
                .map(container_port)
                .collect(),
        ),
        resources: Some(ResourceRequirements {
            requests: Some(resources.requests.clone()),
            limits: Some(resources.limits.clone()),
            ..ResourceRequirements::default()
        }),
        volume_mounts: Some(mounts()),
        // A log of many gigabytes is recovered before the broker answers anything else.
        startup_probe: Some(probe("/livez", 1, 3600)),
        liveness_probe: Some(probe("/livez", 10, 6)),
        readiness_probe: Some(probe("/readyz", 2, 2)),
        lifecycle: Some(Lifecycle {
            pre_stop: Some(LifecycleHandler {
                exec: Some(ExecAction {
                    command: Some([vec!["tidemill-broker".to_owned()], args("drain")].concat()),
                }),
                ..LifecycleHandler::default()
            }),
            ..Lifecycle::default()
        }),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(Capabilities {
                drop: Some(vec!["ALL".to_owned()]),
                ..Capabilities::default()
            }),
            ..SecurityContext::default()
        }),
        ..Container::default()
    }
}

fn args(command: &str) -> Vec<String> {
    [command, "--config", CONFIG_FILE]
        .map(str::to_owned)
        .to_vec()
}

fn container_port((name, number): (&str, i32)) -> ContainerPort {
    ContainerPort {
        name: Some(name.to_owned()),
        container_port: number,
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    }
}

fn mounts() -> Vec<VolumeMount> {
    let mount = |name: &str, path: &str| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        ..VolumeMount::default()
    };
    vec![
        mount("data", broker_files::DATA_DIR),
        VolumeMount {
            // Each pod sees its own file alone. It is not renewed in place, nor has to be: another
            // file has another ConfigMap.
            sub_path_expr: Some(broker_files::key("$(POD_NAME)")),
            read_only: Some(true),
            ..mount("config", CONFIG_FILE)
        },
        VolumeMount {
            read_only: Some(true),
            ..mount("tls", broker_files::TLS_DIR)
        },
    ]
}

fn probe(path: &str, period_seconds: i32, failure_threshold: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::Int(names::HEALTH_PORT),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period_seconds),
        timeout_seconds: Some(5),
        failure_threshold: Some(failure_threshold),
        ..Probe::default()
    }
}
