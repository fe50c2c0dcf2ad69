//! Tidemill on a cluster: its charts installed by helm, as a user would.
//!
//! In: images that the nodes hold. Out: an operator that is available, or nothing of it. Never here:
//! what Tidemill does with resources; a change of what somebody else has put on a cluster of theirs.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::cluster::Cluster;
use crate::images::ProjectImages;

/// The namespace of the operator.
pub const OPERATOR_NAMESPACE: &str = "tidemill";
/// The version under which the broker's image is known.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The releases, in the order in which they are installed.
const RELEASES: [&str; 2] = ["tidemill-crds", "tidemill"];

/// The name of one of the definitions, and of its resources.
const DEFINITION: &str = "clusters.tidemill.dev";
/// On every namespace that is made here. On a cluster that the user names, a namespace without it is
/// theirs, whatever its name.
const MADE_HERE: (&str, &str) = ("tidemill.dev/made-by", "e2e");

/// Tidemill as it is to be installed.
#[derive(Clone, Debug)]
pub struct Tidemill<'a> {
    pub cluster: &'a Cluster,
    pub images: &'a ProjectImages,
    /// The namespaces in which Clusters may be.
    pub namespaces: &'a [&'a str],
}

/// A folder or file of the project.
pub fn of_project(path: &str) -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(|it| it.join(path)).unwrap_or(own)
}

