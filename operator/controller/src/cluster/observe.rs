//! Reads everything about a cluster once: its objects from the API server, its brokers' own account.
//!
//! In: names. Out: [`Observed`]. Never here: a decision. What a broker does not answer is data; what
//! the API server does not answer is an error, for nothing can be decided without.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use futures::future::join_all;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Namespace, Node, Pod, Secret};
use kube::api::{Api, ListParams, ResourceExt};
use kube::core::NamespaceResourceScope;
use kube::{Client, Resource};
use operator_plan::Known;
use operator_plan::cluster::{Observed, Plan};
use operator_plan::names::{self, Names};
use operator_plan::topic::ClusterView;
use serde::de::DeserializeOwned;

use crate::authority;
use crate::brokers::{Addresses, Brokers};
use crate::context::{Context, Reached};
use crate::error::Error;

/// What a cluster has where it says nothing about `min.insync.replicas`.
const MIN_INSYNC_REPLICAS_DEFAULT: i32 = 1;

pub(super) async fn observe(context: &Context, names: &Names) -> Result<Observed, Error> {
    let client = &context.client;
    let (stateful_sets, pods, services, config_maps, budgets) = futures::try_join!(
        list(client, names, "StatefulSets"),
        list::<Pod>(client, names, "Pods"),
        list(client, names, "Services"),
        list(client, names, "ConfigMaps"),
        list(client, names, "PodDisruptionBudgets"),
    )?;
    let (service_accounts, volumes, secrets, cordoned_nodes, is_namespace_terminating) = futures::try_join!(
        list(client, names, "ServiceAccounts"),
        list(client, names, "PersistentVolumeClaims"),
        list::<Secret>(client, names, "Secrets"),
        cordoned_nodes(client),
        is_terminating(client, &names.namespace),
    )?;
    let authority = secrets.get(&names.authority());
    let brokers = brokers(context, names, authority, &pods).await;
    let certificates = secrets
        .iter()
        .filter(|(name, _)| name.ends_with("-tls"))
        .map(|(name, it)| (name.clone(), authority::view_certificates(it, authority)));
    Ok(Observed {
        certificates: certificates.collect(),
        authority: authority.map(authority::view_authority),
        stateful_sets,
        pods,
        services,
        config_maps,
        budgets,
        service_accounts,
        volumes,
        brokers,
        cordoned_nodes,
        is_namespace_terminating,
    })
}

/// The cluster's objects of one kind, by name.
async fn list<K>(
    client: &Client,
    names: &Names,
    kind: &'static str,
) -> Result<BTreeMap<String, K>, Error>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned,
{
    let api = Api::<K>::namespaced(client.clone(), &names.namespace);
    let ours = ListParams::default().labels(&format!("{}={}", names::CLUSTER_LABEL, names.cluster));
    let namespace = names.namespace.clone();
    let list = api.list(&ours).await;
    let list = list.map_err(|it| Error::List {
        kind,
        namespace,
        source: Box::new(it),
    })?;
    Ok(list
        .items
        .into_iter()
        .map(|it| (it.name_any(), it))
        .collect())
}

/// Nodes that somebody is emptying. Without the right to read nodes there are none, and evictions
/// wait for the first zone.
async fn cordoned_nodes(client: &Client) -> Result<BTreeSet<String>, Error> {
    let cordoned = ListParams::default().fields("spec.unschedulable=true");
    match Api::<Node>::all(client.clone()).list(&cordoned).await {
        Ok(list) => Ok(list.items.iter().map(ResourceExt::name_any).collect()),
        Err(kube::Error::Api(it)) if it.is_forbidden() => Ok(BTreeSet::new()),
        Err(it) => {
            let namespace = String::new();
            Err(Error::List {
                kind: "Nodes",
                namespace,
                source: Box::new(it),
            })
        }
    }
}

pub(crate) async fn is_terminating(client: &Client, namespace: &str) -> Result<bool, Error> {
    let read = Api::<Namespace>::all(client.clone())
        .get_opt(namespace)
        .await;
    let name = namespace.to_owned();
    let read = read.map_err(|it| Error::Read {
        kind: "Namespace",
        name,
        source: Box::new(it),
    })?;
    Ok(read.is_none_or(|it| it.metadata.deletion_timestamp.is_some()))
}

/// Asks every broker, all at once.
async fn brokers(
    context: &Context,
    names: &Names,
    authority: Option<&Secret>,
    pods: &BTreeMap<String, Pod>,
) -> BTreeMap<String, Known<operator_plan::cluster::BrokerView>> {
    let addresses: Addresses = pods
        .iter()
        .filter_map(|(name, pod)| {
            let address = (context.settings.control_address)(pod)?;
            Some((name.clone(), (address, names.pod_host(name))))
        })
        .collect();
    let brokers = match connect(context, names, authority, addresses) {
        Ok(brokers) => brokers,
        Err(message) => {
            return pods
                .keys()
                .map(|it| (it.clone(), Known::Unknown(message.clone())))
                .collect();
        }
    };
    let answers = pods
        .keys()
        .map(|pod| async { (pod.clone(), brokers.observe(pod).await) });
    join_all(answers).await.into_iter().collect()
}

/// The connections of the last pass, if the pods are where they were and trust the same authority.
fn connect(
    context: &Context,
    names: &Names,
    authority: Option<&Secret>,
    addresses: Addresses,
) -> Result<Arc<Brokers>, String> {
    let Some(authority) = authority else {
        return Err("there is no certificate authority".to_owned());
    };
    let version = authority.resource_version().unwrap_or_default();
    let reached = context.reached(&names.namespace, &names.cluster);
    if let Some(reached) = reached
        .as_ref()
        .filter(|it| it.brokers.is_at(&addresses, &version))
    {
        return Ok(Arc::clone(&reached.brokers));
    }
    let name = names::FIELD_MANAGER;
    let identity = authority::issue_one(
        authority,
        "Tidemill",
        name,
        vec![name.to_owned()],
        Timestamp::now(),
    )
    .map_err(|it| it.told())?;
    let brokers = Arc::new(Brokers::new(&identity, addresses, version));
    // What it said last stays until it has been asked on the new connections.
    let reached = Reached {
        brokers: Arc::clone(&brokers),
        view: reached.and_then(|it| it.view.clone()),
    };
    context.note(&names.namespace, &names.cluster, Some(reached));
    Ok(brokers)
}

/// What topics and groups need to know of the cluster.
pub(super) fn view(observed: &Observed, plan: &Plan) -> ClusterView {
    let image = plan.cluster_id.as_ref().and_then(|it| observed.image(it));
    let Some(image) = image else {
        let silent = observed.brokers.values().find_map(|it| match it {
            Known::Unknown(message) => Some(message.clone()),
            Known::Known(_) => None,
        });
        let message = silent.unwrap_or_else(|| "it has no brokers yet".to_owned());
        return ClusterView::Unreachable(message);
    };
    let brokers = image.is_fenced.len();
    let own = image
        .config
        .get("min.insync.replicas")
        .and_then(|it| it.parse().ok());
    ClusterView::Reachable {
        brokers: i32::try_from(brokers).unwrap_or(i32::MAX),
        min_insync_replicas: own.unwrap_or(MIN_INSYNC_REPLICAS_DEFAULT),
    }
}
