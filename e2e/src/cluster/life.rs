//! How the harness' own cluster starts and ends.
//!
//! In: a machine, and the record of an earlier run. Out: a cluster that is up, or nothing of it left.
//! Never here: a cluster that the user names.
//!
//! Order of making: record, folders, network, certificates, control plane, nodes, addons; the record is
//! complete last. Order of removing: processes, namespaces and cgroups, network, files, record. So
//! whatever the record of a crashed harness says is either there or was never made.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Cluster, MACHINES, NODES, machine, network};
use crate::control_plane::ControlPlane;
use crate::image::Archive;
use crate::images::AddonImages;
use crate::kubectl::{DEFAULT, Kubectl};
use crate::network::{API, Network};
use crate::node::{FOLDERS, Node, imported};
use crate::paths::Paths;
use crate::pki::Subject;
use crate::process::{self, Identity, log_tail};
use crate::progress::Steps;
use crate::run::{Run, write_whole};
use crate::{addons, api_server, cgroups, folders, packages, toolchain};

/// What a slow, busy machine may take for a step that usually takes a few seconds.
const STEP_TIMEOUT: Duration = Duration::from_secs(180);

const DAEMONS: [&str; 4] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
];

/// For whom a cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// It stays until it is taken down.
    Person,
    /// It stays as long as this process.
    Test,
}

/// Installs and builds what is missing.
pub(super) fn build(paths: &Paths, steps: &Steps) -> Result<AddonImages> {
    packages::ensure()?;
    toolchain::ensure(paths, toolchain::ALL)?;
    let images = AddonImages::write(paths)?;
    steps.done("the programs of Kubernetes and the images of its add-ons are there");
    Ok(images)
}

pub(super) fn up(paths: &Paths, steps: &Steps, owner: Owner) -> Result<Cluster> {
    Cluster::may_start()?;
    let images = build(paths, steps)?;
    let _lock = paths.lock("run")?;
    let mut run = match Run::load(paths)? {
        Some(run) if is_whole(&run)? => run,
        Some(run) => {
            remove(paths, &run)?;
            steps.done("removed what an earlier run had left");
            Run::new()?
        }
        None => Run::new()?,
    };
    match owner {
        Owner::Person => run.is_kept = true,
        Owner::Test => run.holders.push(Identity::of_this_process()?),
    }
    run.holders.retain(Identity::is_alive);
    run.save(paths)?;
    if run.is_complete {
        resume(paths, &run, &images, steps)?;
    } else {
        start(paths, &mut run, &images, steps)?;
        run.is_complete = true;
        run.save(paths)?;
    }
    steps.done("the cluster is up");
    Ok(Cluster::own(paths, run))
}

/// Whether a run's control plane lives, so that it can go on.
fn is_whole(run: &Run) -> Result<bool> {
    if !run.is_complete || !run.is_of_this_boot()? {
        return Ok(false);
    }
    let all = process::find(&run.id)?;
    Ok(DAEMONS
        .iter()
        .all(|name| all.iter().any(|it| it.name == *name)))
}

/// Powers on what is off.
fn resume(paths: &Paths, run: &Run, images: &AddonImages, steps: &Steps) -> Result<()> {
    for archive in images.all() {
        keep_for_nodes(paths, archive)?;
    }
    let cluster = Cluster::own(paths, run.clone());
    for (name, _) in NODES {
        let node = node(paths, run, name)?;
        if !node.is_on()? {
            power_on(&node)?;
            node.wait_started()?;
            steps.done(&format!("{name} is on again"));
        }
        cluster.wait_ready(name)?;
    }
    Ok(())
}

