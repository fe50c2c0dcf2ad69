//! A broker's process, pod or StatefulSet is gone: it comes back on its data, and no record is lost.

use anyhow::{Result, ensure};
use e2e::until;

use crate::world::{BROKERS, CLUSTER, PATIENCE, SHOP, world};

#[test]
fn a_leader_that_is_killed_comes_back_and_nothing_is_lost() -> Result<()> {
    let (world, _turn) = world()?;
    let load = world.load("killed", 20_000)?;
    let leader = load.leader()?;
    let before = world.cluster.n_restarts(SHOP, &leader)?;
    world.cluster.kill_container(SHOP, &leader)?;
    load.goes_on(1_000)?;
    until("the restart of its container", PATIENCE, || {
        let is_restarted = world.cluster.n_restarts(SHOP, &leader)? > before;
        Ok(is_restarted.then_some(()))
    })?;
    world.wait_ready(&format!("pod/{leader}"))?;
    load.end()?;
    world.wait_ready(CLUSTER)
}

#[test]
fn every_broker_that_is_killed_at_once_comes_back_and_nothing_is_lost() -> Result<()> {
    let (world, _turn) = world()?;
    let load = world.load("all-killed", 20_000)?;
    for broker in BROKERS {
        world.cluster.kill_container(SHOP, broker)?;
    }
    load.goes_on(1_000)?;
    load.end()?;
    world.wait_ready(CLUSTER)
}

#[test]
fn a_pod_that_is_deleted_comes_back_on_its_data_and_nothing_is_lost() -> Result<()> {
    let (world, _turn) = world()?;
    let load = world.load("deleted", 20_000)?;
    let leader = load.leader()?;
    let volume = |leader: &str| world.field(&format!("pvc/data-{leader}"), ".metadata.uid");
    let before = volume(&leader)?;
    world.kubectl(&["delete", "pod", &leader])?;
    load.goes_on(1_000)?;
    world.wait_ready(&format!("pod/{leader}"))?;
    ensure!(volume(&leader)? == before);
    load.end()?;
    world.wait_ready(CLUSTER)
}

#[test]
fn a_stateful_set_that_is_deleted_is_made_again_and_nothing_is_lost() -> Result<()> {
    let (world, _turn) = world()?;
    let load = world.load("no-set", 20_000)?;
    let leader = load.leader()?;
    let name = leader.trim_end_matches("-0");
    let set = format!("statefulset/{name}");
    let before = world.field(&set, ".metadata.uid")?;
    world.kubectl(&["delete", &set, "--cascade=background"])?;
    load.goes_on(1_000)?;
    until("another StatefulSet", PATIENCE, || {
        let uid = world.field(&set, ".metadata.uid").unwrap_or_default();
        Ok((!uid.is_empty() && uid != before).then_some(()))
    })?;
    load.end()?;
    world.wait_ready(CLUSTER)?;
    world.wait_ready(&format!("pod/{leader}"))
}
