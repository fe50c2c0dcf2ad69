//! kubectl and helm, pointed at one API server.
//!
//! In: arguments. Out: what they printed. Never here: which cluster it is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::control_plane::{ControlPlane, is_listening};
use crate::process::mark;
use crate::program::{run, run_with_input};
use crate::wait::until;

/// Where things are of which nobody has said where.
pub(crate) const DEFAULT: &str = "default";

/// On a busy machine an API server takes several times its usual 4 s.
const READY_TIMEOUT: Duration = Duration::from_secs(120);

/// The programs, and where they find their server.
#[derive(Clone, Debug)]
pub(crate) struct Kubectl {
    pub(crate) kubectl: PathBuf,
    pub(crate) helm: PathBuf,
    pub(crate) kubeconfig: PathBuf,
    /// Where they keep what they have learned; of this server alone, for another one may have the
    /// same address later.
    pub(crate) cache: PathBuf,
    /// The run to which they belong: one that outlives its harness ends with the cluster.
    pub(crate) run: Option<String>,
}

impl Kubectl {
    /// A command with everything but its arguments.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("KUBECONFIG", &self.kubeconfig)
            .env("KUBECACHEDIR", self.cache.join("kubectl"))
            .env("HELM_CACHE_HOME", self.cache.join("helm"))
            .env("HELM_CONFIG_HOME", self.cache.join("helm"))
            .env("HELM_DATA_HOME", self.cache.join("helm"));
        if let Some(run) = &self.run {
            mark(&mut command, run, "client");
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String> {
        run(self.command(&self.kubectl).args(arguments))
    }

    pub(crate) fn helm(&self, arguments: &[&str]) -> Result<String> {
        run(self.command(&self.helm).args(arguments))
    }

    /// Applies manifests, as a user's `kubectl apply -f -` does. `namespace` is for those that name
    /// none themselves.
    pub(crate) fn apply(&self, namespace: &str, manifests: &str) -> Result<String> {
        let mut command = self.command(&self.kubectl);
        command.args(["apply", "-f", "-"]);
        // Given only when it matters: kubectl refuses a manifest that names another one.
        if namespace != DEFAULT {
            command.args(["--namespace", namespace]);
        }
        run_with_input(&mut command, manifests)
    }

    /// Waits, by watching, until each of `resources` exists and then meets `condition`.
    pub(crate) fn wait(
        &self,
        namespace: &str,
        resources: &[&str],
        condition: Option<&str>,
        timeout: Duration,
    ) -> Result<()> {
        let timeout = format!("--timeout={}s", timeout.as_secs());
        let conditions = ["--for=create".to_owned()]
            .into_iter()
            .chain(condition.map(|it| format!("--for=condition={it}")));
        for condition in conditions {
            let mut arguments = vec!["wait", "--namespace", namespace, &condition, &timeout];
            arguments.extend(resources);
            self.run(&arguments)?;
        }
        Ok(())
    }

    /// Waits until the API server of `plane` says that it is ready. `check` ends the waiting early.
    pub(crate) fn wait_for_server(
        &self,
        plane: &ControlPlane<'_>,
        mut check: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        until("a ready kube-apiserver", READY_TIMEOUT, || {
            check()?;
            let is_ready = is_listening(plane.address, plane.port)?
                && self.run(&["get", "--raw", "/readyz"]).is_ok();
            Ok(is_ready.then_some(()))
        })
    }

    /// One field of one object, as a JSONPath names it; empty when it is not set.
    pub(crate) fn field(&self, resource: &[&str], path: &str) -> Result<String> {
        let output = format!("--output=jsonpath={{{path}}}");
        let mut arguments = vec!["get", &output];
        arguments.extend(resource);
        self.run(&arguments)
            .with_context(|| format!("failed to read {path} of {}", resource.join(" ")))
    }
}