fn start(paths: &Paths, run: &mut Run, images: &AddonImages, steps: &Steps) -> Result<()> {
    remove_folder(&paths.run().join("log"))?;
    run.folders = folders::to_make(FOLDERS);
    run.save(paths)?;
    folders::make(&run.folders)?;
    let network = Network::claim(run, paths, &MACHINES)?;
    let (pki, etcd_data) = (paths.pki(), paths.run().join("etcd"));
    let address = network.address(API);
    let plane = plane(&pki, &etcd_data, &address);
    make_certificates(&plane, network)?;
    write_whole(
        &paths.run().join("pause"),
        images.pause.reference.as_bytes(),
    )?;
    for archive in images.all() {
        keep_for_nodes(paths, archive)?;
    }
    steps.done("network and certificates");
    network.plug_in(API, &MACHINES)?;
    spawn(paths, run, network, "etcd", &plane.etcd())?;
    spawn(paths, run, network, "kube-apiserver", &plane.apiserver())?;
    for (name, _) in NODES {
        power_on(&node(paths, run, name)?)?;
    }
    let kubectl = kubectl(paths, run);
    kubectl.wait_for_server(&plane, || {
        check_daemons(paths, run, &["etcd", "kube-apiserver"])
    })?;
    steps.done("kube-apiserver is ready");
    // Not before: a controller manager that may not yet read its configuration ends.
    spawn(
        paths,
        run,
        network,
        "kube-controller-manager",
        &plane.controller_manager(),
    )?;
    spawn(paths, run, network, "kube-scheduler", &plane.scheduler())?;
    kubectl.apply(DEFAULT, &addons::manifests(images))?;
    kubectl.wait(DEFAULT, &["serviceaccount/default"], None, STEP_TIMEOUT)?;
    check_daemons(paths, run, &DAEMONS)?;
    steps.done("controllers work");
    wait_for_nodes(paths, run, &kubectl, steps)?;
    for (namespace, name) in addons::DEPLOYMENTS {
        let deployment = format!("deployment/{name}");
        kubectl
            .wait(namespace, &[&deployment], Some("Available"), STEP_TIMEOUT)
            .with_context(|| pods_of(&kubectl, namespace))?;
        steps.done(&format!("{name} is available"));
    }
    Ok(())
}

fn wait_for_nodes(paths: &Paths, run: &Run, kubectl: &Kubectl, steps: &Steps) -> Result<()> {
    for (name, _) in NODES {
        node(paths, run, name)?.wait_started()?;
    }
    steps.done("nodes are started and hold the images");
    let names = NODES.map(|(name, _)| format!("node/{name}"));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    kubectl
        .wait(DEFAULT, &names, Some("Ready"), STEP_TIMEOUT)
        .with_context(|| log_tail(&paths.log(&format!("{}-kubelet", NODES[0].0))))?;
    steps.done("nodes are Ready");
    Ok(())
}

/// What is known of pods that did not become available.
fn pods_of(kubectl: &Kubectl, namespace: &str) -> String {
    let pods = ["describe", "pods", "--namespace", namespace];
    kubectl
        .run(&pods)
        .unwrap_or_else(|error| format!("{error:#}"))
}

fn plane<'a>(pki: &'a Path, etcd_data: &'a Path, address: &'a str) -> ControlPlane<'a> {
    ControlPlane {
        pki,
        etcd_data,
        etcd_ports: (2379, 2380),
        address,
        port: 6443,
    }
}

fn make_certificates(plane: &ControlPlane<'_>, network: Network) -> Result<()> {
    let authority = plane.make_certificates()?;
    for node in MACHINES {
        let user = format!("system:node:{}", node.name);
        let subject = Subject {
            user: &user,
            group: Some("system:nodes"),
        };
        authority.issue(node.name, subject, &[node.name, &network.address(node)])?;
        authority.kubeconfig_of(node.name, &plane.server())?;
    }
    Ok(())
}

/// Starts a program of the control plane in its network namespace.
fn spawn(
    paths: &Paths,
    run: &Run,
    network: Network,
    name: &str,
    arguments: &[String],
) -> Result<()> {
    let module = if name == "etcd" {
        toolchain::ETCD
    } else {
        toolchain::KUBERNETES
    };
    let namespace = format!("--net=/run/netns/{}", network.namespace(API));
    let program = module.program(paths, name).display().to_string();
    let mut command = vec!["nsenter", &namespace, &program];
    command.extend(arguments.iter().map(String::as_str));
    process::spawn(&run.id, name, &paths.log(name), &command).map(drop)
}

/// Fails, with the end of its log, when one of `names` does not live.
fn check_daemons(paths: &Paths, run: &Run, names: &[&str]) -> Result<()> {
    let all = process::find(&run.id)?;
    for name in names {
        if !all.iter().any(|it| it.name == *name) {
            bail!("{name} ended; {}", log_tail(&paths.log(name)));
        }
    }
    Ok(())
}

