//! A cluster of three nodes: the one that the harness makes, or one that the user names.
//!
//! In: the environment and a machine. Out: a [`Cluster`], and the faults that a test wants of its
//! nodes. Never here: how it starts and ends (see `cluster/life.rs`), what a test asserts.

mod fault;
mod life;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::image::Archive;
use crate::kubectl::{DEFAULT, Kubectl};
use crate::network::{Machine, Network};
use crate::node::Node;
use crate::packages;
use crate::paths::Paths;
use crate::progress::Steps;
use crate::run::Run;
use crate::wait::until;

/// The nodes and their zones.
pub const NODES: [(&str, &str); 3] = [("node-a", "a"), ("node-b", "b"), ("node-c", "c")];

const MACHINES: [Machine; 3] = [
    Machine::node(0, NODES[0].0),
    Machine::node(1, NODES[1].0),
    Machine::node(2, NODES[2].0),
];

/// Names the kubeconfig of a cluster that is there already. What the user has on it is theirs.
const NAMED: &str = "TIDEMILL_KUBECONFIG";
/// Names a command that brings the image in a docker-archive to the nodes of a named cluster.
const LOADER: &str = "TIDEMILL_IMAGE_LOADER";

/// A power-on to Ready took 1 to 3 s when the machine was idle.
const NODE_TIMEOUT: Duration = Duration::from_secs(120);

/// A running cluster. Dropping it changes nothing; see [`Cluster::for_tests`] and [`Cluster::down`].
#[derive(Clone, Debug)]
pub struct Cluster {
    paths: Paths,
    kubectl: Kubectl,
    /// The record of the harness' own cluster; none of one that the user names.
    run: Option<Run>,
}

impl Cluster {
    /// The cluster that `TIDEMILL_KUBECONFIG` names; else the harness' own, started unless it runs,
    /// kept until [`Cluster::down`].
    ///
    /// # Errors
    ///
    /// When this machine can't run one, with what it lacks; when a part does not come up in time,
    /// with the end of its log.
    pub fn up(paths: &Paths, steps: &Steps) -> Result<Cluster> {
        match Cluster::named(paths)? {
            Some(cluster) => Ok(cluster),
            None => life::up(paths, steps, life::Owner::Person),
        }
    }

    /// Fails when [`Cluster::up`] could only fail, whatever is built and installed.
    ///
    /// # Errors
    ///
    /// When we are not root and no cluster is named.
    pub fn may_start() -> Result<()> {
        if packages::is_root() || std::env::var_os(NAMED).is_some() {
            return Ok(());
        }
        bail!("a cluster needs root: run as root, or set {NAMED} to the kubeconfig of another")
    }

    /// Makes ready what [`Cluster::up`] needs, and starts nothing.
    ///
    /// # Errors
    ///
    /// When a package can't be installed or a program not be built.
    pub fn build(paths: &Paths, steps: &Steps) -> Result<()> {
        life::build(paths, steps).map(drop)
    }

    /// As [`Cluster::up`], but the cluster ends with the last test process that uses it, however that
    /// ends, unless a person started it. `program` is this crate's `kubernetes`, which sees to that.
    ///
    /// # Errors
    ///
    /// As [`Cluster::up`].
    pub fn for_tests(program: &Path) -> Result<Cluster> {
        let paths = Paths::from_environment()?;
        match Cluster::named(&paths)? {
            Some(cluster) => Ok(cluster),
            None => {
                life::release_at_exit(&paths, program)?;
                life::up(&paths, &Steps::start(), life::Owner::Test)
            }
        }
    }

    /// The cluster that is up, if one is; started or changed by nothing here.
    ///
    /// # Errors
    ///
    /// When its record can't be read.
    pub fn existing(paths: &Paths) -> Result<Option<Cluster>> {
        if let Some(cluster) = Cluster::named(paths)? {
            return Ok(Some(cluster));
        }
        Ok(Run::load(paths)?
            .filter(|it| it.is_complete)
            .map(|it| Cluster::own(paths, it)))
    }

    /// Ends the harness' own cluster and removes all of it, also what a crash has left.
    ///
    /// # Errors
    ///
    /// When something does not go away.
    pub fn down(paths: &Paths, steps: &Steps) -> Result<()> {
        life::down(paths, steps)
    }

    /// Waits for the end of the process at the other end of stdin, then ends the cluster if no test
    /// and no person needs it any more. What `kubernetes release` does.
    ///
    /// # Errors
    ///
    /// As [`Cluster::down`].
    pub fn release(paths: &Paths) -> Result<()> {
        life::release(paths)
    }

