//! Tidemill on a cluster: its charts installed by helm, as a user would.
//!
//! In: images that the nodes hold. Out: an operator that is available, or nothing of it. Never here:
//! what Tidemill does with resources.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::json;

use crate::cluster::Cluster;
use crate::images::ProjectImages;

/// The namespace of the operator.
pub const OPERATOR_NAMESPACE: &str = "tidemill";
/// The version under which the broker's image is known.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The releases, in the order in which they are installed.
const RELEASES: [&str; 2] = ["tidemill-crds", "tidemill"];

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
    /// Makes the namespaces, and installs or upgrades both charts. `more` are further arguments of
    /// helm for the operator's.
    ///
    /// # Errors
    ///
    /// When the operator does not become available.
    pub fn install(&self, more: &[&str]) -> Result<()> {
        for namespace in self.namespaces {
            self.make_namespace(namespace)?;
        }
        // Helm would make it, too, but not fenced.
        self.make_namespace(OPERATOR_NAMESPACE)?;
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
    /// When something does not go.
    pub fn uninstall(&self) -> Result<()> {
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
                "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
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
    /// When something does not go in time.
    pub fn remove_namespace(&self, name: &str) -> Result<bool> {
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
        if is_there("crd", "clusters.tidemill.dev")? {
            inside(&["delete", "clusters.tidemill.dev", "--all", "--timeout=120s"])?;
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
