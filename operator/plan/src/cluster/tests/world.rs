//! A small Kubernetes with brokers in it: what applies steps and answers as they would.
//!
//! In: steps. Out: what is observed next. Never here: a clock or chance; the same steps make the same
//! world.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crds::Cluster;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::Metadata;
use k8s_openapi::api::apps::v1::StatefulSetStatus;
use k8s_openapi::api::core::v1::{
    ContainerState, ContainerStateRunning, ContainerStateWaiting, ContainerStatus,
    PersistentVolumeClaim, Pod, PodCondition, PodStatus, PodTemplateSpec, Volume,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};

use super::super::*;
use crate::{Known, Outcome, names};

const BAD_IMAGE: &str = "bad";

/// A broker's disk, which outlives its pod.
#[derive(Clone, Debug)]
struct Disk {
    directory_id: String,
    cluster_id: Option<String>,
}

pub(super) struct World {
    pub(super) cluster: Cluster,
    pub(super) observed: Observed,
    pub(super) images: BTreeMap<String, String>,
    pub(super) now: Timestamp,
    /// What the brokers answer to a restart. `None`: yes.
    pub(super) refusal: Option<String>,
    /// What the brokers answer to a config: `None` is yes.
    pub(super) config_refusal: Option<Outcome>,
    /// When the operator looks again.
    pub(super) requeue: Duration,
    /// Pods whose brokers are behind.
    pub(super) behind: BTreeSet<String>,
    /// Pods that restarted, in order.
    pub(super) restarts: Vec<String>,
    pub(super) config: BTreeMap<String, String>,
    disks: BTreeMap<String, Disk>,
    voters: BTreeMap<i32, String>,
    node_ids: BTreeMap<String, i32>,
    last_uid: u32,
}

impl World {
    pub(super) fn new(spec: &str) -> World {
        let images = [
            ("0.1.0", "tidemill/broker@sha256:1"),
            ("0.2.0", "tidemill/broker@sha256:2"),
        ];
        let images = images.map(|(version, it)| (version.to_owned(), it.to_owned()));
        let mut world = World {
            cluster: parse(spec),
            observed: Observed::default(),
            images: images.into(),
            now: Timestamp::from_second(1_800_000_000).unwrap(),
            refusal: None,
            config_refusal: None,
            requeue: Duration::ZERO,
            behind: BTreeSet::new(),
            restarts: Vec::new(),
            config: BTreeMap::new(),
            disks: BTreeMap::new(),
            voters: BTreeMap::new(),
            node_ids: BTreeMap::new(),
            last_uid: 0,
        };
        world
            .images
            .insert("0.3.0".to_owned(), BAD_IMAGE.to_owned());
        world
    }

    /// Changes the spec, keeping the status.
    pub(super) fn change(&mut self, spec: &str) {
        let status = self.cluster.status.take();
        let generation = self.cluster.metadata.generation;
        self.cluster = Cluster {
            status,
            ..parse(spec)
        };
        self.cluster.metadata.generation = generation.map(|it| it + 1);
    }

    /// One pass of the operator, and then of everybody else. Returns the plan.
    pub(super) fn pass(&mut self) -> Plan {
        self.look();
        let names = names::Names::new("demo", "shop");
        let record = Record::read(self.observed.config_maps.get(&names.record()));
        let validated = validate(&self.cluster, &record, &self.observed, &self.images);
        let plan = plan(
            &self.cluster,
            &validated,
            &record,
            &self.observed,
            // Every pass brings another one, as in reality.
            &format!("fresh-id-{}", self.now.as_second()),
            self.now,
        );
        check(&self.cluster, &self.observed, &plan).unwrap();
        let mut outcomes = Vec::new();
        for step in &plan.steps {
            outcomes.push(if is_skipped(step, &plan.steps, &outcomes) {
                Outcome::Skipped
            } else {
                self.apply(step)
            });
        }
        self.requeue = plan.requeue(&outcomes);
        let status = status(&self.cluster, &self.observed, &plan, &outcomes, self.now);
        self.cluster.status = Some(status);
        self.now += SignedDuration::from_secs(1);
        plan
    }

    /// Passes until nothing is planned and nothing is awaited.
    #[track_caller]
    pub(super) fn settle(&mut self) {
        for _ in 0..60 {
            let plan = self.pass();
            if plan.steps.is_empty() && plan.report == Report::default() {
                return;
            }
        }
        panic!("it does not settle: {}", self.told("Ready"));
    }

