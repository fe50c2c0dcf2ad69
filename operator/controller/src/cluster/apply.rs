//! Does what was planned, in order. It makes no choice.
//!
//! In: a plan. Out: how each step ended. Never here: a step that the plan does not have.

use std::fmt::Debug;

use broker_rpc as rpc;
use crds::{Cluster, Durability};
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Secret};
use kube::api::{
    Api, DeleteParams, ObjectMeta, Patch, PatchParams, PostParams, Preconditions,
    PropagationPolicy, ResourceExt,
};
use kube::core::NamespaceResourceScope;
use kube::{Client, Resource};
use operator_plan::Outcome;
use operator_plan::cluster::{
    CertificateOrder, Consent, Manifest, Plan, Restart, Step, is_skipped,
};
use operator_plan::names::{self, Names};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::context::Context;
use crate::error::Error;
use crate::{authority, brokers, write};

/// Does the steps of a plan.
pub(super) async fn apply(
    context: &Context,
    cluster: &Cluster,
    names: &Names,
    plan: &Plan,
) -> Vec<Outcome> {
    let hand = Hand {
        context,
        cluster,
        names,
    };
    let mut outcomes = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        if is_skipped(step, &plan.steps, &outcomes) {
            outcomes.push(Outcome::Skipped);
            continue;
        }
        let outcome = match hand.perform(step).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Failed(error.told()),
        };
        tracing::info!(
            cluster = names.cluster,
            namespace = names.namespace,
            step = step.describe(),
            ?outcome
        );
        outcomes.push(outcome);
    }
    outcomes
}

struct Hand<'a> {
    context: &'a Context,
    cluster: &'a Cluster,
    names: &'a Names,
}

