//! The harness itself: three nodes come up, hold pods, names and volumes, fail and come back; and
//! nothing is left of a cluster, however its harness ended.
//!
//! One cluster serves all tests of this file. They take turns, for some of them disturb its nodes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{Cluster, Image, NODES, Paths, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubernetes");

/// The shared cluster, and the turn on it.
fn cluster() -> Result<(&'static Cluster, MutexGuard<'static, ()>)> {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if CLUSTER.get().is_none() {
        let cluster = Cluster::for_tests(Path::new(PROGRAM))?;
        ensure!(
            cluster.is_own(),
            "these tests are about the harness' own cluster: unset TIDEMILL_KUBECONFIG"
        );
        CLUSTER.get_or_init(|| cluster);
    }
    Ok((CLUSTER.get().context("it was just set")?, turn))
}

/// A namespace that ends with its test.
struct Namespace<'a> {
    cluster: &'a Cluster,
    name: &'a str,
}

impl<'a> Namespace<'a> {
    fn create(cluster: &'a Cluster, name: &'a str) -> Result<Namespace<'a>> {
        cluster.kubectl(&["create", "namespace", name])?;
        Ok(Namespace { cluster, name })
    }

    fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let mut all = vec!["--namespace", self.name];
        all.extend(arguments);
        self.cluster.kubectl(&all)
    }

    /// Three pods that serve a file on a volume, from an image made for this test.
    fn start_web(&self) -> Result<()> {
        let busybox = Path::new("/bin/busybox");
        let mut image = Image::new("web")
            .copy("/bin/busybox", busybox, 0o755)
            .text("/marker", self.name);
        for tool in ["sh", "cat", "hostname", "httpd", "wget", "nslookup"] {
            image = image.link(&format!("/bin/{tool}"), "busybox");
        }
        let archive = image.write(&Paths::from_environment()?.images())?;
        self.cluster.load(&archive)?;
        std::fs::remove_file(&archive.path)?;
        let manifests = include_str!("kubernetes/web.yaml").replace("IMAGE", &archive.reference);
        self.cluster.apply_in(self.name, &manifests)?;
        self.kubectl(&["rollout", "status", "statefulset/web", "--timeout=120s"])
            .map(drop)
    }

    fn node_of(&self, pod: &str) -> Result<String> {
        self.kubectl(&["get", "pod", pod, "-o", "jsonpath={.spec.nodeName}"])
    }

    /// What a pod reads at a URL.
    fn fetch(&self, pod: &str, url: &str) -> Result<String> {
        until(
            &format!("{url} from {pod}"),
            Duration::from_secs(30),
            || Ok(self.kubectl(&["exec", pod, "--", "wget", "-qO-", url]).ok()),
        )
    }
}

impl Drop for Namespace<'_> {
    fn drop(&mut self) {
        let ended = self
            .cluster
            .kubectl(&["delete", "namespace", self.name, "--timeout=60s"]);
        if let Err(error) = ended {
            eprintln!("{error:#}");
        }
    }
}

#[test]
fn the_harness_brings_up_three_ready_nodes_in_three_zones() -> Result<()> {
    let (cluster, _turn) = cluster()?;
    for (name, zone) in NODES {
        cluster.wait_ready(name)?;
        let path = r"jsonpath={.metadata.labels.topology\.kubernetes\.io/zone}";
        ensure!(cluster.kubectl(&["get", "node", name, "-o", path])? == zone);
    }
    Ok(())
}

#[test]
fn pods_spread_over_zones_find_each_other_by_name_and_keep_their_volumes() -> Result<()> {
    let (cluster, _turn) = cluster()?;
    let namespace = Namespace::create(cluster, "spread")?;
    namespace.start_web()?;
    let mut nodes = Vec::new();
    for pod in ["web-0", "web-1", "web-2"] {
        nodes.push(namespace.node_of(pod)?);
    }
    nodes.sort();
    ensure!(nodes == NODES.map(|(name, _)| name), "{nodes:?}");
    for (from, to) in [("web-0", "web-1"), ("web-1", "web-2"), ("web-2", "web-0")] {
        let url = format!("http://{to}.web.spread.svc.cluster.local:8080/starts");
        ensure!(namespace.fetch(from, &url)? == format!("{to} spread\n"));
    }
    let any = namespace.fetch("web-0", "http://any/starts")?;
    ensure!(any.ends_with(" spread\n"), "{any}");
    namespace.kubectl(&["delete", "pod", "web-1"])?;
    namespace.kubectl(&["rollout", "status", "statefulset/web", "--timeout=60s"])?;
    let starts = namespace.fetch("web-0", "http://web-1.web:8080/starts")?;
    ensure!(starts == "web-1 spread\nweb-1 spread\n", "{starts}");
    Ok(())
}

