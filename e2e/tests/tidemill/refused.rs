//! Wrong manifests: refused at apply with the remedy, or told of within seconds; what runs is left
//! alone. Every rule of the definitions has its test where only an API server is needed.

use anyhow::{Context, Result, ensure};
use e2e::of_project;

use crate::world::{CLUSTER, SHOP, world};

#[test]
fn what_is_wrong_in_itself_is_refused_at_apply_with_the_remedy() -> Result<()> {
    let (world, _turn) = world()?;
    let before = world.pods()?;
    let example = std::fs::read_to_string(of_project("examples/cluster.yaml"))?;
    for (from, to, remedy) in [
        ("replicas: 3", "replicas: 0", "greater than or equal to 1"),
        ("size: 10Gi", "size: 20Gi", "storage cannot be changed yet"),
        (
            "size: 10Gi",
            "size: 10Gi\n      className: other",
            "className is immutable",
        ),
        (
            "zones: [a, b, c]",
            "zones: [c, b, a]",
            "zones are append-only",
        ),
        (
            "min.insync.replicas",
            "min.insync",
            "unknown cluster config min.insync",
        ),
    ] {
        ensure!(example.contains(from), "the example has no `{from}`");
        let applied = world.cluster.apply_in(SHOP, &example.replace(from, to));
        let message = applied.err().with_context(|| format!("`{to}` was taken"))?;
        ensure!(message.to_string().contains(remedy), "`{to}`: {message}");
    }
    world.wait_ready(CLUSTER)?;
    ensure!(world.pods()? == before);
    Ok(())
}

#[test]
fn what_needs_the_clusters_state_is_told_within_seconds() -> Result<()> {
    let (world, _turn) = world()?;
    let before = world.pods()?;
    let example = std::fs::read_to_string(of_project("examples/topic.yaml"))?;
    for (name, from, to, expected) in [
        ("wide", "replicas: 3", "replicas: 4", "NotEnoughBrokers"),
        (
            "strict",
            "min.insync.replicas: \"2\"",
            "min.insync.replicas: \"4\"",
            "min.insync.replicas",
        ),
        ("lost", "name: demo", "name: nowhere", "UnknownCluster"),
    ] {
        ensure!(example.contains(from), "the example has no `{from}`");
        let topic = example.replace(from, to);
        let topic = topic.replace("name: orders", &format!("name: {name}"));
        world.cluster.apply_in(SHOP, &topic)?;
        let resource = format!("topic/{name}");
        let (reason, message) = world.wait_not_ready(&resource, 5)?;
        ensure!(
            format!("{reason}: {message}").contains(expected),
            "{name}: {reason}: {message}"
        );
        world.kubectl(&["delete", &resource])?;
    }
    world.wait_ready(CLUSTER)?;
    ensure!(world.pods()? == before);
    Ok(())
}