    fn own(paths: &Paths, run: Run) -> Cluster {
        Cluster {
            kubectl: life::kubectl(paths, &run),
            paths: paths.clone(),
            run: Some(run),
        }
    }

    fn named(paths: &Paths) -> Result<Option<Cluster>> {
        let Some(kubeconfig) = std::env::var_os(NAMED).map(PathBuf::from) else {
            return Ok(None);
        };
        if !kubeconfig.is_file() {
            bail!(
                "{NAMED} names {}, which is not a file",
                kubeconfig.display()
            );
        }
        let find = |program: &str| {
            packages::find(program)
                .with_context(|| format!("`{program}` is not on the PATH; {NAMED} needs it"))
        };
        let kubectl = Kubectl {
            kubectl: find("kubectl")?,
            helm: find("helm")?,
            kubeconfig,
            cache: paths.run().join("named-cache"),
            run: None,
        };
        kubectl
            .run(&["get", "--raw", "/readyz"])
            .with_context(|| format!("the cluster that {NAMED} names does not answer"))?;
        Ok(Some(Cluster::of_user(paths, kubectl)))
    }

    /// A cluster that is not the harness' own.
    pub(crate) fn of_user(paths: &Paths, kubectl: Kubectl) -> Cluster {
        Cluster {
            paths: paths.clone(),
            kubectl,
            run: None,
        }
    }

