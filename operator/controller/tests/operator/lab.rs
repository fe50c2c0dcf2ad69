//! One operator on one namespace of an API server, and what a test asks of them.
//!
//! Labs run one after the other: an operator looks at the Clusters of all namespaces.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crds::{Cluster, ConsumerGroup, Topic};
use e2e::ApiServer;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Secret, Service};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, RoleBinding};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, ResourceExt};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::NamespaceResourceScope;
use kube::{Client, Config, Resource};
use operator_controller::{Settings, run};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, MutexGuard, oneshot};
use tokio::task::JoinHandle;

use crate::fake_broker::Brokers;
use crate::kubelet;

const PATIENCE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(50);

static ONE_AT_A_TIME: Mutex<u32> = Mutex::const_new(0);

/// One for all tests. It ends with the process: the kernel sees to that.
fn server() -> &'static ApiServer {
    static SERVER: OnceLock<ApiServer> = OnceLock::new();
    SERVER.get_or_init(|| ApiServer::start().unwrap())
}

/// The administrator's.
async fn config() -> Config {
    let kubeconfig = Kubeconfig::read_from(server().kubeconfig()).unwrap();
    let options = KubeConfigOptions::default();
    Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .unwrap()
}

/// What stops an operator, and its end.
pub(crate) type Operator = (oneshot::Sender<()>, JoinHandle<anyhow::Result<()>>);

/// A namespaced kind.
pub(crate) trait Kind:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
    + Serialize
    + DeserializeOwned
{
}

impl<K> Kind for K where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned
{
}

pub(crate) struct Lab {
    pub(crate) namespace: String,
    pub(crate) brokers: Arc<Brokers>,
    pub(crate) client: Client,
    kubelet: JoinHandle<()>,
    operator: Option<Operator>,
    _turn: MutexGuard<'static, u32>,
}

