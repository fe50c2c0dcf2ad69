//! Turns a spec's names and numbers into types, or refuses it with a remedy.
//!
//! In: a Cluster, what was approved before, the images that the operator knows. Out: [`Validated`],
//! from which nothing that is rendered can fail. Never here: shape and ranges, which the API server
//! has checked; those are relied upon only where nothing breaks without.

use std::collections::{BTreeMap, BTreeSet};

use crds::{Cluster, DeletionPolicy, Durability, Listener, Pool, PoolResources, Role, UpdateMode};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{Affinity, Toleration, TopologySpreadConstraint};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cluster::{Identity, Observed, Record, Refused};
use crate::names::{self, Names};

/// Brokers per block of node ids: a StatefulSet never has more.
pub(crate) const NODE_IDS_PER_SET: i32 = 1000;

/// A spec that can be followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Validated {
    pub names: Names,
    pub uid: String,
    pub version: String,
    pub image: String,
    /// One per pool and zone, in the order of the spec.
    pub sets: Vec<BrokerSet>,
    pub listeners: Vec<Listener>,
    pub config: BTreeMap<String, String>,
    pub durability: Durability,
    pub update_mode: UpdateMode,
    pub approve: Option<String>,
    pub deletion_policy: DeletionPolicy,
}

/// The brokers of one pool in one zone: one StatefulSet.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerSet {
    pub name: String,
    pub inputs: Inputs,
    pub affinity: Option<Affinity>,
    pub tolerations: Vec<Toleration>,
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
}

/// What a user wrote that makes a StatefulSet what it is. Two equal inputs that render differently
/// were rendered by different operators.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inputs {
    pub version: String,
    pub pool: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    pub replicas: u32,
    pub roles: BTreeSet<Role>,
    pub storage: crds::PoolStorage,
    pub resources: PoolResources,
    pub template: crds::PoolTemplate,
    pub listeners: Vec<Listener>,
}

impl BrokerSet {
    pub fn is_controller(&self) -> bool {
        self.inputs.roles.contains(&Role::Controller)
    }

    pub fn zone_label(&self) -> &str {
        self.inputs.zone.as_deref().unwrap_or(names::NO_ZONE)
    }

    /// Names of the pods, by their ordinals.
    pub fn pods(&self) -> impl Iterator<Item = (u32, String)> {
        (0..self.inputs.replicas).map(|ordinal| (ordinal, names::pod(&self.name, ordinal)))
    }
}

impl Validated {
    /// What was approved, where the spec cannot be followed: enough to look after what runs, and not to
    /// render a StatefulSet. `None` if nothing was approved yet.
    pub(crate) fn kept(cluster: &Cluster, record: &Record) -> Option<Validated> {
        let name = cluster.metadata.name.as_deref().unwrap_or_default();
        let namespace = cluster.metadata.namespace.as_deref().unwrap_or_default();
        let first = record.sets.values().next()?;
        let mut listeners: Vec<Listener> = Vec::new();
        // In the middle of a roll they differ. A Service takes each name and port once.
        for it in record.sets.values().flat_map(|it| &it.inputs.listeners) {
            let is_new = |other: &Listener| other.name != it.name && other.port != it.port;
            if listeners.iter().all(is_new) {
                listeners.push(it.clone());
            }
        }
        let sets = record.sets.iter().map(|(name, approved)| BrokerSet {
            name: name.clone(),
            inputs: approved.inputs.clone(),
            affinity: None,
            tolerations: Vec::new(),
            topology_spread_constraints: Vec::new(),
        });
        Some(Validated {
            names: Names::new(name, namespace),
            uid: cluster.metadata.uid.clone().unwrap_or_default(),
            version: first.inputs.version.clone(),
            image: String::new(),
            sets: sets.collect(),
            listeners,
            config: BTreeMap::new(),
            durability: cluster.spec.durability,
            update_mode: UpdateMode::OnDemand,
            approve: None,
            deletion_policy: cluster.spec.deletion_policy,
        })
    }

    /// Every pod that there should be, with its set and ordinal.
    pub fn pods(&self) -> impl Iterator<Item = (&BrokerSet, u32, String)> {
        self.sets
            .iter()
            .flat_map(|set| set.pods().map(move |(ordinal, pod)| (set, ordinal, pod)))
    }
}