    pub(super) fn told(&self, type_: &str) -> String {
        let conditions = self.cluster.status.iter().flat_map(|it| &it.conditions);
        let found = conditions.into_iter().find(|it| it.type_ == type_).unwrap();
        format!("{} {}: {}", found.status, found.reason, found.message)
    }

    pub(super) fn image_of(&self, pod: &str) -> String {
        let spec = self.observed.pods[pod].spec.as_ref().unwrap();
        spec.containers[0].image.clone().unwrap()
    }

    /// Empties the disk under a pod, as a lost volume does.
    pub(super) fn lose_volume(&mut self, pod: &str) {
        self.disks.remove(pod);
        self.observed.volumes.remove(&format!("data-{pod}"));
        self.observed.pods.remove(pod);
    }

    /// Empties the disk under a pod and starts it again; the claim is still there.
    pub(super) fn wipe_volume(&mut self, pod: &str) {
        self.disks.remove(pod);
        self.observed.pods.remove(pod);
    }

    /// Whether the broker's certificate is that of another cluster or broker.
    fn is_stranger(&self, pod: &str, disk: &Disk) -> bool {
        let (set, _) = pod.rsplit_once('-').unwrap();
        let secret = self.observed.certificates.get(&format!("{set}-tls"));
        // What a pod has mounted stays when the Secret goes.
        secret
            .and_then(|it| it.by_pod.get(pod))
            .is_some_and(|it| it.organisation != disk.cluster_id)
    }

    fn uid(&mut self) -> String {
        self.last_uid += 1;
        format!("uid-{}", self.last_uid)
    }

    fn insert<T: Metadata<Ty = ObjectMeta> + Clone>(
        &mut self,
        mut object: T,
        old: Option<&T>,
    ) -> T {
        let old = old.map(|it| it.metadata().clone()).unwrap_or_default();
        let uid = old.uid.unwrap_or_else(|| self.uid());
        let metadata = object.metadata_mut();
        metadata.uid = Some(uid);
        metadata.generation = Some(old.generation.unwrap_or(0) + 1);
        metadata.resource_version = Some(self.uid());
        object
    }

    fn apply(&mut self, step: &Step) -> Outcome {
        match step {
            Step::WriteIdentity { config_map, .. } => self.put_config_map(config_map.clone()),
            Step::MakeAuthority { metadata } => {
                let not_after = self.now + SignedDuration::from_hours(24 * 3650);
                self.observed.authority = Some(Known::Known(Authority {
                    fingerprint: "ca".to_owned(),
                    not_after,
                    owners: metadata.owner_references.clone().unwrap(),
                }));
            }
            Step::AdoptAuthority { metadata } => {
                let Some(Known::Known(authority)) = &mut self.observed.authority else {
                    panic!("there is no authority to adopt");
                };
                authority.owners = metadata.owner_references.clone().unwrap();
            }
            Step::IssueCertificates(order) => self.issue(order),
            Step::Apply { manifest, .. } => self.put(manifest.clone()),
            Step::Bootstrap {
                pod,
                directory_id,
                cluster_id,
                voters,
                ..
            } => {
                let disk = self.disks.get_mut(pod).unwrap();
                assert_eq!(disk.directory_id, *directory_id);
                assert_eq!(disk.cluster_id, None, "an identity is never given twice");
                disk.cluster_id = Some(cluster_id.clone());
                let voters = voters
                    .iter()
                    .map(|it| (it.node_id, it.directory_id.clone()));
                self.voters = voters.collect();
            }
            Step::LabelVolume {
                claim,
                cluster_id,
                node_id,
            } => {
                let volume = self.observed.volumes.get_mut(claim).unwrap();
                let labels = volume.metadata.labels.get_or_insert_default();
                labels.insert(names::CLUSTER_ID_LABEL.to_owned(), cluster_id.clone());
                labels.insert(names::NODE_ID_LABEL.to_owned(), node_id.to_string());
            }
            Step::AlterClusterConfig { set, reset } => {
                if let Some(refusal) = self.config_refusal.clone() {
                    return refusal;
                }
                self.config.retain(|key, _| !reset.contains(key));
                self.config.extend(set.clone());
            }
            Step::DeleteConfigMap { name } => drop(self.observed.config_maps.remove(name)),
            Step::DeleteStatefulSet { name, .. } => {
                self.observed.stateful_sets.remove(name);
                self.observed.pods.retain(|pod, _| !pod.starts_with(name));
            }
            Step::DeleteVolume { claim, .. } => drop(self.observed.volumes.remove(claim)),
            Step::DeleteIdentity => drop(self.observed.config_maps.remove("demo-identity")),
            Step::AddFinalizer => {
                self.cluster.metadata.finalizers = Some(vec![names::FINALIZER.to_owned()]);
            }
            Step::ReleaseFinalizer => self.cluster.metadata.finalizers = None,
            Step::Restart(restart) => {
                if let (Consent::AskBrokers { .. }, Some(refusal)) =
                    (&restart.consent, &self.refusal)
                {
                    return Outcome::NotYet(refusal.clone());
                }
                self.restarts.push(restart.pod.clone());
                self.observed.pods.remove(&restart.pod);
            }
        }
        Outcome::Done
    }

