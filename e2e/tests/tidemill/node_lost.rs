//! A node loses its power, with a broker on it: producing goes on, and the broker returns with the node.

use anyhow::{Context, Result, ensure};
use e2e::until;

use crate::world::{BROKERS, CLUSTER, PATIENCE, world};

#[test]
fn a_node_without_power_costs_no_record_and_is_told_of() -> Result<()> {
    let (world, _turn) = world()?;
    ensure!(
        world.cluster.is_own(),
        "this test cuts the power of a node: unset TIDEMILL_KUBECONFIG"
    );
    let load = world.load("power", 60_000)?;
    let node_of = |pod: &str| world.field(&format!("pod/{pod}"), ".spec.nodeName");
    // The producer has to stay.
    let own = node_of(&load.pod)?;
    let mut others = Vec::new();
    for broker in BROKERS {
        others.push((broker, node_of(broker)?));
    }
    let (broker, node) = others
        .into_iter()
        .find(|(_, node)| *node != own)
        .context("the brokers are on three nodes")?;
    world.cluster.power_off(&node)?;
    let result = (|| {
        load.goes_on(4_000)?;
        // Another broker may be told of first, while the quorum elects a leader.
        until("a reason that names the broker", PATIENCE, || {
            let (_, message) = world.wait_not_ready(CLUSTER, 60)?;
            Ok(message.contains(broker).then_some(()))
        })?;
        load.goes_on(1_000)
    })();
    world.cluster.power_on(&node)?;
    result?;
    load.end()?;
    world.wait_ready(CLUSTER)?;
    world.wait_ready(&format!("pod/{broker}"))
}
