//! Consumer groups: what their status says.

use expect_test::{Expect, expect};

use super::*;

fn group(lag: &str) -> ConsumerGroup {
    let yaml = format!(
        "
apiVersion: tidemill.dev/v1alpha1
kind: ConsumerGroup
metadata: {{name: billing, namespace: shop, generation: 1}}
spec: {{clusterRef: {{name: demo}}, groupId: billing{lag}}}
"
    );
    serde_yaml::from_str(&yaml).unwrap()
}

fn partition(partition: i32, committed_offset: i64, end: Option<i64>) -> GroupPartition {
    GroupPartition {
        topic: "orders".to_owned(),
        partition,
        committed_offset,
        log_end_offset: end,
        waiting_seconds: Some(i64::from(partition)),
        client_id: String::new(),
    }
}

fn observed(partitions: Vec<GroupPartition>) -> Observed {
    let group = GroupView {
        state: "Stable".to_owned(),
        protocol: "range".to_owned(),
        members: 2,
        partitions,
    };
    let cluster = ClusterView::Reachable {
        brokers: 3,
        min_insync_replicas: 2,
    };
    Observed {
        cluster,
        group: Known::Known(group),
    }
}

#[track_caller]
fn check(lag: &str, observed: &Observed, expected: Expect) {
    let status = status(&group(lag), observed, Timestamp::UNIX_EPOCH);
    let conditions = status
        .conditions
        .iter()
        .map(|it| format!("{}={} {}", it.type_, it.status, it.message));
    expected.assert_eq(&conditions.collect::<Vec<_>>().join("\n"));
}

#[test]
fn lag_is_summed_and_the_worst_partitions_are_named() {
    let partitions = (0..12)
        .map(|it| partition(it, 10, Some(10 + i64::from(it))))
        .collect();
    let status = status(&group(""), &observed(partitions), Timestamp::UNIX_EPOCH);
    assert_eq!(
        status.lag,
        Some(Lag {
            total: 66,
            max: 11,
            max_seconds: Some(11)
        })
    );
    let worst: Vec<(i32, i64)> = status
        .partitions
        .iter()
        .map(|it| (it.partition, it.lag))
        .collect();
    assert_eq!(worst.len(), PARTITIONS_MAX);
    assert_eq!((worst[0], worst[9]), ((11, 11), (2, 2)));
}

#[test]
fn an_offset_past_the_end_and_an_unknown_end_are_no_lag() {
    let partitions = vec![partition(0, 10, Some(3)), partition(1, 10, None)];
    let status = status(&group(""), &observed(partitions), Timestamp::UNIX_EPOCH);
    assert_eq!(status.lag.map(|it| (it.total, it.max)), Some((0, 0)));
}

#[test]
fn the_limit_is_a_condition_of_its_own() {
    let behind = observed(vec![partition(7, 0, Some(100))]);
    check(
        ", lag: {max: 100}",
        &behind,
        expect![[r#"
        Ready=True the group is Stable with 2 members
        Reconciling=False 
        Stalled=False 
        LagWithinLimit=True "#]],
    );
    check(
        ", lag: {max: 99}",
        &behind,
        expect![[r#"
        Ready=True the group is Stable with 2 members
        Reconciling=False 
        Stalled=False 
        LagWithinLimit=False 100 records wait in one partition, at most 99"#]],
    );
    check(
        ", lag: {maxSeconds: 6}",
        &behind,
        expect![[r#"
        Ready=True the group is Stable with 2 members
        Reconciling=False 
        Stalled=False 
        LagWithinLimit=False a record has waited for 7 s, at most 6"#]],
    );
}

#[test]
fn a_lag_that_is_not_known_is_not_called_small() {
    let one_is_silent = observed(vec![partition(0, 0, Some(5)), partition(1, 0, None)]);
    let last = |lag: &str, observed: &Observed| {
        let status = status(&group(lag), observed, Timestamp::UNIX_EPOCH);
        let told = status.conditions.last().unwrap().clone();
        format!("{} {}: {}", told.status, told.reason, told.message)
    };
    let expected = "Unknown LagUnknown: of 1 partitions no leader says where their log ends";
    assert_eq!(last(", lag: {max: 9}", &one_is_silent), expected);
    // What is known suffices.
    let told = last(", lag: {max: 4}", &one_is_silent);
    assert!(told.starts_with("False LagAboveLimit"), "{told}");
    let untimed = GroupPartition {
        waiting_seconds: None,
        ..partition(0, 0, Some(5))
    };
    let untimed = observed(vec![untimed]);
    let told = last(", lag: {maxSeconds: 9}", &untimed);
    assert!(told.starts_with("Unknown LagUnknown"), "{told}");
    let told = last(", lag: {max: 9}", &untimed);
    assert!(told.starts_with("True"), "{told}");
}

#[test]
fn what_was_seen_last_stays_while_nobody_answers() {
    let mut group = group(", lag: {max: 99}");
    let seen = status(
        &group,
        &observed(vec![partition(0, 0, Some(5))]),
        Timestamp::UNIX_EPOCH,
    );
    group.status = Some(seen);
    let silent = Observed {
        cluster: ClusterView::Unreachable("down".to_owned()),
        group: Known::Unknown("down".to_owned()),
    };
    let status = status(&group, &silent, Timestamp::UNIX_EPOCH);
    assert_eq!(status.lag.map(|it| it.total), Some(5));
    let told: Vec<_> = status
        .conditions
        .iter()
        .map(|it| (it.type_.as_str(), it.status.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("Ready", "False"),
            ("Reconciling", "True"),
            ("Stalled", "False"),
            ("LagWithinLimit", "Unknown")
        ]
    );
}

#[test]
fn a_group_that_nothing_is_known_of_is_looked_at_sooner() {
    let mut unknown = observed(Vec::new());
    let known = requeue(&unknown);
    unknown.group = Known::Unknown("no broker answers".to_owned());
    assert!(requeue(&unknown) < known);
}