impl Tidemill<'_> {
    /// Fails if anything is there that would be changed or removed and was not made here: namespaces,
    /// releases and definitions have names that a user of Tidemill is likely to have taken.
    ///
    /// # Errors
    ///
    /// When a user's own Tidemill may be there, or only a namespace of theirs.
    pub fn ensure_ours(&self) -> Result<()> {
        if self.cluster.is_own() {
            return Ok(());
        }
        let namespaces = self.namespaces.iter().chain([&OPERATOR_NAMESPACE]);
        for namespace in namespaces {
            if self.made_here(namespace)? == Some(false) {
                bail!(
                    "namespace {namespace} is there and was not made by these tests, which would \
                     remove what is in it: name a cluster without it, or delete it yourself"
                );
            }
        }
        let path = r"jsonpath={.metadata.name} of {.metadata.annotations.meta\.helm\.sh/release-namespace}";
        let get = ["get", "crd", DEFINITION, "--ignore-not-found", "-o", path];
        let found = self.cluster.kubectl(&get)?;
        let ours = format!("{DEFINITION} of {OPERATOR_NAMESPACE}");
        let is_installed_here = self.made_here(OPERATOR_NAMESPACE)? == Some(true) && found == ours;
        if !found.is_empty() && !is_installed_here {
            bail!(
                "Tidemill's resource definitions are there and were not installed by these tests, so \
                 somebody may be using them: name a cluster without them, or delete them yourself"
            );
        }
        Ok(())
    }

    /// Whether a namespace bears our label. `None` if it does not exist.
    fn made_here(&self, namespace: &str) -> Result<Option<bool>> {
        let path = r"jsonpath={.metadata.name} {.metadata.labels.tidemill\.dev/made-by}";
        let get = [
            "get",
            "namespace",
            namespace,
            "--ignore-not-found",
            "-o",
            path,
        ];
        let found = self.cluster.kubectl(&get)?;
        let is_ours = found.split_whitespace().nth(1) == Some(MADE_HERE.1);
        Ok((!found.is_empty()).then_some(is_ours))
    }

    /// Makes the namespaces of Clusters and the operator's.
    ///
    /// # Errors
    ///
    /// As [`Tidemill::ensure_ours`].
    pub fn make_namespaces(&self) -> Result<()> {
        self.ensure_ours()?;
        for namespace in self.namespaces {
            self.make_namespace(namespace)?;
        }
        // Helm would make it, too, but not fenced.
        self.make_namespace(OPERATOR_NAMESPACE)
    }

    /// Makes the namespaces, and installs or upgrades both charts. `more` are further arguments of
    /// helm for the operator's.
    ///
    /// # Errors
    ///
    /// When the operator does not become available; as [`Tidemill::ensure_ours`].
    pub fn install(&self, more: &[&str]) -> Result<()> {
        self.make_namespaces()?;
        let [definitions, operator] = RELEASES;
        self.upgrade(definitions, &[])?;
        let values = json!({
            "image": repository_and_tag(&self.images.operator.reference)?,
            "brokerImages": {VERSION: self.images.broker.reference},
            "clusterNamespaces": self.namespaces,
        });
        let values: Vec<String> = values
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let mut arguments = Vec::new();
        for value in &values {
            arguments.extend(["--set-json", value]);
        }
        arguments.extend(more);
        self.upgrade(operator, &arguments)
            .with_context(|| self.operator_says())
    }

    /// Removes both releases. The definitions stay, and with them all resources: so the chart wants it.
    ///
    /// # Errors
    ///
    /// When something does not go; as [`Tidemill::ensure_ours`].
    pub fn uninstall(&self) -> Result<()> {
        self.ensure_ours()?;
        for release in RELEASES.into_iter().rev() {
            let uninstall = ["uninstall", release, "--ignore-not-found", "--wait"];
            let place = ["--namespace", OPERATOR_NAMESPACE];
            self.cluster.helm(&[&uninstall[..], &place].concat())?;
        }
        Ok(())
    }

    fn upgrade(&self, release: &str, more: &[&str]) -> Result<()> {
        let chart = of_project("charts").join(release).display().to_string();
        let mut arguments = vec!["upgrade", "--install", release, &chart];
        arguments.extend([
            "--namespace",
            OPERATOR_NAMESPACE,
            "--wait",
            "--timeout=120s",
        ]);
        arguments.extend(more);
        self.cluster.helm(&arguments).map(drop)
    }

    /// A namespace that takes only pods without special rights.
    fn make_namespace(&self, name: &str) -> Result<()> {
        let namespace = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": name,
                "labels": {
                    "pod-security.kubernetes.io/enforce": "restricted",
                    MADE_HERE.0: MADE_HERE.1,
                },
            },
        });
        self.cluster.apply(&namespace.to_string()).map(drop)
    }

    /// Removes a namespace with all that is in it, its records included. Says whether it was there.
    ///
    /// Its Clusters and pods go first: Kubernetes looks at a namespace that is going only now and then,
    /// the more rarely the longer its pods may take to stop.
    ///
    /// # Errors
    ///
    /// When something does not go in time; as [`Tidemill::ensure_ours`].
    pub fn remove_namespace(&self, name: &str) -> Result<bool> {
        self.ensure_ours()?;
        let is_there = |kind: &str, name: &str| -> Result<bool> {
            let get = ["get", kind, name, "--ignore-not-found", "--output=name"];
            Ok(!self.cluster.kubectl(&get)?.is_empty())
        };
        if !is_there("namespace", name)? {
            return Ok(false);
        }
        let inside = |arguments: &[&str]| {
            let all = [&["--namespace", name], arguments].concat();
            self.cluster.kubectl(&all)
        };
        if is_there("crd", DEFINITION)? {
            inside(&["delete", DEFINITION, "--all", "--timeout=120s"])?;
        }
        inside(&["delete", "pods", "--all", "--timeout=150s"])?;
        let delete = ["delete", "namespace", name, "--timeout=150s"];
        self.cluster.kubectl(&delete).map(|_| true)
    }

    /// What is known of an operator that does not become available.
    pub fn operator_says(&self) -> String {
        let mut text = String::new();
        for arguments in [
            &[
                "describe",
                "pods",
                "--selector=app.kubernetes.io/name=tidemill-operator",
            ][..],
            &["logs", "deployment/tidemill-operator", "--tail=20"][..],
        ] {
            let place = ["--namespace", OPERATOR_NAMESPACE];
            let told = self.cluster.kubectl(&[&place[..], arguments].concat());
            text.push_str(&told.unwrap_or_else(|error| format!("{error:#}\n")));
        }
        text
    }
}

fn repository_and_tag(reference: &str) -> Result<serde_json::Value> {
    let (repository, tag) = reference
        .rsplit_once(':')
        .with_context(|| format!("{reference} has no tag"))?;
    Ok(json!({"repository": repository, "tag": tag}))
}
