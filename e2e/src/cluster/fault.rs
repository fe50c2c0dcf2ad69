//! What a test does to one container: its process is killed from its node.
//!
//! In: a pod. Out: a process that is no more. Never here: whole nodes (see [`super`]).

use anyhow::{Context, Result, ensure};

use super::Cluster;

impl Cluster {
    /// Sends SIGKILL to the first process of a pod's first container, on the node that it runs on.
    ///
    /// # Errors
    ///
    /// When the pod does not run, or the node is not the harness' own.
    pub fn kill_container(&self, namespace: &str, pod: &str) -> Result<()> {
        let field = |path: &str| {
            let pod = ["--namespace", namespace, "pod", pod];
            self.kubectl.field(&pod, path)
        };
        let node = field(".spec.nodeName")?;
        let container = field(".status.containerStatuses[0].containerID")?;
        let id = container
            .strip_prefix("containerd://")
            .with_context(|| format!("{pod} has no container that runs"))?;
        let tasks = self.on_node(&node, &["ctr", "--namespace", "k8s.io", "tasks", "list"])?;
        let pid = process_of(&tasks, id)
            .with_context(|| format!("the container of {pod} does not run on {node}"))?;
        self.on_node(&node, &["kill", "-KILL", pid]).map(drop)
    }

    /// How often the first container of a pod was started again.
    ///
    /// # Errors
    ///
    /// When there is no such pod.
    pub fn n_restarts(&self, namespace: &str, pod: &str) -> Result<u32> {
        let pod = ["--namespace", namespace, "pod", pod];
        let text = self
            .kubectl
            .field(&pod, ".status.containerStatuses[0].restartCount")?;
        text.parse().context("a pod without a container")
    }

    /// Waits until a resource meets a condition such as `Ready` or `Ready=False`, said of its newest
    /// version.
    ///
    /// # Errors
    ///
    /// When it does not within `seconds`; the message holds what the resource says of itself.
    pub fn wait_for(
        &self,
        namespace: &str,
        resource: &str,
        condition: &str,
        seconds: u32,
    ) -> Result<()> {
        ensure!(seconds > 0, "kubectl takes 0 for no limit at all");
        let condition = format!("--for=condition={condition}");
        let timeout = format!("--timeout={seconds}s");
        let wait = [
            "--namespace",
            namespace,
            "wait",
            resource,
            &condition,
            &timeout,
        ];
        self.kubectl(&wait)
            .with_context(|| {
                let describe = ["--namespace", namespace, "describe", resource];
                let pods = ["--namespace", namespace, "get", "pods", "-o", "wide"];
                let told = |it: &[&str]| self.kubectl(it).unwrap_or_default();
                format!("{}\n{}", told(&describe), told(&pods))
            })
            .map(drop)
    }
}

/// The process id in a line of `ctr tasks list`: container, process, state.
fn process_of<'a>(tasks: &'a str, id: &str) -> Option<&'a str> {
    tasks.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some(id)).then(|| words.next())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_known_by_its_whole_id() {
        let tasks = "TASK    PID    STATUS\nabc1    11     RUNNING\nabc     12     RUNNING\n";
        assert_eq!(process_of(tasks, "abc"), Some("12"));
        assert_eq!(process_of(tasks, "ab"), None);
    }
}