    fn issue(&mut self, order: &CertificateOrder) {
        let certificate = |node_id: i32, hosts: &Vec<String>| CertificateView {
            organisation: Some(order.cluster_id.clone()),
            common_name: Some(names::common_name(node_id)),
            dns_names: hosts.iter().cloned().collect(),
            not_before: self.now,
            not_after: self.now + SignedDuration::from_hours(24 * 90),
            issuer: Some("ca".to_owned()),
        };
        let by_pod = order
            .pods
            .iter()
            .map(|(pod, (node_id, hosts))| (pod.clone(), certificate(*node_id, hosts)));
        let certificates = Certificates {
            trusted: BTreeSet::from(["ca".to_owned()]),
            by_pod: by_pod.collect(),
        };
        let name = order.metadata.name.clone().unwrap();
        self.observed.certificates.insert(name, certificates);
    }

    fn put_config_map(&mut self, object: k8s_openapi::api::core::v1::ConfigMap) {
        let name = object.metadata.name.clone().unwrap();
        let old = self.observed.config_maps.get(&name).cloned();
        let object = self.insert(object, old.as_ref());
        self.observed.config_maps.insert(name, object);
    }

    fn put(&mut self, manifest: Manifest) {
        let name = manifest.name().to_owned();
        macro_rules! put {
            ($field:ident, $object:expr) => {{
                let old = self.observed.$field.get(&name).cloned();
                let object = self.insert($object, old.as_ref());
                self.observed.$field.insert(name, object);
            }};
        }
        match manifest {
            Manifest::ConfigMap(it) => self.put_config_map(it),
            Manifest::Service(it) => put!(services, it),
            Manifest::ServiceAccount(it) => put!(service_accounts, it),
            Manifest::Budget(it) => put!(budgets, it),
            Manifest::StatefulSet(mut it) => {
                let old = self.observed.stateful_sets.get(&name);
                it.status = old.and_then(|it| it.status.clone());
                put!(stateful_sets, it);
            }
        }
    }

    /// What the controllers of Kubernetes and the brokers do until the operator looks again.
    fn look(&mut self) {
        for (set, mut object) in self.observed.stateful_sets.clone() {
            let spec = object.spec.clone().unwrap();
            for ordinal in 0..spec.replicas.unwrap() {
                let name = format!("{set}-{ordinal}");
                if !self.observed.pods.contains_key(&name) {
                    let mut pod = self.new_pod(&name, &spec.template);
                    let labels = pod.metadata.labels.get_or_insert_default();
                    labels.insert(
                        "controller-revision-hash".to_owned(),
                        revision(&spec.template),
                    );
                    self.observed.pods.insert(name.clone(), pod);
                }
                self.observed
                    .volumes
                    .entry(format!("data-{name}"))
                    .or_insert_with(|| PersistentVolumeClaim {
                        metadata: spec.volume_claim_templates.clone().unwrap()[0]
                            .metadata
                            .clone(),
                        ..PersistentVolumeClaim::default()
                    });
                let next = self.disks.len();
                self.disks.entry(name).or_insert_with(|| Disk {
                    directory_id: format!("directory-{next}-{}", self.last_uid),
                    cluster_id: None,
                });
            }
            // Under OnDelete the current revision stays what it was at first.
            let before = object.status.take().and_then(|it| it.current_revision);
            object.status = Some(StatefulSetStatus {
                observed_generation: object.metadata.generation,
                current_revision: Some(before.unwrap_or_else(|| revision(&spec.template))),
                update_revision: Some(revision(&spec.template)),
                ..StatefulSetStatus::default()
            });
            self.observed.stateful_sets.insert(set, object);
        }
        let pods: Vec<String> = self.observed.pods.keys().cloned().collect();
        self.observed.brokers = pods
            .iter()
            .map(|pod| (pod.clone(), self.answer(pod)))
            .collect();
        for pod in pods {
            let is_up = is_up(self.observed.brokers.get(&pod));
            let pod = self.observed.pods.get_mut(&pod).unwrap();
            let status = pod.status.as_mut().unwrap();
            status.conditions = Some(vec![PodCondition {
                type_: "Ready".to_owned(),
                status: if is_up { "True" } else { "False" }.to_owned(),
                ..PodCondition::default()
            }]);
        }
    }