pub(super) fn kubectl(paths: &Paths, run: &Run) -> Kubectl {
    Kubectl {
        kubectl: toolchain::KUBERNETES.program(paths, "kubectl"),
        helm: toolchain::HELM.program(paths, "helm"),
        kubeconfig: paths.pki().join("admin.kubeconfig"),
        cache: paths.run().join("cache"),
        run: Some(run.id.clone()),
    }
}

pub(super) fn node<'a>(paths: &'a Paths, run: &'a Run, name: &str) -> Result<Node<'a>> {
    let (machine, zone) = machine(name)?;
    Ok(Node {
        paths,
        run,
        network: network(run)?,
        machine,
        zone,
        nodes: &MACHINES,
    })
}

/// Starts a node with the pause image that its run began with.
pub(super) fn power_on(node: &Node<'_>) -> Result<()> {
    let path = node.paths.run().join("pause");
    let pause = std::fs::read_to_string(&path)
        .with_context(|| format!("failed to read {}", path.display()))?;
    node.power_on(&pause)
}

/// Notes an archive for every node to import when it starts.
pub(super) fn keep_for_nodes(paths: &Paths, archive: &Archive) -> Result<()> {
    let folder = imported(paths);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("failed to make {}", folder.display()))?;
    let name = archive.path.file_name().context("an archive has no name")?;
    let kept = folder.join(name);
    if kept.exists() {
        return Ok(());
    }
    // Not a symbolic link: the archive may be removed before the node starts again.
    std::fs::hard_link(&archive.path, &kept)
        .or_else(|_| std::fs::copy(&archive.path, &kept).map(drop))
        .with_context(|| format!("failed to keep {}", kept.display()))
}

pub(super) fn down(paths: &Paths, steps: &Steps) -> Result<()> {
    let _lock = paths.lock("run")?;
    match Run::load(paths)? {
        Some(run) => {
            remove(paths, &run)?;
            steps.done("the cluster is down");
        }
        None => steps.done("no cluster is up"),
    }
    // A test process that was killed may have left files of its own.
    api_server::sweep(paths)
}

fn remove(paths: &Paths, run: &Run) -> Result<()> {
    // After another start of the machine only files are left.
    if run.is_of_this_boot()? {
        process::kill(&run.id, |_| true)?;
        let network = run.instance.map(Network::new);
        if let Some(network) = network.filter(|it| it.is_claimed_by(run)) {
            for machine in MACHINES.into_iter().chain([API]) {
                network.unplug(machine)?;
                cgroups::remove(&network.namespace(machine))?;
            }
            network.release()?;
        }
    }
    folders::remove(&run.folders)?;
    remove_files(paths)
}

/// Removes what the run kept, its record last. The logs stay until the next start.
fn remove_files(paths: &Paths) -> Result<()> {
    for name in ["etcd", "pki", "images", "cache"] {
        remove_folder(&paths.run().join(name))?;
    }
    for (name, _) in NODES {
        remove_folder(&paths.node(name))?;
    }
    for name in ["pause", "run.json"] {
        let path = paths.run().join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("failed to remove {}", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn remove_folder(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("failed to remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Starts a process that outlives this one and then calls [`release`].
pub(super) fn release_at_exit(paths: &Paths, program: &Path) -> Result<()> {
    let log = paths.release_log();
    let open =
        || std::fs::File::create(&log).with_context(|| format!("failed to open {}", log.display()));
    let child = Command::new("setsid")
        .arg(program)
        .arg("release")
        .stdin(Stdio::piped())
        .stdout(open()?)
        .stderr(open()?)
        .spawn()
        .with_context(|| format!("failed to start {}", program.display()))?;
    // Our end of the pipe is closed by the kernel, when this process has ended.
    std::mem::forget(child);
    Ok(())
}

pub(super) fn release(paths: &Paths) -> Result<()> {
    let mut rest = Vec::new();
    std::io::stdin()
        .read_to_end(&mut rest)
        .context("failed to wait for the end of a test process")?;
    let _lock = paths.lock("run")?;
    match Run::load(paths)? {
        Some(run) if run.is_abandoned() => remove(paths, &run),
        _ => Ok(()),
    }
}