impl Lab {
    pub(crate) async fn start() -> Lab {
        let mut turn = ONE_AT_A_TIME.lock().await;
        *turn += 1;
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::try_from(config().await).unwrap();
        define(&client).await;
        let namespace = format!("lab-{}-{turn}", std::process::id());
        let object = serde_json::json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace},
        });
        put(&Api::<Namespace>::all(client.clone()), object)
            .await
            .unwrap();
        let brokers = Arc::new(Brokers::default());
        let kubelet = kubelet::run(client.clone(), namespace.clone(), Arc::clone(&brokers));
        let kubelet = tokio::spawn(kubelet);
        let mut lab = Lab {
            namespace,
            brokers,
            client,
            kubelet,
            operator: None,
            _turn: turn,
        };
        lab.start_operator().await;
        lab
    }

    /// A lab in which the Cluster `demo` is ready.
    pub(crate) async fn with_cluster(manifest: &str) -> Lab {
        let lab = Lab::start().await;
        lab.apply::<Cluster>(manifest).await;
        lab.ready::<Cluster>("demo", "True").await;
        lab
    }

    pub(crate) async fn start_operator(&mut self) {
        let namespaces = [self.namespace.as_str()];
        self.operator = Some(self.operator(self.client.clone(), &self.namespace, &namespaces));
    }

    /// Starts an operator as another release of the chart would be one.
    pub(crate) fn operator(
        &self,
        client: Client,
        namespace: &str,
        cluster_namespaces: &[&str],
    ) -> Operator {
        let images = [("0.1.0", "broker:1"), ("0.2.0", "broker:2")];
        let brokers = Arc::clone(&self.brokers);
        let settings = Settings {
            images: images
                .map(|(version, it)| (version.to_owned(), it.to_owned()))
                .into(),
            cluster_namespaces: cluster_namespaces
                .iter()
                .map(|it| (*it).to_owned())
                .collect(),
            namespace: namespace.to_owned(),
            // A process that was killed holds its lease; its successor in a pod has its name, too.
            holder: "operator".to_owned(),
            http_address: "127.0.0.1:0".to_owned(),
            control_address: Arc::new(move |pod: &Pod| -> Option<SocketAddr> {
                brokers.address(&pod.name_any())
            }),
        };
        let (stop, stopped) = oneshot::channel();
        let running = run(client, settings, async {
            let _ = stopped.await;
        });
        (stop, tokio::spawn(running))
    }

    /// Makes another namespace, with a name of this lab's own. Returns the name.
    pub(crate) async fn more_namespace(&self, name: &str) -> String {
        let namespace = format!("{}-{name}", self.namespace);
        let object = serde_json::json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace},
        });
        put(&Api::<Namespace>::all(self.client.clone()), object)
            .await
            .unwrap();
        namespace
    }

    /// A client with the rights of the chart's roles: on the operator's own kinds everywhere, on
    /// children in the lab's namespace only.
    pub(crate) async fn restricted(&self) -> Client {
        let user = serde_json::json!([{
            "kind": "User", "name": "restricted", "apiGroup": "rbac.authorization.k8s.io",
        }]);
        let role = |name: &str| {
            serde_json::json!({
                "kind": "ClusterRole", "name": name, "apiGroup": "rbac.authorization.k8s.io",
            })
        };
        let rule = |group: &str, resource: &str| serde_json::json!({"apiGroups": [group], "resources": [resource], "verbs": ["*"]});
        let everywhere = serde_json::json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": {"name": "restricted"},
            "rules": [rule("tidemill.dev", "*"), rule("", "namespaces"), rule("", "nodes")],
        });
        put(&Api::<ClusterRole>::all(self.client.clone()), everywhere)
            .await
            .unwrap();
        let binding = serde_json::json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
            "metadata": {"name": "restricted"}, "subjects": user, "roleRef": role("restricted"),
        });
        put(
            &Api::<ClusterRoleBinding>::all(self.client.clone()),
            binding,
        )
        .await
        .unwrap();
        let here = serde_json::json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "restricted"}, "subjects": user, "roleRef": role("cluster-admin"),
        });
        put(&self.api::<RoleBinding>(), here).await.unwrap();
        let mut config = config().await;
        config.auth_info.impersonate = Some("restricted".to_owned());
        Client::try_from(config).unwrap()
    }

    /// Ends the operator wherever it is.
    pub(crate) async fn kill_operator(&mut self) {
        let (_stop, running) = self.operator.take().unwrap();
        running.abort();
        let _ = running.await;
    }

    pub(crate) async fn stop(mut self) {
        let (stop, running) = self.operator.take().unwrap();
        stop.send(()).unwrap();
        running.await.unwrap().unwrap();
        self.kubelet.abort();
        // What is left would be looked at by the next operator.
        let parameters = DeleteParams::default();
        for cluster in self
            .api::<Cluster>()
            .list(&ListParams::default())
            .await
            .unwrap()
        {
            let _ = self
                .api::<Cluster>()
                .delete(&cluster.name_any(), &parameters)
                .await;
        }
        for topic in self
            .api::<Topic>()
            .list(&ListParams::default())
            .await
            .unwrap()
        {
            let _ = self
                .api::<Topic>()
                .delete(&topic.name_any(), &parameters)
                .await;
        }
    }

    pub(crate) fn api<K: Kind>(&self) -> Api<K> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// As `kubectl apply --server-side`.
    pub(crate) async fn apply<K: Kind>(&self, yaml: &str) {
        self.try_apply::<K>(yaml).await.unwrap();
    }

    pub(crate) async fn try_apply<K: Kind>(&self, yaml: &str) -> Result<(), kube::Error> {
        put(&self.api::<K>(), serde_yaml::from_str(yaml).unwrap()).await
    }

    pub(crate) async fn get<K: Kind>(&self, name: &str) -> K {
        self.api().get(name).await.unwrap()
    }

    pub(crate) async fn delete<K: Kind>(&self, name: &str) {
        self.api::<K>()
            .delete(name, &DeleteParams::default())
            .await
            .unwrap();
    }

    /// Waits until something holds.
    pub(crate) async fn until<F>(&self, what: &str, holds: impl Fn() -> F)
    where
        F: Future<Output = bool>,
    {
        let started = tokio::time::Instant::now();
        while !holds().await {
            if started.elapsed() > PATIENCE {
                let statuses = self.statuses().await;
                panic!("waited in vain for: {what}\n{statuses}");
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// Waits for an object of this very generation to be, or not to be, Ready.
    pub(crate) async fn ready<K: Kind>(&self, name: &str, expected: &str) {
        self.until(&format!("{name} Ready={expected}"), || async {
            self.condition::<K>(name)
                .await
                .is_some_and(|it| it.0 == expected)
        })
        .await;
    }

    /// Waits for an object to be not Ready for a reason. Returns the message.
    pub(crate) async fn told<K: Kind>(&self, name: &str, reason: &str) -> String {
        self.until(&format!("{name} {reason}"), || async {
            self.condition::<K>(name)
                .await
                .is_some_and(|it| it.1 == reason)
        })
        .await;
        self.condition::<K>(name)
            .await
            .map(|it| it.2)
            .unwrap_or_default()
    }

    /// Status, reason and message of Ready, if it is about the newest spec.
    async fn condition<K: Kind>(&self, name: &str) -> Option<(String, String, String)> {
        let object = serde_json::to_value(self.api::<K>().get_opt(name).await.unwrap()?).unwrap();
        let generation = &object["metadata"]["generation"];
        let conditions = object["status"]["conditions"].as_array()?;
        let ready = conditions.iter().find(|it| it["type"] == "Ready")?;
        let text = |key: &str| ready[key].as_str().unwrap_or_default().to_owned();
        (ready["observedGeneration"] == *generation)
            .then(|| (text("status"), text("reason"), text("message")))
    }

    pub(crate) async fn exists<K: Kind>(&self, name: &str) {
        let is_there = || async { self.api::<K>().get_opt(name).await.unwrap().is_some() };
        self.until(name, is_there).await;
    }

    pub(crate) async fn gone<K: Kind>(&self, name: &str) {
        let is_gone = || async { self.api::<K>().get_opt(name).await.unwrap().is_none() };
        self.until(&format!("the end of {name}"), is_gone).await;
    }

    /// The image that a pod runs. Empty while it does not exist.
    pub(crate) async fn image(&self, pod: &str) -> String {
        let pod = self.api::<Pod>().get_opt(pod).await.unwrap();
        let spec = pod.and_then(|it| it.spec);
        spec.and_then(|it| it.containers[0].image.clone())
            .unwrap_or_default()
    }

    /// Versions of the Cluster and its children.
    pub(crate) async fn versions(&self) -> BTreeMap<String, String> {
        let mut versions = BTreeMap::new();
        self.add_versions::<Cluster>(&mut versions).await;
        self.add_versions::<StatefulSet>(&mut versions).await;
        self.add_versions::<Service>(&mut versions).await;
        self.add_versions::<ConfigMap>(&mut versions).await;
        self.add_versions::<Secret>(&mut versions).await;
        self.add_versions::<Topic>(&mut versions).await;
        self.add_versions::<ConsumerGroup>(&mut versions).await;
        versions
    }

    async fn add_versions<K: Kind>(&self, versions: &mut BTreeMap<String, String>) {
        for object in self.api::<K>().list(&ListParams::default()).await.unwrap() {
            let key = format!("{} {}", K::kind(&()), object.name_any());
            versions.insert(key, object.resource_version().unwrap());
        }
    }

    /// What every object says of itself, for a test that waited in vain.
    async fn statuses(&self) -> String {
        let mut text = String::new();
        for cluster in self
            .api::<Cluster>()
            .list(&ListParams::default())
            .await
            .unwrap()
        {
            text += &format!("{}: {:#?}\n", cluster.name_any(), cluster.status);
        }
        for topic in self
            .api::<Topic>()
            .list(&ListParams::default())
            .await
            .unwrap()
        {
            text += &format!("{}: {:#?}\n", topic.name_any(), topic.status);
        }
        text
    }
}

/// Brings the definitions to the server, once.
async fn define(client: &Client) {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    for (_, definition) in crds::definitions() {
        put(&api, definition).await.unwrap();
    }
    for (plural, _) in crds::definitions() {
        let name = format!("{plural}.{}", crds::GROUP);
        let is_served = |it: CustomResourceDefinition| {
            let conditions = it.status.and_then(|it| it.conditions).unwrap_or_default();
            conditions
                .iter()
                .any(|it| it.type_ == "Established" && it.status == "True")
        };
        while !is_served(api.get(&name).await.unwrap()) {
            tokio::time::sleep(STEP).await;
        }
    }
}

async fn put<K>(api: &Api<K>, object: serde_json::Value) -> Result<(), kube::Error>
where
    K: Clone + Debug + DeserializeOwned,
{
    let name = object["metadata"]["name"].as_str().unwrap().to_owned();
    let object: DynamicObject = serde_json::from_value(object).unwrap();
    let parameters = PatchParams::apply("test").force();
    let patch = Patch::Apply(object);
    api.patch(&name, &parameters, &patch).await.map(drop)
}
