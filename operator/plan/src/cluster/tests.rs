//! Clusters, from YAML through the real `validate`, in a small world that applies what is planned.

mod world;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::{Known, Outcome};
use world::World;

const SPEC: &str = "
  version: 0.1.0
  pools:
  - {name: main, replicas: 3, zones: [a, b, c], storage: {size: 10Gi, className: fast}}
  config: {min.insync.replicas: '2'}
";

fn settled(spec: &str) -> World {
    let mut world = World::new(spec);
    world.settle();
    world
}

/// The steps of a plan, a line each.
fn steps(plan: &Plan) -> String {
    plan.steps
        .iter()
        .map(Step::describe)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_cluster_comes_up_in_few_passes_and_in_this_order() {
    let mut world = World::new(SPEC);
    let mut text = String::new();
    for number in 1..=5 {
        let plan = world.pass();
        text += &format!("pass {number}: {}\n{}\n", world.told("Ready"), steps(&plan));
    }
    expect![[r#"
        pass 1: False PodsNotReady: 0 of 3 brokers are ready; demo-main-a-0: it does not exist
        write the identity
        make the certificate authority
        issue certificates in demo-main-a-tls
        issue certificates in demo-main-b-tls
        issue certificates in demo-main-c-tls
        apply ConfigMap demo-approved
        apply PodDisruptionBudget demo-zone-a
        apply PodDisruptionBudget demo-zone-b
        apply PodDisruptionBudget demo-zone-c
        apply ServiceAccount demo-broker
        apply Service demo-brokers
        apply Service demo-bootstrap
        apply Service demo-main-a-0
        apply Service demo-main-b-0
        apply Service demo-main-c-0
        apply ConfigMap demo-main-a-config-1ef843e176
        apply StatefulSet demo-main-a
        apply ConfigMap demo-main-b-config-fa29d4d6c4
        apply StatefulSet demo-main-b
        apply ConfigMap demo-main-c-config-79f9f34b3c
        apply StatefulSet demo-main-c
        pass 2: False PodsNotReady: 0 of 3 brokers are ready; demo-main-a-0: it is not ready
        write the identity
        apply PodDisruptionBudget demo-zone-a
        bootstrap demo-main-a-0
        bootstrap demo-main-b-0
        bootstrap demo-main-c-0
        pass 3: False Progressing: label data-demo-main-a-0
        label data-demo-main-a-0
        label data-demo-main-b-0
        label data-demo-main-c-0
        alter the cluster's config
        pass 4: True Ready: 3 of 3 brokers are ready

        pass 5: True Ready: 3 of 3 brokers are ready

    "#]]
    .assert_eq(&text);
}

#[test]
fn what_is_converged_needs_nothing() {
    let mut world = settled(SPEC);
    assert_eq!(world.told("Ready"), "True Ready: 3 of 3 brokers are ready");
    assert_eq!(
        world.told("Available"),
        "True Available: every partition has a leader"
    );
    let before = world.cluster.status.clone();
    for _ in 0..10 {
        assert_eq!(steps(&world.pass()), "");
        assert_eq!(
            world.cluster.status, before,
            "a status that says the same is the same"
        );
    }
    assert_eq!(world.config["min.insync.replicas"], "2");
}

#[test]
fn node_ids_are_blocks_that_a_name_keeps() {
    let world = settled(SPEC);
    let identity = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    let ids: Vec<i32> = identity.node_ids.values().copied().collect();
    assert_eq!(ids, [0, 1000, 2000]);
    assert_eq!(identity.node_id("demo-main-b", 2), Some(1002));
    assert!(identity.is_sealed);
    assert_eq!(
        identity.voters[1].host,
        "demo-main-b-0.demo-brokers.shop.svc"
    );
    let label = |claim: &str| {
        world.observed.volumes[claim]
            .metadata
            .labels
            .clone()
            .unwrap()
    };
    assert_eq!(
        label("data-demo-main-c-0")[crate::names::NODE_ID_LABEL],
        "2000"
    );
}

#[test]
fn a_new_version_rolls_one_broker_at_a_time_and_the_controller_last_of_its_set() {
    let mut world = settled(SPEC);
    world.change(&SPEC.replace("0.1.0", "0.2.0"));
    let mut restarts_max = 0;
    for _ in 0..30 {
        let before = world.restarts.len();
        world.pass();
        restarts_max = restarts_max.max(world.restarts.len() - before);
    }
    assert_eq!(restarts_max, 1);
    assert_eq!(
        world.restarts,
        ["demo-main-a-0", "demo-main-b-0", "demo-main-c-0"]
    );
    assert_eq!(
        world.told("UpToDate"),
        "True UpToDate: 3 of 3 brokers run what was approved"
    );
    for pod in ["demo-main-a-0", "demo-main-b-0", "demo-main-c-0"] {
        assert_eq!(world.image_of(pod), world.images["0.2.0"]);
    }
    let files = world
        .observed
        .config_maps
        .keys()
        .filter(|it| it.contains("-config-"));
    assert_eq!(files.count(), 3);
}

#[test]
fn files_stay_as_long_as_a_pod_may_be_made_from_them() {
    let mut world = settled(SPEC);
    world.refusal = Some("not now".to_owned());
    let listener = "  listeners: [{name: internal, port: 9093, type: Internal}]\n";
    world.change(&format!("{SPEC}{listener}"));
    let files = |world: &World| {
        let names = world.observed.config_maps.keys();
        names.filter(|it| it.contains("-config-")).count()
    };
    for _ in 0..10 {
        world.pass();
    }
    assert_eq!(files(&world), 4, "the first broker still has its old file");
    world.refusal = None;
    world.settle();
    assert_eq!(world.restarts.len(), 3);
    assert_eq!(files(&world), 3);
    world.change(SPEC);
    world.settle();
    assert_eq!(files(&world), 3);
}

#[test]
fn a_set_receives_its_new_template_only_when_its_roll_is_open() {
    let mut world = settled(SPEC);
    world.refusal = Some("a partition would fall under min.insync.replicas".to_owned());
    world.change(&SPEC.replace("0.1.0", "0.2.0"));
    for _ in 0..10 {
        world.pass();
    }
    let image = |set: &str| {
        let spec = world.observed.stateful_sets[set]
            .spec
            .clone()
            .unwrap()
            .template
            .spec
            .unwrap();
        spec.containers[0].image.clone().unwrap()
    };
    assert_eq!(image("demo-main-a"), world.images["0.2.0"]);
    assert_eq!(image("demo-main-b"), world.images["0.1.0"]);
    assert_eq!(world.restarts.len(), 0);
    let told = "False RollWaiting: demo-main-a-0 is not restarted yet: a partition would fall under \
                min.insync.replicas";
    assert_eq!(world.told("Ready"), told);
    let status = world.cluster.status.clone().unwrap();
    let pending: Vec<_> = status
        .pending_updates
        .iter()
        .map(|it| it.stateful_set.as_str())
        .collect();
    assert_eq!(pending, ["demo-main-b", "demo-main-c"]);
    assert_eq!(status.disruption.unwrap().target, "demo-main-a-0");
}

#[test]
fn the_next_broker_waits_until_the_last_one_has_caught_up() {
    let mut world = settled(SPEC);
    world.change(&SPEC.replace("0.1.0", "0.2.0"));
    world.behind.insert("demo-main-a-0".to_owned());
    while world.restarts.is_empty() {
        world.behind.clear();
        world.pass();
    }
    world.behind.insert("demo-main-a-0".to_owned());
    for _ in 0..10 {
        world.pass();
    }
    assert_eq!(world.restarts, ["demo-main-a-0"]);
    let disruption = world.cluster.status.clone().unwrap().disruption.unwrap();
    assert_eq!(disruption.reason, "waits until it is up: it is not ready");
    world.behind.clear();
    world.settle();
    assert_eq!(world.restarts.len(), 3);
    assert_eq!(world.cluster.status.clone().unwrap().disruption, None);
}

#[test]
fn a_config_that_running_brokers_refuse_holds_up_no_restart() {
    let mut world = settled(SPEC);
    let asked = SPEC.replace("'2'", "'2', log.retention.ms: soon");
    for refusal in [
        Outcome::NotYet("log.retention.ms: soon is no number".to_owned()),
        Outcome::Failed("the controller has moved".to_owned()),
    ] {
        world.restarts.clear();
        world.config_refusal = Some(refusal);
        let version = if world.image_of("demo-main-a-0") == world.images["0.1.0"] {
            "0.2.0"
        } else {
            "0.1.0"
        };
        world.change(&asked.replace("0.1.0", version));
        for _ in 0..30 {
            world.pass();
            assert!(!world.told("Ready").starts_with("True"));
        }
        assert_eq!(world.restarts.len(), 3);
    }
    let told = "False ApplyFailed: alter the cluster's config: the controller has moved";
    assert_eq!(world.told("Ready"), told);
    assert_eq!(world.requeue.as_secs(), 1);
}

#[test]
fn a_config_that_brokers_refuse_is_told_when_nothing_else_moves() {
    let mut world = settled(SPEC);
    world.config_refusal = Some(Outcome::NotYet("soon is no number".to_owned()));
    world.change(&SPEC.replace("'2'", "'2', log.retention.ms: soon"));
    world.pass();
    let told = "True InvalidConfig: the brokers refuse spec.config: soon is no number";
    assert_eq!(world.told("Stalled"), told);
    assert_eq!(world.requeue.as_secs(), 5, "it is not asked every second");
    world.behind.insert("demo-main-a-0".to_owned());
    world.pass();
    let told = "False PodsNotReady: 2 of 3 brokers are ready; demo-main-a-0: it is not ready; the \
                brokers refuse spec.config: soon is no number";
    assert_eq!(world.told("Ready"), told);
}

#[test]
fn a_bad_image_stops_at_one_broker_and_a_good_one_repairs_it() {
    let mut world = settled(SPEC);
    world.change(&SPEC.replace("0.1.0", "0.3.0"));
    for _ in 0..20 {
        world.pass();
    }
    assert_eq!(world.restarts, ["demo-main-a-0"]);
    let told = "False PodsNotReady: 2 of 3 brokers are ready; demo-main-a-0: ImagePullBackOff: no such image";
    assert_eq!(world.told("Ready"), told);
    world.change(&SPEC.replace("0.1.0", "0.2.0"));
    world.settle();
    let expected = [
        "demo-main-a-0",
        "demo-main-a-0",
        "demo-main-b-0",
        "demo-main-c-0",
    ];
    assert_eq!(world.restarts, expected);
}

#[test]
fn a_revert_goes_back_without_restarting_what_never_changed() {
    let mut world = settled(SPEC);
    world.change(&SPEC.replace("0.1.0", "0.3.0"));
    for _ in 0..20 {
        world.pass();
    }
    world.change(SPEC);
    world.settle();
    assert_eq!(world.restarts, ["demo-main-a-0", "demo-main-a-0"]);
    assert_eq!(world.image_of("demo-main-a-0"), world.images["0.1.0"]);
}

#[test]
fn a_newer_operator_restarts_nobody_until_it_is_approved() {
    let mut world = settled(SPEC);
    // The same version from another place: nothing that the user wrote has changed.
    let elsewhere = "mirror/broker@sha256:1".to_owned();
    world.images.insert("0.1.0".to_owned(), elsewhere.clone());
    for _ in 0..10 {
        world.pass();
    }
    assert_eq!(world.restarts.len(), 0);
    assert!(
        world.told("Ready").starts_with("True Ready"),
        "{}",
        world.told("Ready")
    );
    assert!(world.told("UpToDate").starts_with("False UpdatePending"));
    let hash = world.cluster.status.clone().unwrap().pending_updates[0]
        .hash
        .clone();
    world.change(&format!("{SPEC}  update: {{approve: {hash}}}\n"));
    world.settle();
    assert_eq!(world.restarts.len(), 3);
    assert_eq!(world.image_of("demo-main-c-0"), elsewhere);
}

#[test]
fn on_demand_waits_for_approval_also_of_what_the_spec_asks_for() {
    let on_demand = format!("{SPEC}  update: {{mode: OnDemand}}\n");
    let mut world = settled(&on_demand);
    let asked = on_demand.replace("0.1.0", "0.2.0");
    world.change(&asked);
    for _ in 0..10 {
        world.pass();
    }
    assert_eq!(world.restarts.len(), 0);
    let hash = world.cluster.status.clone().unwrap().pending_updates[0]
        .hash
        .clone();
    // What the spec asks for does not run.
    let told = format!(
        "False ApprovalNeeded: the spec asks for it; update.mode is OnDemand; to roll it out, set \
         spec.update.approve to {hash}"
    );
    assert_eq!(world.told("Ready"), told);
    assert_eq!(world.told("Reconciling").replace("True", "False"), told);
    world.change(&asked.replace("OnDemand", &format!("OnDemand, approve: {hash}")));
    world.settle();
    assert_eq!(world.restarts.len(), 3);
}

#[test]
fn an_outdated_broker_that_does_not_answer_is_not_stopped() {
    let mut world = settled(SPEC);
    world.change(&SPEC.replace("0.1.0", "0.2.0"));
    world.refusal = Some("no".to_owned());
    for _ in 0..5 {
        world.pass();
    }
    let (_, mut observed) = (world.pass(), world.observed.clone());
    observed.brokers.insert(
        "demo-main-a-0".to_owned(),
        Known::Unknown("timed out".to_owned()),
    );
    let record = Record::read(observed.config_maps.get("demo-approved"));
    let validated = validate(&world.cluster, &record, &observed, &world.images);
    let plan = plan(
        &world.cluster,
        &validated,
        &record,
        &observed,
        "",
        world.now,
    );
    assert_eq!(steps(&plan), "");
    let waiting: Vec<&str> = plan.report.waiting.iter().map(Waiting::reason).collect();
    assert_eq!(waiting, ["BrokerSilent", "RollWaiting"]);
}

#[test]
fn deleted_children_come_back_as_they_were_approved() {
    let mut world = settled(SPEC);
    world.observed.stateful_sets.remove("demo-main-b");
    world.observed.services.remove("demo-bootstrap");
    world
        .observed
        .config_maps
        .retain(|name, _| !name.starts_with("demo-main-c-config"));
    world.observed.certificates.remove("demo-main-a-tls");
    world.observed.budgets.clear();
    world.settle();
    assert_eq!(world.restarts.len(), 0);
    assert_eq!(world.observed.budgets.len(), 3);
}

#[test]
fn a_lost_record_restarts_nobody() {
    let mut world = settled(SPEC);
    world.observed.config_maps.remove("demo-approved");
    world.settle();
    assert_eq!(world.restarts.len(), 0);
    assert!(world.observed.config_maps.contains_key("demo-approved"));
}

#[test]
fn a_lost_identity_is_rebuilt_from_the_brokers() {
    let mut world = settled(SPEC);
    let before = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    world.observed.config_maps.remove("demo-identity");
    world.settle();
    let after = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    assert_eq!(before, after);
}

#[test]
fn a_lost_identity_is_never_made_anew_while_volumes_hold_data() {
    let mut world = settled(SPEC);
    let before = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    world.observed.config_maps.remove("demo-identity");
    world.observed.stateful_sets.clear();
    world.observed.pods.clear();
    world.pass();
    // Nobody can say who the voters are, so nobody new is given the identity.
    let from_volumes = Identity {
        voters: Vec::new(),
        ..before.clone()
    };
    let after =
        |world: &World| Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    assert_eq!(after(&world), from_volumes);
    world.settle();
    assert_eq!(after(&world), before);
}

#[test]
fn an_identity_is_not_guessed_when_volumes_contradict_each_other() {
    let mut world = settled(SPEC);
    world.observed.config_maps.remove("demo-identity");
    let volume = world
        .observed
        .volumes
        .get_mut("data-demo-main-b-0")
        .unwrap();
    let labels = volume.metadata.labels.get_or_insert_default();
    labels.insert(
        crate::names::CLUSTER_ID_LABEL.to_owned(),
        "another".to_owned(),
    );
    let plan = world.pass();
    assert!(
        !plan
            .steps
            .iter()
            .any(|it| matches!(it, Step::WriteIdentity { .. }))
    );
    assert!(
        world
            .told("Ready")
            .starts_with("False IdentityLost: ConfigMap demo-identity is gone")
    );
}

#[test]
fn an_identity_that_was_lost_with_a_bad_image_does_not_hold_up_the_repair() {
    let single = "\n  version: 0.1.0\n  pools: [{name: main, replicas: 1, storage: {size: 1Gi}}]\n";
    let mut world = settled(single);
    world.change(&single.replace("0.1.0", "0.3.0"));
    for _ in 0..5 {
        world.pass();
    }
    world.observed.config_maps.remove("demo-identity");
    world.pass();
    world.change(single);
    world.settle();
}

#[test]
fn an_identity_can_be_remade_until_it_is_sealed() {
    let mut world = World::new(SPEC);
    world.pass();
    let before = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    world.observed.config_maps.remove("demo-identity");
    world.settle();
    let after = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    assert_ne!(before.cluster_id, after.cluster_id);
    for certificates in world.observed.certificates.values() {
        for it in certificates.by_pod.values() {
            assert_eq!(it.organisation.as_ref(), Some(&after.cluster_id));
        }
    }
}

#[test]
fn a_cluster_without_its_data_begins_anew_as_it_is_told() {
    let mut world = settled(SPEC);
    let before = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    let pods = ["demo-main-a-0", "demo-main-b-0", "demo-main-c-0"];
    pods.iter().for_each(|it| world.wipe_volume(it));
    world.pass();
    let told = world.told("Stalled");
    assert!(
        told.ends_with(
            "delete the PersistentVolumeClaims (data-demo-main-a-0, data-demo-main-b-0, \
             data-demo-main-c-0) together with their pods, and then ConfigMap demo-identity"
        ),
        "{told}"
    );
    pods.iter().for_each(|it| world.lose_volume(it));
    world.pass();
    world.observed.config_maps.remove("demo-identity");
    world.settle();
    let after = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    assert_ne!(before.cluster_id, after.cluster_id);
    assert_eq!(before.node_ids, after.node_ids);
}

#[test]
fn a_cluster_that_is_made_again_keeps_the_authority_of_the_one_before() {
    let mut world = settled(SPEC);
    world.cluster.metadata.uid = Some("uid-of-demo-again".to_owned());
    assert!(steps(&world.pass()).starts_with("adopt the certificate authority\n"));
    // Kubernetes takes away what still belongs to the Cluster before.
    let authority = world.observed.authority.as_ref().and_then(Known::known);
    assert_eq!(authority.unwrap().owners.len(), 1);
    assert_eq!(authority.unwrap().owners[0].uid, "uid-of-demo-again");
    world.observed.certificates.clear();
    world.settle();
    assert_eq!(world.restarts.len(), 0);
}

#[test]
fn an_authority_of_somebody_elses_is_left_to_them() {
    let mut world = settled(SPEC);
    let Some(Known::Known(authority)) = &mut world.observed.authority else {
        panic!("there is none")
    };
    authority.owners[0].kind = "Certificate".to_owned();
    authority.owners[0].uid = "theirs".to_owned();
    assert_eq!(steps(&world.pass()), "");
}

#[test]
fn a_broken_authority_is_told_and_nothing_is_issued_from_it() {
    let mut world = settled(SPEC);
    world.observed.authority = Some(Known::Unknown("it has no `ca.key` in PEM".to_owned()));
    world.observed.certificates.remove("demo-main-a-tls");
    assert_eq!(steps(&world.pass()), "");
    assert_eq!(
        world.told("Stalled"),
        "True AuthorityBroken: Secret demo-ca cannot be used: it has no `ca.key` in PEM; restore it, \
         or delete it and the Secrets *-tls of the Cluster, to let a new authority be made"
    );
}

#[test]
fn what_could_not_be_read_is_not_told_as_if_it_held() {
    let world = settled(SPEC);
    let status = unread(&world.cluster, "secrets is forbidden", world.now);
    let told: Vec<String> = status
        .conditions
        .iter()
        .map(|it| format!("{}={} {}", it.type_, it.status, it.reason))
        .collect();
    let expected = [
        "Ready=Unknown ReadFailed",
        "Reconciling=True ReadFailed",
        "Stalled=False ReadFailed",
        "Available=Unknown ReadFailed",
        "UpToDate=Unknown ReadFailed",
    ];
    assert_eq!(told, expected);
    assert_eq!(status.cluster_id, world.cluster.status.unwrap().cluster_id);
}

#[test]
fn a_lost_volume_does_not_bring_the_old_voter_back() {
    let mut world = settled(SPEC);
    let before = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    world.lose_volume("demo-main-b-0");
    world.settle();
    let after = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    assert_eq!(before, after, "the first voters stay what they were");
}

#[test]
fn when_all_disks_are_gone_a_person_is_asked() {
    let mut world = settled(SPEC);
    for pod in ["demo-main-a-0", "demo-main-b-0", "demo-main-c-0"] {
        world.lose_volume(pod);
    }
    for _ in 0..5 {
        let plan = world.pass();
        assert!(
            !plan
                .steps
                .iter()
                .any(|it| matches!(it, Step::Bootstrap { .. }))
        );
    }
    assert!(
        world
            .told("Stalled")
            .starts_with("True VolumesGone: every volume is empty")
    );
}

#[test]
fn a_lost_authority_is_not_remade_by_itself() {
    let mut world = settled(SPEC);
    world.observed.authority = None;
    assert_eq!(steps(&world.pass()), "");
    assert!(
        world
            .told("Stalled")
            .starts_with("True AuthorityMissing: Secret demo-ca is gone")
    );
    world.observed.certificates.clear();
    world.settle();
    assert_eq!(world.restarts.len(), 0);
}

#[test]
fn certificates_are_renewed_after_two_thirds_of_their_life() {
    let mut world = settled(SPEC);
    world.now += jiff::SignedDuration::from_hours(59 * 24);
    assert_eq!(steps(&world.pass()), "");
    world.now += jiff::SignedDuration::from_hours(2 * 24);
    let expected = ["a", "b", "c"].map(|it| format!("issue certificates in demo-main-{it}-tls"));
    assert_eq!(steps(&world.pass()), expected.join("\n"));
    assert_eq!(steps(&world.pass()), "");
}

#[track_caller]
fn check_refused(from: &str, to: &str, expected: Expect) {
    let mut world = settled(SPEC);
    let before = world.observed.stateful_sets.clone();
    world.change(&SPEC.replace(from, to));
    let plan = world.pass();
    assert_eq!(steps(&plan), "", "a refused spec changes nothing");
    assert_eq!(world.observed.stateful_sets, before);
    expected.assert_eq(&world.told("Stalled"));
    // What runs is still looked after.
    world.observed.stateful_sets.remove("demo-main-b");
    world.observed.services.remove("demo-bootstrap");
    world.observed.service_accounts.clear();
    let expected = [
        "apply ServiceAccount demo-broker",
        "apply Service demo-bootstrap",
        "apply StatefulSet demo-main-b",
    ];
    assert_eq!(steps(&world.pass()), expected.join("\n"));
    world.now += jiff::SignedDuration::from_hours(61 * 24);
    let expected = ["a", "b", "c"].map(|it| format!("issue certificates in demo-main-{it}-tls"));
    assert_eq!(steps(&world.pass()), expected.join("\n"));
    world.behind.insert("demo-main-b-0".to_owned());
    world.pass();
    world.pass();
    assert_eq!(open_budgets(&world), ["demo-zone-b"]);
    world.lose_volume("demo-main-c-0");
    world.pass();
    assert_eq!(steps(&world.pass()), "label data-demo-main-c-0");
    assert_eq!(world.restarts.len(), 0);
    assert_eq!(
        world.observed.stateful_sets.keys().collect::<Vec<_>>(),
        before.keys().collect::<Vec<_>>()
    );
}

#[test]
fn trouble_is_told_behind_a_refusal() {
    let mut world = settled(SPEC);
    world.change(&SPEC.replace("0.1.0", "9.9.9"));
    world.observed.authority = None;
    world.pass();
    let told = world.told("Stalled");
    assert!(told.starts_with("True UnknownVersion: "), "{told}");
    assert!(
        told.contains("; meanwhile Secret demo-ca is gone"),
        "{told}"
    );
}

#[test]
fn certificates_are_renewed_while_the_identity_cannot_be_read() {
    let mut world = settled(SPEC);
    let identity = world.observed.config_maps.get_mut("demo-identity").unwrap();
    identity.data = None;
    world.now += jiff::SignedDuration::from_hours(61 * 24);
    world.observed.services.remove("demo-bootstrap");
    let expected = ["a", "b", "c"].map(|it| format!("issue certificates in demo-main-{it}-tls"));
    let expected = expected.join("\n") + "\napply Service demo-bootstrap";
    assert_eq!(steps(&world.pass()), expected);
    assert_eq!(steps(&world.pass()), "");
    let told = world.told("Stalled");
    assert!(told.starts_with("True IdentityUnreadable"), "{told}");
    assert_eq!(world.restarts.len(), 0);
}

fn open_budgets(world: &World) -> Vec<String> {
    let budgets = world.observed.budgets.iter();
    let open = budgets.filter(|(_, it)| {
        let value = it.spec.as_ref().unwrap().max_unavailable.clone().unwrap();
        value != k8s_openapi::apimachinery::pkg::util::intstr::IntOrString::Int(0)
    });
    open.map(|(name, _)| name.clone()).collect()
}

#[test]
fn a_refused_change_touches_nothing_and_says_the_remedy() {
    check_refused(
        "0.1.0",
        "9.9.9",
        expect![
            "True UnknownVersion: the operator has no image for version 9.9.9: use one of 0.1.0, 0.2.0, 0.3.0, or add it to the chart's brokerImages"
        ],
    );
    check_refused(
        "replicas: 3",
        "replicas: 5",
        expect![
            "True NotSupported: changing the number of brokers of demo-main-a from 1 to 2 is not supported yet: put the replicas of pool main back"
        ],
    );
    check_refused(
        "[a, b, c]",
        "[a, b, c], roles: [broker]",
        expect![
            "True ControllerCount: 0 brokers have the role controller: give it to pools with 1, 3 or 5 replicas in all"
        ],
    );
    check_refused(
        "[a, b, c]",
        "[a, b, c], roles: [controller]",
        expect![
            "True NotSupported: pool main of controllers that hold no partitions is not supported yet: add the role broker to the pool"
        ],
    );
    check_refused(
        "10Gi",
        "20Gi",
        expect![
            "True NotSupported: changing the storage of pool main is not supported yet: put size 10Gi back"
        ],
    );
    check_refused(
        "'2'",
        "'4'",
        expect![
            "True InvalidConfig: config min.insync.replicas: 4 in-sync replicas cannot be had from 3 brokers, so nothing could be written with acks=all: use at most 3"
        ],
    );
    check_refused(
        "'2'",
        "two",
        expect![
            "True InvalidConfig: config min.insync.replicas: `two` is not a number of replicas: use 1 or more"
        ],
    );
    check_refused(
        "name: main",
        "name: other",
        expect![
            "True NotSupported: taking away the brokers of demo-main-a is not supported yet: put pool main and its zones back as they were"
        ],
    );
    let more = "- {name: more, roles: [broker], replicas: 1, storage: {size: 1Gi}}\n  config:";
    check_refused(
        "config:",
        more,
        expect![
            "True NotSupported: adding brokers (demo-more) to a cluster is not supported yet: put the pools and zones back as they were"
        ],
    );
    let bad = "[a, b, c], template: {tolerations: [{key: 5}]}";
    check_refused(
        "[a, b, c]",
        bad,
        expect![
            "True InvalidTemplate: pool main: template.tolerations is not what a pod takes: invalid type: integer `5`, expected a string"
        ],
    );
    let bad = "[a, b, c], template: {affinity: {podAntiAfinity: {}}}";
    check_refused(
        "[a, b, c]",
        bad,
        expect![
            "True InvalidTemplate: pool main: template.affinity is not what a pod takes: there is no field podAntiAfinity"
        ],
    );
    let bad = "[a, b, c], template: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: x, \
               whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabel: {app: x}}}]}";
    check_refused(
        "[a, b, c]",
        bad,
        expect![
            "True InvalidTemplate: pool main: template.topologySpreadConstraints is not what a pod takes: there is no field 0.labelSelector.matchLabel"
        ],
    );
}

#[test]
fn a_template_that_a_pod_takes_is_followed_whole() {
    let good = "[a, b, c], template: {tolerations: [{key: x, operator: Exists, value: null}], \
                affinity: {podAntiAffinity: {}, nodeAffinity: \
                {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: \
                [{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]}}}}";
    let world = settled(&SPEC.replace("[a, b, c]", good));
    let spec = world.observed.stateful_sets["demo-main-a"]
        .spec
        .clone()
        .unwrap();
    let affinity = spec.template.spec.unwrap().affinity.unwrap();
    assert!(affinity.node_affinity.is_some());
    assert!(affinity.pod_anti_affinity.is_some());
}

#[test]
fn one_zone_is_open_to_evictions_and_it_is_the_one_that_is_being_emptied() {
    let mut world = settled(SPEC);
    assert_eq!(open_budgets(&world), ["demo-zone-a"]);
    world
        .observed
        .cordoned_nodes
        .insert("node-of-demo-main-c-0".to_owned());
    world.settle();
    assert_eq!(open_budgets(&world), ["demo-zone-c"]);
    // A broker is down elsewhere: its zone alone may lose what it has already lost.
    world.behind.insert("demo-main-b-0".to_owned());
    world.pass();
    assert_eq!(
        open_budgets(&world).len(),
        0,
        "one is closed before another opens"
    );
    world.pass();
    assert_eq!(open_budgets(&world), ["demo-zone-b"]);
}

#[test]
fn no_zone_but_that_of_the_broker_that_is_restarted_is_open_to_evictions() {
    let mut world = settled(SPEC);
    world.change(&SPEC.replace("0.1.0", "0.2.0"));
    for _ in 0..30 {
        let seen = open_budgets(&world);
        let before = world.restarts.len();
        world.pass();
        if let Some(pod) = world.restarts.get(before) {
            let own = pod.replace("demo-main-", "demo-zone-").replace("-0", "");
            assert!(seen.is_empty() || seen == [own.clone()], "{pod}: {seen:?}");
            assert_eq!(open_budgets(&world), [own]);
        }
    }
    assert_eq!(world.restarts.len(), 3);
}

#[test]
fn a_restart_that_waits_closes_no_zone_to_whoever_empties_another() {
    let mut world = settled(SPEC);
    world.refusal = Some("orders-0 would fall under min.insync.replicas".to_owned());
    world.change(&SPEC.replace("0.1.0", "0.2.0"));
    for _ in 0..6 {
        world.pass();
    }
    assert_eq!(open_budgets(&world), ["demo-zone-a"]);
    let node = "node-of-demo-main-c-0".to_owned();
    world.observed.cordoned_nodes.insert(node.clone());
    world.refusal = None;
    for _ in 0..4 {
        world.pass();
    }
    assert_eq!(open_budgets(&world), ["demo-zone-c"]);
    let told = world.told("Ready");
    assert!(
        told.contains("is emptying node node-of-demo-main-c-0"),
        "{told}"
    );
    assert_eq!(world.restarts.len(), 0);
    world.observed.cordoned_nodes.remove(&node);
    world.settle();
    assert_eq!(world.restarts.len(), 3);
}

const DELETE: &str = "
  version: 0.1.0
  pools:
  - {name: main, replicas: 1, storage: {size: 10Gi}}
  deletionPolicy: Delete
";

#[test]
fn delete_takes_brokers_then_volumes_then_the_identity() {
    let mut world = settled(DELETE);
    let deleted = "2026-01-01T00:00:00Z".parse().unwrap();
    world.cluster.metadata.deletion_timestamp = Some(
        k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(deleted),
    );
    let done: Vec<String> = (0..4).map(|_| steps(&world.pass())).collect();
    let expected = [
        "delete StatefulSet demo-main",
        "delete data-demo-main-0",
        "delete the identity\nrelease the finalizer",
        "",
    ];
    assert_eq!(done, expected);
}

#[test]
fn deletion_does_not_hold_up_a_namespace_and_retain_has_no_finalizer() {
    let world = settled(SPEC);
    assert_eq!(world.cluster.metadata.finalizers, None);
    let mut world = settled(DELETE);
    world.observed.is_namespace_terminating = true;
    let deleted = "2026-01-01T00:00:00Z".parse().unwrap();
    world.cluster.metadata.deletion_timestamp = Some(
        k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(deleted),
    );
    assert_eq!(steps(&world.pass()), "release the finalizer");
}

#[test]
fn a_plan_that_breaks_a_rule_is_found() {
    let world = settled(SPEC);
    let restart = Step::Restart(Restart {
        pod: "demo-main-a-0".to_owned(),
        uid: String::new(),
        consent: Consent::NothingToLose,
    });
    let fault = |steps: Vec<Step>| {
        let plan = Plan {
            steps,
            ..Plan::default()
        };
        check(&world.cluster, &world.observed, &plan).unwrap_err()
    };
    assert_eq!(
        fault(vec![restart.clone(), restart.clone()]),
        Fault::TwoRestarts
    );
    assert_eq!(
        fault(vec![restart.clone(), Step::AddFinalizer]),
        Fault::RestartNotLast
    );
    let mut other = restart.clone();
    if let Step::Restart(it) = &mut other {
        it.pod = "demo-main-b-0".to_owned();
    }
    assert_eq!(fault(vec![other]), Fault::RestartsBesideOpenZone);
    let mut budget = world.observed.budgets["demo-zone-a"].clone();
    budget.metadata.name = Some("demo-zone-b".to_owned());
    let labels = budget.spec.as_mut().and_then(|it| it.selector.as_mut());
    let labels = labels.and_then(|it| it.match_labels.as_mut()).unwrap();
    labels.insert(crate::names::ZONE_LABEL.to_owned(), "b".to_owned());
    let manifest = Manifest::Budget(budget);
    let open = Step::Apply {
        manifest,
        is_new: false,
    };
    assert_eq!(fault(vec![open]), Fault::OpensTwoZones);
    let volume = Step::DeleteVolume {
        claim: String::new(),
        uid: String::new(),
    };
    assert_eq!(fault(vec![volume]), Fault::DeletesData);
    assert_eq!(fault(vec![Step::DeleteIdentity]), Fault::DeletesData);
    let mut identity = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
    let names = crate::names::Names::new("demo", "shop");
    identity.cluster_id = "another".to_owned();
    let config_map = identity.config_map(&names);
    let write = Step::WriteIdentity {
        config_map,
        resource_version: None,
    };
    assert_eq!(fault(vec![write]), Fault::ChangesIdentity);
    let bootstrap = Step::Bootstrap {
        pod: String::new(),
        node_id: 0,
        directory_id: String::new(),
        cluster_id: "another".to_owned(),
        voters: Vec::new(),
        durability: crds::Durability::Fsync,
    };
    assert_eq!(fault(vec![bootstrap]), Fault::BootstrapsUnwritten);
}

#[test]
fn the_stateful_set_is_as_reviewed() {
    let world = settled(SPEC);
    let set = serde_yaml::to_string(&world.observed.stateful_sets["demo-main-a"].spec).unwrap();
    expect_test::expect_file!["tests/stateful_set.yaml"].assert_eq(&set);
    let files = world
        .observed
        .config_maps
        .iter()
        .find(|(it, _)| it.starts_with("demo-main-a-config"));
    let file = &files.unwrap().1.data.as_ref().unwrap()["demo-main-a-0.yaml"];
    expect_test::expect_file!["tests/broker.yaml"].assert_eq(file);
}

/// A shape of a cluster: pools with their replicas and zones.
fn shapes() -> impl Strategy<Value = String> {
    let brokers = prop::option::of((1_u32..6, 0_usize..4));
    (prop::sample::select(vec![1_u32, 3, 5]), any::<bool>(), brokers).prop_map(
        |(controllers, is_zoned, brokers)| {
            let zones = |count: usize| match count {
                0 => String::new(),
                count => format!(", zones: [{}]", ["a", "b", "c"][..count].join(", ")),
            };
            let n_zones = if is_zoned { 3.min(controllers as usize) } else { 0 };
            let first = format!(
                "  - {{name: main, replicas: {controllers}{}, storage: {{size: 1Gi}}}}\n",
                zones(n_zones)
            );
            let second = brokers.map(|(replicas, n_zones)| {
                let zones = zones(n_zones.min(replicas as usize));
                format!("  - {{name: more, roles: [broker], replicas: {replicas}{zones}, storage: {{size: 1Gi}}}}\n")
            });
            format!("\n  version: 0.1.0\n  pools:\n{first}{}", second.unwrap_or_default())
        },
    )
}

/// What somebody does to a cluster.
#[derive(Clone, Debug)]
enum Disturbance {
    DeletePod(prop::sample::Index),
    DeleteStatefulSet(prop::sample::Index),
    DeleteService(prop::sample::Index),
    DeleteConfigMap(prop::sample::Index),
    DeleteBudgets,
    DeleteCertificates(prop::sample::Index),
    Version(&'static str),
    Pass,
}

fn disturbances() -> impl Strategy<Value = Vec<Disturbance>> {
    let index = any::<prop::sample::Index>;
    let one = prop_oneof![
        index().prop_map(Disturbance::DeletePod),
        index().prop_map(Disturbance::DeleteStatefulSet),
        index().prop_map(Disturbance::DeleteService),
        index().prop_map(Disturbance::DeleteConfigMap),
        Just(Disturbance::DeleteBudgets),
        index().prop_map(Disturbance::DeleteCertificates),
        prop::sample::select(vec!["0.1.0", "0.2.0", "0.3.0"]).prop_map(Disturbance::Version),
        Just(Disturbance::Pass),
        Just(Disturbance::Pass),
    ];
    prop::collection::vec(one, 0..12)
}

fn disturb(world: &mut World, spec: &str, disturbance: Disturbance) {
    fn nth<V>(map: &std::collections::BTreeMap<String, V>, index: prop::sample::Index) -> String {
        if map.is_empty() {
            String::new()
        } else {
            map.keys().nth(index.index(map.len())).unwrap().clone()
        }
    }
    let observed = &mut world.observed;
    match disturbance {
        Disturbance::DeletePod(it) => drop(observed.pods.remove(&nth(&observed.pods, it))),
        Disturbance::DeleteStatefulSet(it) => {
            drop(
                observed
                    .stateful_sets
                    .remove(&nth(&observed.stateful_sets, it)),
            );
        }
        Disturbance::DeleteService(it) => {
            drop(observed.services.remove(&nth(&observed.services, it)))
        }
        Disturbance::DeleteConfigMap(it) => {
            // A pod whose files are gone cannot start; the world has no word for it.
            let name = nth(&observed.config_maps, it);
            if !name.contains("-config-") {
                observed.config_maps.remove(&name);
            }
        }
        Disturbance::DeleteBudgets => observed.budgets.clear(),
        Disturbance::DeleteCertificates(it) => {
            drop(
                observed
                    .certificates
                    .remove(&nth(&observed.certificates, it)),
            );
        }
        Disturbance::Version(it) => world.change(&spec.replace("0.1.0", it)),
        Disturbance::Pass => drop(world.pass()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is done to it, a cluster comes back by itself, keeps its identity, and then rests.
    #[test]
    fn a_disturbed_cluster_converges_and_rests(shape in shapes(), disturbances in disturbances()) {
        let mut world = settled(&shape);
        let before = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
        for disturbance in disturbances {
            let restarts = world.restarts.len();
            disturb(&mut world, &shape, disturbance);
            prop_assert!(world.restarts.len() <= restarts + 1);
        }
        world.change(&shape);
        world.settle();
        prop_assert_eq!(steps(&world.pass()), "");
        let after = Identity::read(&world.observed.config_maps["demo-identity"]).unwrap();
        prop_assert_eq!(before, after);
        prop_assert!(world.told("Ready").starts_with("True"));
    }
}