    /// The administrator's kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubectl.kubeconfig
    }

    /// Whether the harness made it, so that its nodes can fail on demand.
    pub fn is_own(&self) -> bool {
        self.run.is_some()
    }

    /// Runs kubectl.
    ///
    /// # Errors
    ///
    /// When it fails; the message holds what it said.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        self.kubectl.run(arguments)
    }

    /// A kubectl that is yet to be started, for one that keeps running or has special needs.
    pub fn kubectl_command(&self) -> Command {
        self.kubectl.command(&self.kubectl.kubectl)
    }

    /// The folders of kubectl and helm, for somebody's PATH.
    pub fn folders_of_programs(&self) -> Vec<&Path> {
        let programs = [&self.kubectl.kubectl, &self.kubectl.helm];
        programs.iter().filter_map(|it| it.parent()).collect()
    }

    /// Applies manifests.
    ///
    /// # Errors
    ///
    /// When one is refused; the message holds why.
    pub fn apply(&self, manifests: &str) -> Result<String> {
        self.kubectl.apply(DEFAULT, manifests)
    }

    /// Applies manifests that name no namespace, in `namespace`.
    ///
    /// # Errors
    ///
    /// As [`Cluster::apply`].
    pub fn apply_in(&self, namespace: &str, manifests: &str) -> Result<String> {
        self.kubectl.apply(namespace, manifests)
    }

    /// Runs helm.
    ///
    /// # Errors
    ///
    /// When it fails; the message holds what it said.
    pub fn helm(&self, arguments: &[&str]) -> Result<String> {
        self.kubectl.helm(arguments)
    }

    /// Brings an image to every node, also to those that are off now, once they start.
    ///
    /// # Errors
    ///
    /// When an import fails; on a named cluster, when `TIDEMILL_IMAGE_LOADER` is not set or fails.
    pub fn load(&self, archive: &Archive) -> Result<()> {
        let Some(run) = &self.run else {
            return self.load_on_named(archive);
        };
        life::keep_for_nodes(&self.paths, archive)?;
        for (name, _) in NODES {
            let node = self.node(run, name)?;
            if node.is_on()? {
                node.import(archive)?;
            }
        }
        Ok(())
    }

    fn load_on_named(&self, archive: &Archive) -> Result<()> {
        let Ok(loader) = std::env::var(LOADER) else {
            bail!(
                "bring {} to the nodes of your cluster: set {LOADER} to a command that takes the \
                 path of a docker-archive, such as `kind load image-archive`",
                archive.path.display()
            );
        };
        let mut words = loader.split_whitespace();
        let program = words.next().with_context(|| format!("{LOADER} is empty"))?;
        crate::program::run(Command::new(program).args(words).arg(&archive.path)).map(drop)
    }

    fn own_run(&self) -> Result<&Run> {
        self.run.as_ref().with_context(|| {
            format!("the nodes of a cluster that {NAMED} names are not the harness' to disturb")
        })
    }

    fn node<'a>(&'a self, run: &'a Run, name: &str) -> Result<Node<'a>> {
        life::node(&self.paths, run, name)
    }

    /// Cuts a node's power: everything in it ends at once, and without a word to its peers.
    ///
    /// # Errors
    ///
    /// When there is no such node, or it is not the harness' own.
    pub fn power_off(&self, name: &str) -> Result<()> {
        let run = self.own_run()?;
        let _lock = self.paths.lock("run")?;
        self.node(run, name)?.power_off()
    }

    /// Starts a node again, with its old disk, and waits until it is Ready. Does nothing to one that
    /// is on.
    ///
    /// # Errors
    ///
    /// When there is no such node, or it does not come up in time.
    pub fn power_on(&self, name: &str) -> Result<()> {
        let node = self.node(self.own_run()?, name)?;
        let before = self.lease(name)?;
        {
            let _lock = self.paths.lock("run")?;
            if node.is_on()? {
                return Ok(());
            }
            life::power_on(&node)?;
        }
        node.wait_started()?;
        // The old Ready may still stand: what the new kubelet says comes with its first lease.
        until(&format!("a sign of {name}"), NODE_TIMEOUT, || {
            Ok((self.lease(name)? != before).then_some(()))
        })?;
        self.wait_ready(name)
    }

    fn lease(&self, name: &str) -> Result<String> {
        let lease = ["--namespace", "kube-node-lease", "lease", name];
        self.kubectl.field(&lease, ".spec.renewTime")
    }

    /// Waits until a node is Ready.
    ///
    /// # Errors
    ///
    /// When it is not in time.
    pub fn wait_ready(&self, name: &str) -> Result<()> {
        let node = format!("node/{name}");
        self.kubectl
            .wait(DEFAULT, &[&node], Some("Ready"), NODE_TIMEOUT)
    }

    /// Waits until the control plane has noticed that a node is gone.
    ///
    /// # Errors
    ///
    /// When it has not in time.
    pub fn wait_lost(&self, name: &str) -> Result<()> {
        let node = format!("node/{name}");
        self.kubectl
            .wait(DEFAULT, &[&node], Some("Ready=Unknown"), NODE_TIMEOUT)
    }

    /// Cuts a node off from everything else; it goes on by itself.
    ///
    /// # Errors
    ///
    /// When there is no such node, or it is not the harness' own.
    pub fn partition(&self, name: &str) -> Result<()> {
        self.set_connected(name, false)
    }

    /// Ends a partition.
    ///
    /// # Errors
    ///
    /// When there is no such node, or it is not the harness' own.
    pub fn heal(&self, name: &str) -> Result<()> {
        self.set_connected(name, true)
    }

    fn set_connected(&self, name: &str, is_connected: bool) -> Result<()> {
        let node = self.node(self.own_run()?, name)?;
        node.network.set_connected(node.machine, is_connected)
    }

    /// Runs a command on a node, as root, outside of any pod.
    ///
    /// # Errors
    ///
    /// When the node is off or the command fails.
    pub fn on_node(&self, name: &str, command: &[&str]) -> Result<String> {
        self.node(self.own_run()?, name)?.exec(command)
    }

    /// An address of a node under which the host reaches its node ports and host ports.
    ///
    /// # Errors
    ///
    /// When there is no such node, or it is not the harness' own.
    pub fn address(&self, name: &str) -> Result<String> {
        let node = self.node(self.own_run()?, name)?;
        Ok(node.network.address(node.machine))
    }

    /// What runs, for a person to read.
    ///
    /// # Errors
    ///
    /// When the processes can't be listed.
    pub fn status(&self) -> Result<String> {
        let mut text = format!("kubeconfig  {}\n", self.kubeconfig().display());
        if let Some(run) = &self.run {
            for (name, zone) in NODES {
                let state = if self.node(run, name)?.is_on()? {
                    "on"
                } else {
                    "off"
                };
                text.push_str(&format!("{name}      zone {zone}, {state}\n"));
            }
        }
        match self
            .kubectl
            .run(&["get", "nodes,pods", "--all-namespaces", "-o", "wide"])
        {
            Ok(table) => text.push_str(&table),
            Err(error) => text.push_str(&format!("the API server does not answer: {error:#}\n")),
        }
        Ok(text)
    }
}

/// The machine called `name` and its zone.
fn machine(name: &str) -> Result<(Machine, &'static str)> {
    MACHINES
        .into_iter()
        .zip(NODES)
        .find(|(machine, _)| machine.name == name)
        .map(|(machine, (_, zone))| (machine, zone))
        .with_context(|| {
            format!(
                "no node {name}; there are: {}",
                NODES.map(|it| it.0).join(" ")
            )
        })
}

/// The network of a run that has one.
fn network(run: &Run) -> Result<Network> {
    run.instance
        .map(Network::new)
        .context("the cluster has no network: it is not up")
}
