//! helm upgrades and uninstalls the operator while brokers serve: none of them notices.

use anyhow::{Result, ensure};

use crate::world::{CLUSTER, World, world};

#[test]
fn brokers_go_on_through_an_upgrade_and_without_an_operator() -> Result<()> {
    let (world, _turn) = world()?;
    let load = world.load("release", 30_000)?;
    let before = world.pods()?;
    let tidemill = world.tidemill();
    let more = [&World::more()[..], &["--set", "logLevel=debug"]].concat();
    tidemill.install(&more)?;
    ensure!(world.pods()? == before, "the upgrade restarted brokers");
    tidemill.uninstall()?;
    load.goes_on(1_000)?;
    ensure!(
        world.pods()? == before,
        "the end of the operator ended brokers"
    );
    ensure!(world.field(CLUSTER, ".metadata.name")? == "demo");
    load.end()?;
    tidemill.install(&World::more())?;
    world.wait_ready(CLUSTER)?;
    ensure!(
        world.pods()? == before,
        "the new operator restarted brokers"
    );
    Ok(())
}