#[test]
fn the_host_reaches_a_node_port_on_every_node() -> Result<()> {
    let (cluster, _turn) = cluster()?;
    let namespace = Namespace::create(cluster, "ports")?;
    namespace.start_web()?;
    let port = [
        "get",
        "service",
        "any",
        "-o",
        "jsonpath={.spec.ports[0].nodePort}",
    ];
    let port: u16 = namespace.kubectl(&port)?.parse()?;
    for (node, _) in NODES {
        let address = format!("{}:{port}", cluster.address(node)?).parse()?;
        until(
            &format!("port {port} of {node}"),
            Duration::from_secs(30),
            || {
                let timeout = Duration::from_secs(1);
                Ok(std::net::TcpStream::connect_timeout(&address, timeout).ok())
            },
        )?;
    }
    Ok(())
}

#[test]
fn a_node_without_power_is_noticed_and_comes_back_with_its_pods_and_volumes() -> Result<()> {
    let (cluster, _turn) = cluster()?;
    let namespace = Namespace::create(cluster, "power")?;
    namespace.start_web()?;
    let node = namespace.node_of("web-0")?;
    cluster.power_off(&node)?;
    cluster.wait_lost(&node)?;
    let message = cluster.on_node(&node, &["true"]).unwrap_err().to_string();
    ensure!(message.contains("is off"), "{message}");
    // Its pod stays where its volume is.
    cluster.power_on(&node)?;
    namespace.kubectl(&["rollout", "status", "statefulset/web", "--timeout=120s"])?;
    ensure!(namespace.node_of("web-0")? == node);
    let starts = namespace.fetch("web-1", "http://web-0.web:8080/starts")?;
    ensure!(starts == "web-0 power\nweb-0 power\n", "{starts}");
    Ok(())
}

#[test]
fn a_node_that_is_cut_off_is_noticed_and_joins_again() -> Result<()> {
    let (cluster, _turn) = cluster()?;
    cluster.partition("node-c")?;
    let lost = cluster.wait_lost("node-c");
    cluster.heal("node-c")?;
    lost?;
    cluster.wait_ready("node-c")
}

#[test]
fn a_chart_is_installed_and_removed_by_helm() -> Result<()> {
    let (cluster, _turn) = cluster()?;
    let namespace = Namespace::create(cluster, "charts")?;
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("templates"))?;
    std::fs::write(
        folder.path().join("Chart.yaml"),
        "apiVersion: v2\nname: probe\nversion: 0.1.0\nkubeVersion: '>=1.30.0-0'\n",
    )?;
    std::fs::write(
        folder.path().join("templates/config.yaml"),
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: probe}\ndata: {a: {{ .Values.a }}}\n",
    )?;
    let chart = folder.path().display().to_string();
    let release = ["--namespace", "charts", "install", "probe", &chart];
    let mut arguments = release.to_vec();
    arguments.extend(["--set", "a=b", "--wait"]);
    cluster.helm(&arguments)?;
    let get = ["get", "configmap", "probe", "-o", "jsonpath={.data.a}"];
    ensure!(namespace.kubectl(&get)? == "b");
    cluster.helm(&["--namespace", "charts", "uninstall", "probe", "--wait"])?;
    ensure!(namespace.kubectl(&get).is_err());
    Ok(())
}

#[test]
fn a_second_up_finds_the_cluster_and_starts_nothing() -> Result<()> {
    let (cluster, _turn) = cluster()?;
    let paths = Paths::from_environment()?;
    let folder = cluster.kubeconfig().parent().context("it has a folder")?;
    let before = leftovers(folder)?;
    let started = std::time::Instant::now();
    Cluster::for_tests(Path::new(PROGRAM))?;
    ensure!(started.elapsed() < Duration::from_secs(40));
    ensure!(Cluster::existing(&paths)?.is_some());
    ensure!(leftovers(folder)? == before);
    Ok(())
}