    fn new_pod(&mut self, name: &str, template: &PodTemplateSpec) -> Pod {
        let mut metadata = template.metadata.clone().unwrap();
        metadata.name = Some(name.to_owned());
        metadata.uid = Some(self.uid());
        let mut spec = template.spec.clone().unwrap();
        spec.node_name = Some(format!("node-of-{name}"));
        let node_id = self.read_node_id(name, spec.volumes.as_ref());
        self.node_ids.insert(name.to_owned(), node_id);
        let is_bad = spec.containers[0].image.as_deref() == Some(BAD_IMAGE);
        let running = ContainerStateRunning {
            started_at: Some(Time(self.now)),
        };
        let waiting = ContainerStateWaiting {
            reason: Some("ImagePullBackOff".to_owned()),
            message: Some("no such image".to_owned()),
        };
        let state = ContainerState {
            running: (!is_bad).then_some(running),
            waiting: is_bad.then_some(waiting),
            terminated: None,
        };
        Pod {
            metadata,
            spec: Some(spec),
            status: Some(PodStatus {
                phase: Some(if is_bad { "Pending" } else { "Running" }.to_owned()),
                container_statuses: Some(vec![ContainerStatus {
                    name: "broker".to_owned(),
                    state: Some(state),
                    ..ContainerStatus::default()
                }]),
                ..PodStatus::default()
            }),
        }
    }

    /// The node id in the pod's file, as the broker reads it when it starts.
    fn read_node_id(&self, pod: &str, volumes: Option<&Vec<Volume>>) -> i32 {
        let files = volumes
            .into_iter()
            .flatten()
            .find_map(|it| it.config_map.as_ref())
            .unwrap();
        let data = self.observed.config_maps[&files.name]
            .data
            .as_ref()
            .unwrap();
        let file: serde_json::Value = serde_json::from_str(&data[&format!("{pod}.yaml")]).unwrap();
        i32::try_from(file["nodeId"].as_i64().unwrap()).unwrap()
    }

    /// What the broker in a pod says.
    fn answer(&self, pod: &str) -> Known<BrokerView> {
        if self.image_of(pod) == BAD_IMAGE {
            return Known::Unknown("connection refused".to_owned());
        }
        let node_id = self.node_ids[pod];
        let disk = &self.disks[pod];
        let formatting = match &disk.cluster_id {
            None => Formatting::Waiting,
            Some(cluster_id) => Formatting::Formatted {
                cluster_id: cluster_id.clone(),
                broker_epoch: Some(7),
                quorum: Some(QuorumView {
                    leader_id: self.voters.keys().next().copied(),
                    epoch: 1,
                    voters: self.voters.clone(),
                }),
                image: Some(ClusterImage {
                    config: self.config.clone(),
                    ..ClusterImage::default()
                }),
            },
        };
        let is_behind = self.behind.contains(pod);
        let caught_up = if is_behind {
            Err("3 replicas behind".to_owned())
        } else if disk.cluster_id.is_some() && self.is_stranger(pod, disk) {
            Err("no other broker talks to it".to_owned())
        } else {
            Ok(())
        };
        let directory_id = disk.directory_id.clone();
        Known::Known(BrokerView {
            node_id,
            directory_id,
            formatting,
            caught_up,
        })
    }
}

/// The name of a template's revision.
fn revision(template: &PodTemplateSpec) -> String {
    manifests::hash(template)
}

fn is_up(answer: Option<&Known<BrokerView>>) -> bool {
    answer.and_then(|it| it.known()).is_some_and(|it| {
        matches!(it.formatting, Formatting::Formatted { .. }) && it.caught_up.is_ok()
    })
}

fn parse(spec: &str) -> Cluster {
    let metadata = "{name: demo, namespace: shop, uid: uid-of-demo, generation: 1}";
    let yaml = format!(
        "apiVersion: tidemill.dev/v1alpha1\nkind: Cluster\nmetadata: {metadata}\nspec:\n{spec}"
    );
    serde_yaml::from_str(&yaml).unwrap()
}
