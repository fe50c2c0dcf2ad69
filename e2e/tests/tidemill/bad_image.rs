//! An upgrade to an image that nobody has: one broker is down, no more, and the way back is open.

use anyhow::{Result, ensure};
use e2e::{VERSION, until};

use crate::world::{BAD_VERSION, BROKERS, CLUSTER, PATIENCE, World, world};

#[test]
fn a_bad_image_stops_the_roll_at_one_broker_and_the_good_one_mends_it() -> Result<()> {
    let (world, _turn) = world()?;
    let load = world.load("bad-image", 40_000)?;
    let ask_for = |version: &str| {
        let patch = format!(r#"{{"spec": {{"version": "{version}"}}}}"#);
        world.kubectl(&["patch", CLUSTER, "--type=merge", "-p", &patch])
    };
    ask_for(BAD_VERSION)?;
    until("a pod with the bad image", PATIENCE, || {
        Ok((n_bad(world) == 1).then_some(()))
    })?;
    let (reason, message) = world.wait_not_ready(CLUSTER, 60)?;
    ensure!(message.contains("demo-main-"), "{reason}: {message}");
    load.goes_on(4_000)?;
    ensure!(
        n_bad(world) == 1,
        "the roll went on past a broker that is down"
    );
    ask_for(VERSION)?;
    world.wait_ready(CLUSTER)?;
    ensure!(n_bad(world) == 0);
    load.end()
}

/// How many brokers' pods ask for the bad image. One that is just being replaced has none.
fn n_bad(world: &World) -> usize {
    let path = ".spec.containers[0].image";
    let images = BROKERS
        .iter()
        .filter_map(|it| world.field(&format!("pod/{it}"), path).ok());
    images.filter(|it| it.ends_with("/none:1")).count()
}