#[test]
fn a_cluster_that_the_user_names_is_used_but_not_disturbed() -> Result<()> {
    let (cluster, _turn) = cluster()?;
    let shared = Paths::from_environment()?;
    let bin = shared.images().with_file_name("bin");
    let path = std::env::join_paths([bin.join("kubernetes"), bin.join("helm")])?;
    let folder = tempfile::tempdir_in("/var/tmp")?;
    let kubernetes = |arguments: &[&str]| {
        let mut kubernetes = Command::new(PROGRAM);
        kubernetes
            .args(arguments)
            .env("TIDEMILL_E2E_DIR", folder.path())
            .env("TIDEMILL_KUBECONFIG", cluster.kubeconfig())
            .env("PATH", &path);
        e2e::run(&mut kubernetes)
    };
    ensure!(kubernetes(&["up"])?.trim() == cluster.kubeconfig().display().to_string());
    ensure!(kubernetes(&["status"])?.contains("node-b"));
    let message = kubernetes(&["power-off", "node-b"])
        .unwrap_err()
        .to_string();
    ensure!(message.contains("TIDEMILL_KUBECONFIG"), "{message}");
    kubernetes(&["down"])?;
    cluster.wait_ready("node-b")
}

#[test]
fn down_leaves_nothing_wherever_up_was_killed() -> Result<()> {
    let (_, _turn) = cluster()?;
    for step in [
        "network and certificates",
        "kube-apiserver is ready",
        "nodes are started",
        "the cluster is up",
    ] {
        kill_up_after(step).with_context(|| format!("killed after `{step}`"))?;
    }
    Ok(())
}

/// Starts a second cluster, kills its harness after a step, takes it down and looks for what is left.
fn kill_up_after(step: &str) -> Result<()> {
    let shared = Paths::from_environment()?;
    let folder = tempfile::tempdir_in("/var/tmp")?;
    for name in ["bin", "images"] {
        let target = shared.images().with_file_name(name);
        std::os::unix::fs::symlink(target, folder.path().join(name))?;
    }
    let before = leftovers(folder.path())?;
    let kubernetes = |command: &str| {
        let mut kubernetes = Command::new(PROGRAM);
        kubernetes
            .arg(command)
            .env("TIDEMILL_E2E_DIR", folder.path());
        kubernetes
    };
    let mut child = kubernetes("up")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = child.stderr.take().context("the child has no stderr")?;
    let is_reached = BufReader::new(stderr)
        .lines()
        .map_while(Result::ok)
        .any(|it| it.contains(step));
    child.kill()?;
    child.wait()?;
    ensure!(is_reached, "the step was not reached");
    let during = leftovers(folder.path())?;
    ensure!(during != before, "there was nothing to remove: {during:?}");
    e2e::run(&mut kubernetes("down"))?;
    let after = leftovers(folder.path())?;
    ensure!(after == before, "left: {after:?}, before: {before:?}");
    Ok(())
}

/// What a cluster could leave on this machine, looked up without the harness: processes that know
/// `path`, links, network namespaces, cgroups, mounts.
fn leftovers(path: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let path = path.display().to_string();
    for entry in std::fs::read_dir("/proc")? {
        let folder = entry?.path();
        for file in ["cmdline", "environ"] {
            let text = std::fs::read(folder.join(file)).unwrap_or_default();
            let is_test = folder.ends_with(std::process::id().to_string());
            if !is_test && String::from_utf8_lossy(&text).contains(&path) {
                found.push(format!("process {}", folder.display()));
            }
        }
    }
    for folder in ["/sys/class/net", "/run/netns"] {
        // The second folder is there only when there are namespaces.
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with("tidemill") {
                found.push(format!("{folder}/{name}"));
            }
        }
    }
    let groups = [
        "find",
        "/sys/fs/cgroup",
        "-maxdepth",
        "2",
        "-name",
        "tidemill*",
    ];
    let groups = e2e::run(Command::new(groups[0]).args(&groups[1..]))?;
    found.extend(groups.lines().map(str::to_owned));
    let mounts = std::fs::read_to_string("/proc/self/mounts")?;
    found.extend(
        mounts
            .lines()
            .filter(|it| it.contains("tidemill"))
            .map(str::to_owned),
    );
    found.sort();
    Ok(found)
}