impl Hand<'_> {
    fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(Client::clone(&self.context.client), &self.names.namespace)
    }

    async fn perform(&self, step: &Step) -> Result<Outcome, Error> {
        if step.is_disruptive() {
            self.assert_unchanged().await?;
        }
        self.context.assert_leading()?;
        match step {
            Step::AddFinalizer => self.finalizer(true).await?,
            Step::ReleaseFinalizer => self.finalizer(false).await?,
            Step::WriteIdentity {
                config_map,
                resource_version,
            } => {
                self.write_identity(config_map, resource_version.clone())
                    .await?;
            }
            Step::MakeAuthority { metadata } => self.make_authority(metadata).await?,
            Step::AdoptAuthority { metadata } => self.adopt_authority(metadata).await?,
            Step::IssueCertificates(order) => self.issue(order).await?,
            Step::Apply { manifest, is_new } => self.apply_manifest(manifest, *is_new).await?,
            Step::Bootstrap { pod, .. } => return self.bootstrap(pod, step).await,
            Step::LabelVolume {
                claim,
                cluster_id,
                node_id,
            } => {
                self.label_volume(claim, cluster_id, *node_id).await?;
            }
            Step::AlterClusterConfig { set, reset } => {
                let request = rpc::AlterClusterConfigRequest {
                    set: set.clone(),
                    reset: reset.clone(),
                };
                let answer = self.brokers()?;
                let answer = answer.ask("alter the cluster's config", |mut it| {
                    let request = request.clone();
                    async move { it.alter_cluster_config(request).await }
                });
                if let Some(error) = answer.await?.error {
                    let is_passing = brokers::is_passing(&error);
                    let end = if is_passing {
                        Outcome::Failed
                    } else {
                        Outcome::NotYet
                    };
                    return Ok(end(error.message));
                }
            }
            Step::DeleteConfigMap { name } => {
                self.delete::<ConfigMap>("ConfigMap", name, None).await?
            }
            Step::DeleteStatefulSet { name, uid } => {
                self.delete::<StatefulSet>("StatefulSet", name, Some(uid))
                    .await?;
            }
            Step::DeleteVolume { claim, uid } => {
                let kind = "PersistentVolumeClaim";
                self.delete::<PersistentVolumeClaim>(kind, claim, Some(uid))
                    .await?;
            }
            Step::DeleteIdentity => {
                self.delete::<ConfigMap>("ConfigMap", &self.names.identity(), None)
                    .await?;
            }
            Step::Restart(restart) => return self.restart(restart).await,
        }
        Ok(Outcome::Done)
    }

    fn brokers(&self) -> Result<std::sync::Arc<brokers::Brokers>, Error> {
        let reached = self
            .context
            .reached(&self.names.namespace, &self.names.cluster);
        let message = "it has not been reached yet".to_owned();
        reached
            .map(|it| it.brokers.clone())
            .ok_or(Error::NoBroker { message })
    }

    /// Before something is taken away: the Cluster is still the one that was read, and still asks for
    /// the same.
    async fn assert_unchanged(&self) -> Result<(), Error> {
        let name = self.names.cluster.clone();
        let kind = "Cluster";
        let read = self.api::<Cluster>().get_opt(&name).await;
        let read = read.map_err(|it| Error::Read {
            kind,
            name: name.clone(),
            source: Box::new(it),
        })?;
        let key = |it: &Cluster| {
            (
                it.uid(),
                it.metadata.generation,
                it.metadata.deletion_timestamp.clone(),
            )
        };
        match read {
            Some(read) if key(&read) == key(self.cluster) => Ok(()),
            Some(_) | None => Err(Error::Changed { kind, name }),
        }
    }

    async fn finalizer(&self, is_wanted: bool) -> Result<(), Error> {
        write::finalizer(
            self.context,
            &self.api(),
            "Cluster",
            self.cluster,
            is_wanted,
        )
        .await
    }

    async fn write_identity(
        &self,
        config_map: &ConfigMap,
        resource_version: Option<String>,
    ) -> Result<(), Error> {
        let api = self.api::<ConfigMap>();
        if resource_version.is_none() {
            return write::create(self.context, &api, "ConfigMap", config_map).await;
        }
        let mut config_map = config_map.clone();
        config_map.metadata.resource_version = resource_version;
        let name = config_map.name_any();
        self.context.metrics.count_write("ConfigMap");
        let parameters = PostParams {
            field_manager: Some(names::FIELD_MANAGER.to_owned()),
            ..PostParams::default()
        };
        let replaced = api.replace(&name, &parameters, &config_map).await;
        replaced.map(drop).map_err(|it| Error::Write {
            kind: "ConfigMap",
            name,
            source: Box::new(it),
        })
    }

    /// Creates the Secret. If another pass was faster, that one's is the authority.
    async fn make_authority(&self, metadata: &ObjectMeta) -> Result<(), Error> {
        let name = metadata.name.clone().unwrap_or_default();
        if self.own_secret(&name).await?.is_some() {
            return Ok(());
        }
        let data = authority::make_authority(&self.names.cluster, Timestamp::now())?;
        let secret = Secret {
            metadata: metadata.clone(),
            data: Some(data),
            ..Secret::default()
        };
        write::create(self.context, &self.api(), "Secret", &secret).await
    }

    /// Puts the Cluster in the place of the Secret's owners, and changes nothing else of it.
    async fn adopt_authority(&self, metadata: &ObjectMeta) -> Result<(), Error> {
        let name = metadata.name.clone().unwrap_or_default();
        let Some(secret) = self.own_secret(&name).await? else {
            return Err(Error::NoAuthority { name });
        };
        let patch = json!({"metadata": {
            // Neither another Secret of the name nor one that has changed since.
            "uid": secret.uid(),
            "resourceVersion": secret.resource_version(),
            "ownerReferences": metadata.owner_references,
        }});
        let parameters = PatchParams {
            field_manager: Some(names::FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        self.context.metrics.count_write("Secret");
        let api = self.api::<Secret>();
        let patched = api.patch(&name, &parameters, &Patch::Merge(patch)).await;
        patched.map(drop).map_err(|it| Error::Write {
            kind: "Secret",
            name,
            source: Box::new(it),
        })
    }

    async fn issue(&self, order: &CertificateOrder) -> Result<(), Error> {
        // Applying would take over whatever has the name, and make its owner's brokers strangers.
        self.own_secret(&order.metadata.name.clone().unwrap_or_default())
            .await?;
        let name = self.names.authority();
        let read = self.api::<Secret>().get_opt(&name).await;
        let read = read.map_err(|it| Error::Read {
            kind: "Secret",
            name: name.clone(),
            source: Box::new(it),
        })?;
        let authority = read.ok_or(Error::NoAuthority { name })?;
        let data = authority::issue(&authority, order, Timestamp::now())?;
        let secret = Secret {
            metadata: order.metadata.clone(),
            data: Some(data),
            ..Secret::default()
        };
        write::apply(self.context, &self.api(), "Secret", &secret).await
    }

    /// A Secret of the Cluster's. An error if the name is somebody else's.
    async fn own_secret(&self, name: &str) -> Result<Option<Secret>, Error> {
        let (kind, name) = ("Secret", name.to_owned());
        let read = self.api::<Secret>().get_opt(&name).await;
        let read = read.map_err(|it| Error::Read {
            kind,
            name: name.clone(),
            source: Box::new(it),
        })?;
        // By the label and not by the owner: one that was restored, or that belonged to a Cluster of
        // this name before, is the Cluster's.
        let is_ours = |it: &Secret| {
            it.labels().get(names::CLUSTER_LABEL) == Some(&self.names.cluster)
                && it.owner_references().iter().all(|owner| {
                    owner.kind == Cluster::kind(&()) && owner.name == self.names.cluster
                })
        };
        match read {
            Some(secret) if !is_ours(&secret) => Err(Error::NameTaken { kind, name }),
            it => Ok(it),
        }
    }

    async fn apply_manifest(&self, manifest: &Manifest, is_new: bool) -> Result<(), Error> {
        let kind = manifest.kind();
        match manifest {
            Manifest::ConfigMap(it) => self.put(kind, it, is_new).await,
            Manifest::Service(it) => self.put(kind, it, is_new).await,
            Manifest::ServiceAccount(it) => self.put(kind, it, is_new).await,
            Manifest::StatefulSet(it) => self.put(kind, it, is_new).await,
            Manifest::Budget(it) => self.put(kind, it, is_new).await,
        }
    }

    async fn put<K>(&self, kind: &'static str, object: &K, is_new: bool) -> Result<(), Error>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + Debug
            + Serialize
            + DeserializeOwned,
    {
        let api = self.api::<K>();
        let name = object.name_any();
        if is_new {
            // Applying would take over whatever has the name.
            let read = api.get_opt(&name).await;
            let read = read.map_err(|it| Error::Read {
                kind,
                name: name.clone(),
                source: Box::new(it),
            })?;
            let owner = self.cluster.uid().unwrap_or_default();
            let is_ours = |it: &K| it.owner_references().iter().any(|it| it.uid == owner);
            if read.is_some_and(|it| !is_ours(&it)) {
                return Err(Error::NameTaken { kind, name });
            }
        }
        write::apply(self.context, &api, kind, object).await
    }

    async fn label_volume(&self, claim: &str, cluster_id: &str, node_id: i32) -> Result<(), Error> {
        let labels = json!({
            names::CLUSTER_ID_LABEL: cluster_id,
            names::NODE_ID_LABEL: node_id.to_string(),
        });
        let patch = json!({"metadata": {"labels": labels}});
        let parameters = PatchParams {
            field_manager: Some(names::FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let kind = "PersistentVolumeClaim";
        self.context.metrics.count_write(kind);
        let api = self.api::<PersistentVolumeClaim>();
        let patched = api.patch(claim, &parameters, &Patch::Merge(patch)).await;
        let name = claim.to_owned();
        patched.map(drop).map_err(|it| Error::Write {
            kind,
            name,
            source: Box::new(it),
        })
    }

    async fn delete<K>(
        &self,
        kind: &'static str,
        name: &str,
        uid: Option<&str>,
    ) -> Result<(), Error>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + Debug
            + DeserializeOwned,
    {
        let preconditions = uid.map(|it| Preconditions {
            uid: Some(it.to_owned()),
            ..Preconditions::default()
        });
        let parameters = DeleteParams {
            preconditions,
            propagation_policy: Some(PropagationPolicy::Background),
            ..DeleteParams::default()
        };
        self.context.metrics.count_write(kind);
        match self.api::<K>().delete(name, &parameters).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(it)) if it.is_not_found() => Ok(()),
            Err(it) => Err(Error::Delete {
                kind,
                name: name.to_owned(),
                source: Box::new(it),
            }),
        }
    }

    async fn bootstrap(&self, pod: &str, step: &Step) -> Result<Outcome, Error> {
        let Step::Bootstrap {
            node_id,
            directory_id,
            cluster_id,
            voters,
            durability,
            ..
        } = step
        else {
            return Ok(Outcome::Skipped);
        };
        let voters = voters.iter().map(|it| rpc::bootstrap_request::Voter {
            node_id: it.node_id,
            directory_id: it.directory_id.clone(),
            host: it.host.clone(),
            port: u32::from(it.port),
        });
        let durability = match durability {
            Durability::Fsync => rpc::Durability::Fsync,
            Durability::PageCache => rpc::Durability::PageCache,
        };
        let request = rpc::BootstrapRequest {
            cluster_id: cluster_id.clone(),
            node_id: *node_id,
            directory_id: directory_id.clone(),
            voters: voters.collect(),
            durability: durability.into(),
        };
        let brokers = self.brokers()?;
        let message = format!("{pod} has no address");
        let mut client = brokers.client(pod).ok_or(Error::NoBroker { message })?;
        let answer = client
            .bootstrap(request)
            .await
            .map_err(|it| ask_failed("bootstrap", &it))?;
        Ok(match answer.into_inner().outcome {
            Some(rpc::bootstrap_response::Outcome::Formatted(_)) => Outcome::Done,
            Some(rpc::bootstrap_response::Outcome::Conflict(it)) => Outcome::Failed(format!(
                "{pod} refuses the identity: its {} is {}",
                it.field, it.found
            )),
            None => Outcome::Failed(format!("{pod} gave no answer to the identity")),
        })
    }

    /// Consent, then drain, then the pod. Each is asked again in the next pass until it is given.
    async fn restart(&self, restart: &Restart) -> Result<Outcome, Error> {
        if let Consent::AskBrokers {
            node_id,
            broker_epoch,
        } = restart.consent
            && let Some(why) = self.consent(node_id, broker_epoch).await?
        {
            return Ok(Outcome::NotYet(why));
        }
        self.delete::<Pod>("Pod", &restart.pod, Some(&restart.uid))
            .await?;
        Ok(Outcome::Done)
    }

    /// Why the broker may not be stopped yet. `None` if it may.
    async fn consent(&self, node_id: i32, broker_epoch: i64) -> Result<Option<String>, Error> {
        use rpc::can_stop_response::Outcome as Answer;
        let brokers = self.brokers()?;
        let answer = brokers.ask("grant a stop", |mut it| async move {
            it.can_stop(rpc::CanStopRequest {
                node_id,
                broker_epoch,
            })
            .await
        });
        match answer.await?.outcome {
            Some(Answer::Granted(_)) => {}
            Some(Answer::Refused(refusal)) => return Ok(Some(refusal.message)),
            None => return Ok(Some("the controller gave no answer".to_owned())),
        }
        let drained = brokers.ask("move leadership away", |mut it| async move {
            it.drain(rpc::DrainRequest {
                node_id,
                broker_epoch,
            })
            .await
        });
        let left = drained.await?.leaders_left;
        Ok((left > 0).then(|| format!("it still leads {left} partitions, which are being moved")))
    }
}

fn ask_failed(call: &'static str, status: &tonic::Status) -> Error {
    Error::AskBroker {
        call,
        message: brokers::told(status),
    }
}
