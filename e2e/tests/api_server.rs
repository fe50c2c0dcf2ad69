//! An API server alone: several at once, each by itself, gone with the process that started it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{ApiServer, until};

#[test]
fn two_servers_at_once_know_nothing_of_each_other() -> Result<()> {
    let (one, two) = (ApiServer::start()?, ApiServer::start()?);
    ensure!(one.url() != two.url());
    one.apply(
        r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "only-here"},
            "data": {"a": "b"}}"#,
    )?;
    let get = ["get", "configmap", "only-here", "-o", "jsonpath={.data.a}"];
    ensure!(one.kubectl(&get)? == "b");
    let message = two.kubectl(&get).unwrap_err().to_string();
    ensure!(message.contains("NotFound"), "{message}");
    Ok(())
}

#[test]
fn resource_definitions_with_rules_are_served_and_enforced() -> Result<()> {
    let server = ApiServer::start()?;
    server.apply(include_str!("api_server/crd.yaml"))?;
    let crd = "crd/probes.tests.tidemill.dev";
    server.kubectl(&["wait", "--for=condition=Established", crd, "--timeout=30s"])?;
    let probe = |size: u32| {
        format!(
            r#"{{"apiVersion": "tests.tidemill.dev/v1", "kind": "Probe",
                "metadata": {{"name": "probe-{size}"}}, "spec": {{"size": {size}}}}}"#
        )
    };
    server.apply(&probe(3))?;
    let message = server.apply(&probe(4)).unwrap_err().to_string();
    ensure!(message.contains("size must be odd"), "{message}");
    Ok(())
}

#[test]
fn a_dropped_server_leaves_neither_processes_nor_files() -> Result<()> {
    let server = ApiServer::start()?;
    let folder = folder_of(server.kubeconfig())?;
    ensure!(users_of(&folder)? == 2, "etcd and kube-apiserver run");
    drop(server);
    ensure!(users_of(&folder)? == 0);
    ensure!(!folder.exists());
    Ok(())
}

#[test]
fn a_server_ends_when_its_process_is_killed_and_the_next_start_removes_its_files() -> Result<()> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kubernetes"))
        .arg("api-server")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().context("the child has no stdout")?;
    let mut kubeconfig = String::new();
    BufReader::new(stdout).read_line(&mut kubeconfig)?;
    let folder = folder_of(Path::new(kubeconfig.trim()))?;
    ensure!(users_of(&folder)? == 2, "etcd and kube-apiserver run");
    child.kill()?;
    child.wait()?;
    until("the end of its servers", Duration::from_secs(30), || {
        Ok((users_of(&folder)? == 0).then_some(()))
    })?;
    let _other = ApiServer::start()?;
    ensure!(!folder.exists());
    Ok(())
}

/// A server's own folder: it holds `pki/admin.kubeconfig`.
fn folder_of(kubeconfig: &Path) -> Result<PathBuf> {
    let folder = kubeconfig.parent().and_then(Path::parent);
    Ok(folder.context("no kubeconfig was printed")?.to_owned())
}

/// How many processes have the folder on their command lines. Looked up without the harness.
fn users_of(folder: &Path) -> Result<usize> {
    let name = folder.display().to_string();
    let mut n_users = 0;
    for entry in std::fs::read_dir("/proc")? {
        let line = std::fs::read(entry?.path().join("cmdline")).unwrap_or_default();
        n_users += usize::from(String::from_utf8_lossy(&line).contains(&name));
    }
    Ok(n_users)
}