/// Checks what the API server could not: it needs the operator's images, or what already runs.
pub fn validate(
    cluster: &Cluster,
    record: &Record,
    observed: &Observed,
    images: &BTreeMap<String, String>,
) -> Result<Validated, Refused> {
    let spec = &cluster.spec;
    let name = cluster.metadata.name.as_deref().unwrap_or_default();
    let namespace = cluster.metadata.namespace.as_deref().unwrap_or_default();
    let names = Names::new(name, namespace);
    let image = images
        .get(&spec.version)
        .cloned()
        .ok_or_else(|| Refused::UnknownVersion {
            version: spec.version.clone(),
            known: images.keys().cloned().collect(),
        })?;
    let mut sets = Vec::new();
    for pool in &spec.pools {
        if !pool.roles.contains(&Role::Broker) {
            // Nothing places partitions by role yet: they would come to these brokers, too.
            return Err(Refused::NotBuilt {
                what: format!("pool {} of controllers that hold no partitions", pool.name),
                remedy: "add the role broker to the pool".to_owned(),
            });
        }
        sets.extend(pool_sets(&names, spec, pool)?);
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = sets.iter().find(|it| !seen.insert(it.name.as_str())) {
        return Err(Refused::NameClash {
            name: twice.name.clone(),
        });
    }
    let count = sets
        .iter()
        .filter(|it| it.is_controller())
        .map(|it| it.inputs.replicas)
        .sum();
    if !matches!(count, 1 | 3 | 5) {
        return Err(Refused::ControllerCount { count });
    }
    check_config(&spec.config, &sets)?;
    check_changes(&names, &sets, record, observed)?;
    Ok(Validated {
        names,
        uid: cluster.metadata.uid.clone().unwrap_or_default(),
        version: spec.version.clone(),
        image,
        sets,
        listeners: spec.listeners.clone(),
        config: spec.config.clone(),
        durability: spec.durability,
        update_mode: spec.update.as_ref().map(|it| it.mode).unwrap_or_default(),
        approve: spec.update.as_ref().and_then(|it| it.approve.clone()),
        deletion_policy: spec.deletion_policy,
    })
}

fn pool_sets(
    names: &Names,
    spec: &crds::ClusterSpec,
    pool: &Pool,
) -> Result<Vec<BrokerSet>, Refused> {
    let template = pool.template.clone().unwrap_or_default();
    let affinity = typed(pool, "affinity", template.affinity.as_ref())?;
    let tolerations = typed_list(pool, "tolerations", &template.tolerations)?;
    let spread = &template.topology_spread_constraints;
    let topology_spread_constraints = typed_list(pool, "topologySpreadConstraints", spread)?;
    let set = |zone: Option<&str>, replicas| BrokerSet {
        name: names.stateful_set(&pool.name, zone),
        inputs: Inputs {
            version: spec.version.clone(),
            pool: pool.name.clone(),
            zone: zone.map(str::to_owned),
            replicas,
            roles: pool.roles.iter().copied().collect(),
            storage: pool.storage.clone(),
            resources: pool.resources.clone().unwrap_or_default(),
            template: template.clone(),
            listeners: spec.listeners.clone(),
        },
        affinity: affinity.clone(),
        tolerations: tolerations.clone(),
        topology_spread_constraints: topology_spread_constraints.clone(),
    };
    let replicas = u32::try_from(pool.replicas).unwrap_or(0);
    if pool.zones.is_empty() {
        return Ok(vec![set(None, replicas)]);
    }
    let shares = spread_over(replicas, pool.zones.len());
    Ok(pool
        .zones
        .iter()
        .zip(shares)
        .map(|(zone, share)| set(Some(zone), share))
        .collect())
}

/// As even as possible; the first zones take what is left over.
fn spread_over(replicas: u32, zones: usize) -> impl Iterator<Item = u32> {
    let n_zones = u32::try_from(zones).unwrap_or(u32::MAX).max(1);
    (0..n_zones).map(move |zone| replicas / n_zones + u32::from(zone < replicas % n_zones))
}

fn typed<T: DeserializeOwned + Serialize>(
    pool: &Pool,
    field: &'static str,
    value: Option<&Value>,
) -> Result<Option<T>, Refused> {
    let Some(value) = value else { return Ok(None) };
    let refused = |message| Refused::Template {
        pool: pool.name.clone(),
        field,
        message,
    };
    let typed: T =
        serde_json::from_value(value.clone()).map_err(|error| refused(error.to_string()))?;
    // What Kubernetes' types do not know they ignore, so that a misspelt rule would be none.
    let kept = serde_json::to_value(&typed).map_err(|error| refused(error.to_string()))?;
    match unknown_field(value, &kept) {
        Some(path) => Err(refused(format!("there is no field {path}"))),
        None => Ok(Some(typed)),
    }
}

/// The path of the first field that was given and not kept.
fn unknown_field(given: &Value, kept: &Value) -> Option<String> {
    let under = |name: String, given: &Value, kept: &Value| {
        Some(format!("{name}.{}", unknown_field(given, kept)?))
    };
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => {
            given.iter().find_map(|(name, it)| match kept.get(name) {
                Some(kept) => under(name.clone(), it, kept),
                None => (!it.is_null()).then(|| name.clone()),
            })
        }
        (Value::Array(given), Value::Array(kept)) => {
            let mut both = given.iter().zip(kept).enumerate();
            both.find_map(|(index, (given, kept))| under(index.to_string(), given, kept))
        }
        _ => None,
    }
}

