//! The operator is gone in the middle of its work: the next one goes on where it was.

use anyhow::{Result, ensure};
use e2e::{OPERATOR_NAMESPACE, of_project, until};

use crate::world::{PATIENCE, READY_SECONDS, SECOND, world};

#[test]
fn a_cluster_is_created_though_the_operator_is_deleted_meanwhile() -> Result<()> {
    let (world, _turn) = world()?;
    let cluster = &world.cluster;
    let kubectl =
        |arguments: &[&str]| cluster.kubectl(&[&["--namespace", SECOND], arguments].concat());
    let example = std::fs::read_to_string(of_project("examples/cluster.yaml"))?;
    cluster.apply_in(
        SECOND,
        &example.replace("deletionPolicy: Retain", "deletionPolicy: Delete"),
    )?;
    // Each of these is made in another pass.
    for what in [
        "secret/demo-ca",
        "statefulset/demo-main-a",
        "pod/demo-main-b-0",
    ] {
        until(what, PATIENCE, || {
            Ok(kubectl(&["get", what, "-o", "name"]).ok())
        })?;
        let operator = ["--namespace", OPERATOR_NAMESPACE, "delete", "pod"];
        let now = ["--all", "--force", "--grace-period=0"];
        cluster.kubectl(&[&operator[..], &now].concat())?;
    }
    cluster.wait_for(SECOND, "cluster/demo", "Ready", READY_SECONDS)?;
    let ids = "jsonpath={.items[*].metadata.labels.tidemill\\.dev/cluster-id}";
    let ids = kubectl(&["get", "pvc", "-o", ids])?;
    let mut ids: Vec<&str> = ids.split_whitespace().collect();
    ensure!(
        ids.len() == 3,
        "every volume bears the cluster's id: {ids:?}"
    );
    ids.dedup();
    ensure!(ids.len() == 1, "all brokers are of one cluster: {ids:?}");
    // Delete takes everything, and does not hang.
    kubectl(&["delete", "cluster", "demo", "--timeout=180s"])?;
    until("the end of its volumes", PATIENCE, || {
        let left = kubectl(&["get", "pvc,statefulset", "-o", "name"])?;
        Ok(left.is_empty().then_some(()))
    })
}
