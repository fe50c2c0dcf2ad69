//! An upgrade to an image that nobody has: one broker is down, no more, and the way back is open.

use anyhow::{Result, ensure};
use e2e::VERSION;

use crate::world::{BAD_VERSION, BROKERS, CLUSTER, world};

#[test]
fn a_bad_image_stops_the_roll_at_one_broker_and_the_good_one_mends_it() -> Result<()> {
    let (world, _turn) = world()?;
    let load = world.load("bad-image", 40_000)?;
    let version = |version: &str| {
        let patch = format!(r#"{{"spec": {{"version": "{version}"}}}}"#);
        world.kubectl(&["patch", CLUSTER, "--type=merge", "-p", &patch])
    };
    version(BAD_VERSION)?;
    let (reason, message) = world.wait_not_ready(CLUSTER, 60)?;
    ensure!(!reason.is_empty() && !message.is_empty());
    let images = || -> Result<Vec<String>> {
        let image = |it: &&str| world.field(&format!("pod/{it}"), ".spec.containers[0].image");
        BROKERS.iter().map(image).collect()
    };
    e2e::until("a pod with the bad image", crate::world::PATIENCE, || {
        let n_bad = images()
            .unwrap_or_default()
            .iter()
            .filter(|it| it.ends_with("/none:1"))
            .count();
        ensure!(n_bad <= 1, "the roll went on past a broker that is down");
        Ok((n_bad == 1).then_some(()))
    })?;
    load.goes_on(4_000)?;
    let n_bad = images()?
        .iter()
        .filter(|it| it.ends_with("/none:1"))
        .count();
    ensure!(n_bad == 1, "the roll went on past a broker that is down");
    version(VERSION)?;
    world.wait_ready(CLUSTER)?;
    ensure!(images()?.iter().all(|it| !it.ends_with("/none:1")));
    load.end()
}