fn typed_list<T: DeserializeOwned + Serialize>(
    pool: &Pool,
    field: &'static str,
    values: &[Value],
) -> Result<Vec<T>, Refused> {
    let list = (!values.is_empty()).then(|| Value::Array(values.to_vec()));
    Ok(typed(pool, field, list.as_ref())?.unwrap_or_default())
}

fn check_config(config: &BTreeMap<String, String>, sets: &[BrokerSet]) -> Result<(), Refused> {
    let brokers = sets
        .iter()
        .filter(|it| it.inputs.roles.contains(&Role::Broker));
    let n_brokers: u32 = brokers.map(|it| it.inputs.replicas).sum();
    let key = "min.insync.replicas";
    let Some(value) = config.get(key) else {
        return Ok(());
    };
    let refuse = |message| {
        Err(Refused::Config {
            key: key.to_owned(),
            message,
        })
    };
    match value.parse::<u32>() {
        Err(_) | Ok(0) => refuse(format!(
            "`{value}` is not a number of replicas: use 1 or more"
        )),
        Ok(number) if number > n_brokers => refuse(format!(
            "{number} in-sync replicas cannot be had from {n_brokers} brokers, so nothing could be \
             written with acks=all: use at most {n_brokers}"
        )),
        Ok(_) => Ok(()),
    }
}

/// Refuses changes that would have to move data first.
fn check_changes(
    names: &Names,
    sets: &[BrokerSet],
    record: &Record,
    observed: &Observed,
) -> Result<(), Refused> {
    let not_built = |what: String, remedy: String| Err(Refused::NotBuilt { what, remedy });
    for (name, approved) in &record.sets {
        let before = &approved.inputs;
        let Some(set) = sets.iter().find(|it| it.name == *name) else {
            return not_built(
                format!("taking away the brokers of {name}"),
                format!("put pool {} and its zones back as they were", before.pool),
            );
        };
        let now = &set.inputs;
        if now.replicas != before.replicas {
            return not_built(
                format!(
                    "changing the number of brokers of {name} from {} to {}",
                    before.replicas, now.replicas
                ),
                format!("put the replicas of pool {} back", before.pool),
            );
        }
        let mut roles = before.roles.clone();
        // Controllers alone have held partitions all the same.
        roles.insert(Role::Broker);
        if now.roles != roles {
            return not_built(
                format!("changing the roles of pool {}", before.pool),
                "put them back, or make another pool".to_owned(),
            );
        }
        if now.storage != before.storage {
            return not_built(
                format!("changing the storage of pool {}", before.pool),
                format!("put size {} back", before.storage.size),
            );
        }
    }
    for (name, live) in &observed.stateful_sets {
        let set = sets.iter().find(|it| it.name == *name);
        let replicas = set.map_or(0, |it| it.inputs.replicas);
        if !record.sets.contains_key(name) && is_ours(names, live) && replicas_of(live) != replicas
        {
            return not_built(
                format!("changing the number of brokers of {name} to {replicas}"),
                format!("put it back to {}", replicas_of(live)),
            );
        }
    }
    // A name keeps its node ids for ever, so one that has none in a sealed identity is new.
    let identity = observed.config_maps.get(&names.identity());
    let identity = identity
        .and_then(|it| Identity::read(it).ok())
        .filter(|it| it.is_sealed);
    let is_new = |it: &&BrokerSet| {
        identity
            .as_ref()
            .is_some_and(|identity| !identity.node_ids.contains_key(&it.name))
    };
    if let Some(added) = sets.iter().find(is_new) {
        return not_built(
            format!("adding brokers ({}) to a cluster", added.name),
            "put the pools and zones back as they were".to_owned(),
        );
    }
    Ok(())
}

fn is_ours(names: &Names, live: &StatefulSet) -> bool {
    let labels = live.metadata.labels.as_ref();
    labels.and_then(|it| it.get(names::CLUSTER_LABEL)) == Some(&names.cluster)
}

fn replicas_of(live: &StatefulSet) -> u32 {
    let replicas = live.spec.as_ref().and_then(|it| it.replicas).unwrap_or(1);
    u32::try_from(replicas).unwrap_or(0)
}
