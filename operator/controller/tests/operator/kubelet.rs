//! Plays the controller of StatefulSets and the kubelet: pods and claims appear, and say how they are.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, PodTemplateSpec, Secret};
use kube::Client;
use kube::api::{
    Api, DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams, ResourceExt,
};
use serde_json::json;

use crate::fake_broker::{Brokers, Files};

const STEP: Duration = Duration::from_millis(50);

pub(crate) async fn run(client: Client, namespace: String, brokers: Arc<Brokers>) {
    loop {
        // Whatever fails, because somebody else was faster, is tried again.
        let _ = step(&client, &namespace, &brokers).await;
        tokio::time::sleep(STEP).await;
    }
}

async fn step(client: &Client, namespace: &str, brokers: &Arc<Brokers>) -> Result<(), kube::Error> {
    let sets = Api::<StatefulSet>::namespaced(client.clone(), namespace);
    let pods = Api::<Pod>::namespaced(client.clone(), namespace);
    let sets_now = sets.list(&ListParams::default()).await?.items;
    for set in &sets_now {
        let spec = set.spec.clone().unwrap_or_default();
        for ordinal in 0..spec.replicas.unwrap_or(1) {
            let pod = format!("{}-{ordinal}", set.name_any());
            if pods.get_opt(&pod).await?.is_none() {
                brokers.stop(&pod);
                claim(client, namespace, &pod, &spec.volume_claim_templates).await?;
                create(&pods, &pod, &spec.template).await?;
            }
            run_pod(client, namespace, &set.name_any(), &pod, brokers).await?;
        }
        let seen = set.status.as_ref().and_then(|it| it.observed_generation);
        if seen != set.metadata.generation {
            let status = json!({"status": {
                "replicas": spec.replicas, "observedGeneration": set.metadata.generation,
            }});
            sets.patch_status(
                &set.name_any(),
                &PatchParams::default(),
                &Patch::Merge(status),
            )
            .await?;
        }
    }
    // Kubernetes' garbage collector.
    for pod in pods.list(&ListParams::default()).await? {
        let name = pod.name_any();
        let set = name
            .rsplit_once('-')
            .map(|(set, _)| set)
            .unwrap_or_default();
        if !sets_now.iter().any(|it| it.name_any() == set) {
            pods.delete(&name, &DeleteParams::default().grace_period(0))
                .await?;
            brokers.stop(&name);
        }
    }
    let claims = Api::<PersistentVolumeClaim>::namespaced(client.clone(), namespace);
    for claim in claims.list(&ListParams::default()).await? {
        // What protects a claim that is in use is not here; nothing uses one that is deleted.
        if claim.metadata.deletion_timestamp.is_some() {
            let none = json!({"metadata": {"finalizers": null}});
            claims
                .patch(
                    &claim.name_any(),
                    &PatchParams::default(),
                    &Patch::Merge(none),
                )
                .await?;
        }
    }
    Ok(())
}

async fn claim(
    client: &Client,
    namespace: &str,
    pod: &str,
    templates: &Option<Vec<PersistentVolumeClaim>>,
) -> Result<(), kube::Error> {
    let claims = Api::<PersistentVolumeClaim>::namespaced(client.clone(), namespace);
    let name = format!("data-{pod}");
    if claims.get_opt(&name).await?.is_none()
        && let Some(mut claim) = templates.iter().flatten().next().cloned()
    {
        claim.metadata.name = Some(name);
        claims.create(&PostParams::default(), &claim).await?;
    }
    Ok(())
}

async fn create(
    pods: &Api<Pod>,
    name: &str,
    template: &PodTemplateSpec,
) -> Result<(), kube::Error> {
    let from = template.metadata.clone().unwrap_or_default();
    let metadata = ObjectMeta {
        name: Some(name.to_owned()),
        labels: from.labels,
        annotations: from.annotations,
        ..ObjectMeta::default()
    };
    let mut spec = template.spec.clone().unwrap_or_default();
    let volume = serde_json::from_value(json!({
        "name": "data", "persistentVolumeClaim": {"claimName": format!("data-{name}")},
    }));
    spec.volumes
        .get_or_insert_default()
        .push(volume.expect("a volume"));
    let pod = Pod {
        metadata,
        spec: Some(spec),
        status: None,
    };
    pods.create(&PostParams::default(), &pod).await.map(drop)
}

/// Starts the pod's broker when its Secret is there, and says how the pod is.
async fn run_pod(
    client: &Client,
    namespace: &str,
    set: &str,
    name: &str,
    brokers: &Arc<Brokers>,
) -> Result<(), kube::Error> {
    let pods = Api::<Pod>::namespaced(client.clone(), namespace);
    let secrets = Api::<Secret>::namespaced(client.clone(), namespace);
    if brokers.address(name).is_none() {
        let Some(secret) = secrets.get_opt(&format!("{set}-tls")).await? else {
            return Ok(());
        };
        let data = secret.data.unwrap_or_default();
        let text = |key: String| String::from_utf8(data.get(&key)?.0.clone()).ok();
        let files = || {
            Some(Files {
                authority: text("ca.crt".to_owned())?,
                certificate: text(format!("{name}.crt"))?,
                key: text(format!("{name}.key"))?,
            })
        };
        let Some(files) = files() else { return Ok(()) };
        brokers.start(client, namespace, name, files).await;
    }
    let is_ready = brokers.is_formatted(name);
    let ready = if is_ready { "True" } else { "False" };
    let Some(pod) = pods.get_opt(name).await? else {
        return Ok(());
    };
    let conditions = pod
        .status
        .as_ref()
        .and_then(|it| it.conditions.clone())
        .unwrap_or_default();
    if conditions
        .iter()
        .any(|it| it.type_ == "Ready" && it.status == ready)
    {
        return Ok(());
    }
    let status = json!({"status": {
        "phase": "Running",
        "podIP": "127.0.0.1",
        "conditions": [{"type": "Ready", "status": ready}],
        "containerStatuses": [{
            "name": "broker", "ready": is_ready, "restartCount": 0, "image": "broker", "imageID": "",
            "state": {"running": {}},
        }],
    }});
    pods.patch_status(name, &PatchParams::default(), &Patch::Merge(status))
        .await
        .map(drop)
}
