//! The charts, by the real helm against a real API server: what they install, what they refuse, what
//! they leave. Nothing runs there, so nobody waits for pods.

use anyhow::{Context, Result, ensure};
use e2e::{ApiServer, Archive, ProjectImages, Tidemill, of_project};
use serde_json::Value;

const RESTRICTED: &str = r#"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "tidemill",
    "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}"#;

fn chart(name: &str) -> String {
    of_project("charts").join(name).display().to_string()
}

/// helm's arguments, then more.
fn helm(server: &ApiServer, arguments: &[&str]) -> Result<String> {
    server.helm(&[&["--namespace", "tidemill"], arguments].concat())
}

fn install(server: &ApiServer, more: &[&str]) -> Result<String> {
    let chart = chart("tidemill");
    helm(
        server,
        &[&["upgrade", "--install", "tidemill", &chart], more].concat(),
    )
}

fn get(server: &ApiServer, arguments: &[&str]) -> Result<Value> {
    let all = [&["--namespace", "tidemill", "get", "-o", "json"], arguments].concat();
    Ok(serde_json::from_str(&server.kubectl(&all)?)?)
}

/// Everything in a list that `kubectl get` gave.
fn items(list: &Value) -> &[Value] {
    list.pointer("/items")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[test]
fn the_charts_pass_helms_own_checks() -> Result<()> {
    let server = ApiServer::start()?;
    for name in ["tidemill-crds", "tidemill"] {
        let report = server.helm(&["lint", "--strict", &chart(name)])?;
        ensure!(report.contains("0 chart(s) failed"), "{report}");
    }
    Ok(())
}

#[test]
fn the_operator_is_installed_with_few_rights_and_fits_a_restricted_namespace() -> Result<()> {
    let server = ApiServer::start()?;
    server.apply(RESTRICTED)?;
    for name in ["one", "two"] {
        server.kubectl(&["create", "namespace", name])?;
    }
    helm(
        &server,
        &["install", "tidemill-crds", &chart("tidemill-crds")],
    )?;
    install(&server, &["--set", "clusterNamespaces={one,two}"])?;
    let roles = get(
        &server,
        &[
            "roles,clusterroles",
            "--all-namespaces",
            "-l",
            "app.kubernetes.io/name=tidemill-operator",
        ],
    )?;
    // One for the Lease, one for Tidemill's resources, one for each namespace of Clusters.
    ensure!(items(&roles).len() == 4, "{roles:#}");
    for role in items(&roles) {
        let rules = role.pointer("/rules").context("a role has rules")?;
        ensure!(!rules.to_string().contains('*'), "{rules:#}");
        let is_of_the_cluster = role.pointer("/kind") == Some(&Value::from("ClusterRole"));
        ensure!(
            !(is_of_the_cluster && rules.to_string().contains("secrets")),
            "{rules:#}"
        );
    }
    // Another release's, to see whether that one is still there.
    let user = "--as=system:serviceaccount:tidemill:tidemill-operator";
    let can = |verb: &str, lease: &str| {
        let lease = format!("leases.coordination.k8s.io/{lease}");
        server.kubectl(&["auth", "can-i", "--namespace", "two", verb, &lease, user])
    };
    ensure!(can("get", "tidemill-operator")?.starts_with("yes"));
    for (verb, lease) in [("get", "somebodys"), ("update", "tidemill-operator")] {
        ensure!(can(verb, lease).is_err(), "{verb} {lease}");
    }
    let deployment = get(&server, &["deployment", "tidemill-operator"])?;
    let template = deployment
        .pointer("/spec/template")
        .context("it has a template")?;
    let mut pod = template.clone();
    let object = pod.as_object_mut().context("a template is an object")?;
    object.insert("apiVersion".to_owned(), "v1".into());
    object.insert("kind".to_owned(), "Pod".into());
    object.insert(
        "metadata".to_owned(),
        serde_json::json!({"name": "probe", "namespace": "tidemill"}),
    );
    server.apply(&pod.to_string())?;
    server.kubectl(&[
        "--namespace",
        "tidemill",
        "delete",
        "pod",
        "probe",
        "--force",
    ])?;
    let spec = pod.pointer_mut("/spec").and_then(Value::as_object_mut);
    spec.context("it has a spec")?.remove("securityContext");
    let message = server.apply(&pod.to_string()).unwrap_err().to_string();
    ensure!(message.contains("restricted"), "{message}");
    Ok(())
}

#[test]
fn values_that_cannot_work_are_refused_before_anything_is_installed() -> Result<()> {
    let server = ApiServer::start()?;
    server.apply(RESTRICTED)?;
    for (value, expected) in [
        ("replicas=0", "replicas"),
        ("clusterNamespaces={Shop}", "clusterNamespaces"),
        ("brokerImage=x", "brokerImage"),
        ("image.digest=sha256:1", "digest"),
        ("image.repository=", "repository"),
        ("image.repository=broker:1", "repository"),
        ("logLevel=loud", "logLevel"),
        ("resources.requests.cpu=lots", "requests"),
        ("tolerations[0].efect=NoExecute", "efect"),
    ] {
        let message = install(&server, &["--set", value]).unwrap_err().to_string();
        ensure!(message.contains(expected), "{value}: {message}");
    }
    ensure!(items(&get(&server, &["deployments"])?).is_empty());
    Ok(())
}

#[test]
fn an_upgrade_brings_new_images_and_an_uninstall_leaves_the_users_resources() -> Result<()> {
    let server = ApiServer::start()?;
    server.apply(RESTRICTED)?;
    helm(
        &server,
        &["install", "tidemill-crds", &chart("tidemill-crds")],
    )?;
    install(&server, &[])?;
    let example = of_project("examples/cluster.yaml").display().to_string();
    server.kubectl(&["--namespace", "tidemill", "apply", "-f", &example])?;
    let annotations = |server: &ApiServer| -> Result<Value> {
        let deployment = get(server, &["deployment", "tidemill-operator"])?;
        let found = deployment.pointer("/spec/template/metadata/annotations");
        found.cloned().context("the template has annotations")
    };
    let before = annotations(&server)?;
    install(&server, &["--set-string", r"brokerImages.0\.2\.0=broker:2"])?;
    // So that an operator that has read the old list ends.
    ensure!(annotations(&server)? != before);
    helm(&server, &["uninstall", "tidemill"])?;
    no_operator_holds_an_object_for_ever(&server)?;
    helm(&server, &["uninstall", "tidemill-crds"])?;
    ensure!(
        items(&get(
            &server,
            &[
                "deployments,roles,serviceaccounts",
                "-l",
                "app.kubernetes.io/name=tidemill-operator"
            ]
        )?)
        .is_empty()
    );
    ensure!(items(&get(&server, &["clusters"])?).len() == 1);
    // And the definitions are taken over by the next release.
    helm(
        &server,
        &["install", "tidemill-crds", &chart("tidemill-crds")],
    )
    .map(drop)
}

/// Images that nothing here runs.
fn no_images() -> ProjectImages {
    let image = |name: &str| Archive {
        reference: format!("tidemill.local/{name}:1"),
        path: name.into(),
    };
    ProjectImages {
        operator: image("operator"),
        broker: image("broker"),
    }
}

#[test]
fn what_a_user_has_on_a_cluster_they_name_is_never_taken_for_the_tests_own() -> Result<()> {
    let server = ApiServer::start()?;
    let (cluster, images) = (server.as_named()?, no_images());
    let tidemill = Tidemill {
        cluster: &cluster,
        images: &images,
        namespaces: &["shop"],
    };
    let refused = |expected: &str| -> Result<()> {
        let calls: [&dyn Fn() -> Result<()>; 4] = [
            &|| tidemill.ensure_ours(),
            &|| tidemill.install(&[]),
            &|| tidemill.uninstall(),
            &|| tidemill.remove_namespace("shop").map(drop),
        ];
        for call in calls {
            let message = call().err().context("it was done")?.to_string();
            ensure!(message.contains(expected), "{message}");
        }
        Ok(())
    };
    for namespace in ["shop", "tidemill"] {
        server.kubectl(&["create", "namespace", namespace])?;
        let orders = ["create", "configmap", "orders"];
        server.kubectl(&[&["--namespace", namespace], &orders[..]].concat())?;
        refused(&format!("namespace {namespace} is there"))?;
        // Nothing here ends a namespace, so it is made ours instead.
        let left = ["get", "configmap", "orders"];
        server.kubectl(&[&["--namespace", namespace], &left[..]].concat())?;
        let label = ["label", "namespace", namespace, "tidemill.dev/made-by=e2e"];
        server.kubectl(&label)?;
    }
    tidemill.make_namespaces()?;
    tidemill.ensure_ours()?;
    let definitions = chart("tidemill-crds");
    let theirs = ["--namespace", "default", "install", "ours", &definitions];
    server.helm(&theirs)?;
    refused("resource definitions are there")
}

#[test]
fn what_the_tests_have_made_on_a_named_cluster_is_theirs_in_the_next_run() -> Result<()> {
    let server = ApiServer::start()?;
    let (cluster, images) = (server.as_named()?, no_images());
    let tidemill = Tidemill {
        cluster: &cluster,
        images: &images,
        namespaces: &["shop", "second"],
    };
    tidemill.make_namespaces()?;
    helm(
        &server,
        &["install", "tidemill-crds", &chart("tidemill-crds")],
    )?;
    tidemill.ensure_ours()?;
    tidemill.make_namespaces()
}

/// As the README says: what waits for an operator that is gone can be let go.
fn no_operator_holds_an_object_for_ever(server: &ApiServer) -> Result<()> {
    server.apply(
        r#"{"apiVersion": "tidemill.dev/v1alpha1", "kind": "Topic", "metadata": {"name": "held",
        "namespace": "tidemill", "finalizers": ["tidemill.dev/deletion-policy"]},
        "spec": {"clusterRef": {"name": "demo"}, "partitions": 1, "replicas": 1}}"#,
    )?;
    let kubectl =
        |arguments: &[&str]| server.kubectl(&[&["--namespace", "tidemill"], arguments].concat());
    kubectl(&["delete", "topic", "held", "--wait=false"])?;
    let topic = get(server, &["topic", "held"])?;
    ensure!(
        topic.pointer("/metadata/deletionTimestamp").is_some(),
        "{topic:#}"
    );
    let readme = std::fs::read_to_string(of_project("README.md"))?;
    let patch = r#"{"metadata": {"finalizers": null}}"#;
    ensure!(readme.contains(patch), "the README says something else");
    kubectl(&["patch", "topic", "held", "--type", "merge", "-p", patch])?;
    ensure!(
        kubectl(&["get", "topic", "held"]).is_err(),
        "it is still there"
    );
    Ok(())
}
