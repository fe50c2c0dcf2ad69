//! The Services: how brokers find each other, how clients find a first broker, and each broker.
//!
//! In: the validated cluster. Out: one headless Service, one for bootstrap, one per broker.
//! Never here: Services that can be reached from outside; no listener of that type exists.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::cluster::Validated;
use crate::cluster::manifests::{child, sealed};
use crate::names;

/// Set on every pod by the StatefulSet's controller.
const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";

pub(crate) fn services(validated: &Validated) -> Vec<Service> {
    let mut services = vec![headless(validated), bootstrap(validated)];
    services.extend(
        validated
            .pods()
            .map(|(_, _, pod)| per_broker(validated, pod)),
    );
    services
}

/// Gives every pod a name in DNS. Brokers must find each other before any of them is ready.
fn headless(validated: &Validated) -> Service {
    let own = [
        ("control", names::CONTROL_PORT),
        ("replication", names::REPLICATION_PORT),
        ("metrics", names::METRICS_PORT),
    ];
    let ports = own.map(|(name, number)| port(name, number)).into_iter();
    sealed(Service {
        metadata: child(validated, validated.names.headless()),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            publish_not_ready_addresses: Some(true),
            selector: Some(validated.names.selector()),
            ports: Some(ports.chain(client_ports(validated)).collect()),
            ..ServiceSpec::default()
        }),
        status: None,
    })
}

/// Leads clients to any broker that is ready.
fn bootstrap(validated: &Validated) -> Service {
    sealed(Service {
        metadata: child(validated, validated.names.bootstrap()),
        spec: Some(ServiceSpec {
            selector: Some(validated.names.selector()),
            ports: Some(client_ports(validated).collect()),
            ..ServiceSpec::default()
        }),
        status: None,
    })
}

/// Leads clients to one broker, ready or not: it may lead partitions while it catches up on others.
fn per_broker(validated: &Validated, pod: String) -> Service {
    sealed(Service {
        metadata: child(validated, pod.clone()),
        spec: Some(ServiceSpec {
            publish_not_ready_addresses: Some(true),
            selector: Some(BTreeMap::from([(POD_NAME_LABEL.to_owned(), pod)])),
            ports: Some(client_ports(validated).collect()),
            ..ServiceSpec::default()
        }),
        status: None,
    })
}

fn client_ports(validated: &Validated) -> impl Iterator<Item = ServicePort> {
    validated.listeners.iter().map(|it| port(&it.name, it.port))
}

fn port(name: &str, number: i32) -> ServicePort {
    ServicePort {
        name: Some(name.to_owned()),
        port: number,
        target_port: Some(IntOrString::Int(number)),
        protocol: Some("TCP".to_owned()),
        ..ServicePort::default()
    }
}
