//! Topics: a table of what is observed, and what is planned and told.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::*;

const SPEC: &str = "
apiVersion: tidemill.dev/v1alpha1
kind: Topic
metadata: {name: orders, namespace: shop, generation: 2}
spec: {clusterRef: {name: demo}, partitions: 6, replicas: 3, config: {retention.ms: '1000'}}
";

fn topic(yaml: &str) -> Topic {
    serde_yaml::from_str(yaml).unwrap()
}

/// The topic as its spec says.
fn view() -> TopicView {
    TopicView {
        topic_id: "id-1".to_owned(),
        partitions: 6,
        replicas: (3, 3),
        config: BTreeMap::from([("retention.ms".to_owned(), "1000".to_owned())]),
        is_empty: Some(false),
        ..TopicView::default()
    }
}

fn observed(view: Option<TopicView>) -> Observed {
    Observed {
        cluster: ClusterView::Reachable {
            brokers: 3,
            min_insync_replicas: 2,
        },
        topic: Known::Known(view),
        other_owner: None,
        is_namespace_terminating: false,
    }
}

fn text(topic: &Topic, observed: &Observed) -> String {
    let plan = plan(topic, observed);
    let outcomes: Vec<Outcome> = plan.steps.iter().map(|_| Outcome::Done).collect();
    let status = status(
        topic,
        observed,
        &plan,
        &outcomes,
        &Creation::NotAsked,
        Timestamp::UNIX_EPOCH,
    );
    let mut text = String::new();
    for step in &plan.steps {
        writeln!(text, "{step:?}").unwrap();
    }
    let ready = &status.conditions[0];
    write!(
        text,
        "Ready={} {}: {}",
        ready.status, ready.reason, ready.message
    )
    .unwrap();
    text
}

#[track_caller]
fn check(yaml: &str, observed: &Observed, expected: Expect) {
    expected.assert_eq(&text(&topic(yaml), observed));
}

fn owned(yaml: &str) -> String {
    format!("{yaml}status: {{topicId: id-1}}\n")
}

#[test]
fn a_missing_topic_is_created() {
    check(
        SPEC,
        &observed(None),
        expect![[r#"
            Validate { partitions: 6, replicas: 3, config: {"retention.ms": "1000"} }
            NoteCreation { request: "fe88e86b8c" }
            Create { partitions: 6, replicas: 3, config: {"retention.ms": "1000"} }
            Ready=False Progressing: created with 6 partitions of 3 replicas"#]],
    );
}

#[test]
fn a_topic_that_is_as_its_spec_needs_nothing() {
    let expected = "Ready=True Ready: the topic is as its spec";
    assert_eq!(
        text(&topic(&owned(SPEC)), &observed(Some(view()))),
        expected
    );
    // It was there before, and matches: adopted.
    assert_eq!(text(&topic(SPEC), &observed(Some(view()))), expected);
}

#[test]
fn drift_is_put_back_but_a_throttle_is_left_to_its_reassignment() {
    let mut drifted = view();
    drifted.config = BTreeMap::from(
        [
            ("retention.ms", "5"),
            ("segment.ms", "7"),
            (THROTTLES[0], "*"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    check(
        &owned(SPEC),
        &observed(Some(drifted)),
        expect![[r#"
            Alter { topic_id: "id-1", partitions: None, set: {"retention.ms": "1000"}, reset: ["segment.ms"] }
            Ready=False Progressing: retention.ms set to 1000, segment.ms set back to its default"#]],
    );
}

#[test]
fn partitions_are_raised_and_never_lowered() {
    let fewer = TopicView {
        partitions: 4,
        ..view()
    };
    check(
        &owned(SPEC),
        &observed(Some(fewer)),
        expect![[r#"
            Alter { topic_id: "id-1", partitions: Some(6), set: {}, reset: [] }
            Ready=False Progressing: partitions raised to 6"#]],
    );
    let more = TopicView {
        partitions: 8,
        ..view()
    };
    check(
        &owned(SPEC),
        &observed(Some(more)),
        expect![
            "Ready=False PartitionsShrink: the topic has 8 partitions and fewer would lose data: set partitions to 8 or more instead of 6"
        ],
    );
}

#[test]
fn what_cannot_be_is_refused_with_a_remedy() {
    let mut none = observed(None);
    none.cluster = ClusterView::Absent;
    check(
        SPEC,
        &none,
        expect![
            "Ready=False UnknownCluster: there is no Cluster demo in this namespace: create it, or make another Topic that names the right one"
        ],
    );
    check(
        &SPEC.replace("replicas: 3", "replicas: 4"),
        &observed(None),
        expect![
            "Ready=False NotEnoughBrokers: 4 replicas need as many brokers and the Cluster has 3: use at most 3"
        ],
    );
    check(
        &SPEC.replace("replicas: 3", "replicas: 1"),
        &observed(None),
        expect![
            "Ready=False InvalidConfig: min.insync.replicas is 2 and spec.replicas is 1, so nothing could be written with acks=all: set config min.insync.replicas to at most 1, or raise replicas"
        ],
    );
    check(
        &SPEC.replace("retention.ms: '1000'", "min.insync.replicas: two"),
        &observed(None),
        expect![
            "Ready=False InvalidConfig: min.insync.replicas is `two`: use a number from 1 to spec.replicas"
        ],
    );
    check(
        &owned(&SPEC.replace("replicas: 3", "replicas: 2")),
        &observed(Some(view())),
        expect![
            "Ready=False NotSupported: changing replicas from 3 to 2 is not supported yet: put replicas back to 3"
        ],
    );
    let mut twice = observed(None);
    twice.other_owner = Some(OtherOwner {
        name: "older".to_owned(),
        is_going: false,
    });
    check(
        SPEC,
        &twice,
        expect![
            "Ready=False NameTaken: Topic older already stands for this topic: delete one of the two, or set another topicName in a new one"
        ],
    );
}

#[test]
fn a_topic_that_was_there_before_is_adopted_as_the_spec_says() {
    let other = observed(Some(TopicView {
        partitions: 4,
        ..view()
    }));
    check(
        SPEC,
        &other,
        expect![
            "Ready=False NotAdopted: the topic was there before this object and has 4 partitions: change the spec to what it is, or set adoption to Always"
        ],
    );
    let never = SPEC.replace("partitions: 6", "partitions: 6, adoption: Never");
    check(
        &never,
        &observed(Some(view())),
        expect![
            "Ready=False NotAdopted: the topic was there before this object and adoption is Never: change the spec to what it is, or set adoption to Always"
        ],
    );
    let always = SPEC.replace("partitions: 6", "partitions: 6, adoption: Always");
    check(
        &always,
        &other,
        expect![[r#"
            Alter { topic_id: "id-1", partitions: Some(6), set: {}, reset: [] }
            Ready=False Progressing: partitions raised to 6"#]],
    );
}

/// The status after a pass in which every step was done but the last, which ended like this.
fn after(topic: &Topic, observed: &Observed, last: Outcome, creation: &Creation) -> TopicStatus {
    let plan = plan(topic, observed);
    let mut outcomes = vec![Outcome::Done; plan.steps.len()];
    if let Some(it) = outcomes.last_mut() {
        *it = last;
    }
    status(
        topic,
        observed,
        &plan,
        &outcomes,
        creation,
        Timestamp::UNIX_EPOCH,
    )
}

const NEVER: &str = "
apiVersion: tidemill.dev/v1alpha1
kind: Topic
metadata: {name: orders, namespace: shop, generation: 2}
spec: {clusterRef: {name: demo}, partitions: 6, replicas: 3, config: {retention.ms: '1000'}, adoption: Never}
";

/// The Topic after the answer to its creation was lost.
fn unanswered() -> Topic {
    let lost = Outcome::Failed("no answer".to_owned());
    let mut topic = topic(NEVER);
    topic.status = Some(after(&topic, &observed(None), lost, &Creation::Open));
    topic
}

#[test]
fn a_topic_whose_creation_was_not_answered_is_the_objects_own() {
    let topic = unanswered();
    let there = observed(Some(view()));
    let expected = "Ready=True Ready: the topic is as its spec";
    assert_eq!(text(&topic, &there), expected);
    let status = after(&topic, &there, Outcome::Done, &Creation::NotAsked);
    assert_eq!(
        (status.topic_id.as_deref(), status.creating),
        (Some("id-1"), None)
    );
    // It is asked for again without another note, and deleted with its object.
    let steps = plan(&topic, &observed(None)).steps;
    assert!(
        matches!(steps.as_slice(), [Step::Create { .. }]),
        "{steps:?}"
    );
    let mut ending = topic.clone();
    ending.spec.deletion_policy = TopicDeletionPolicy::Delete;
    ending.metadata = self::topic(&deleted("Delete")).metadata;
    let steps = format!("{:?}", plan(&ending, &there).steps);
    assert!(
        steps.starts_with(r#"[Delete { topic_id: "id-1""#),
        "{steps}"
    );
}

#[test]
fn a_spec_that_changes_while_an_answer_is_out_does_not_disown_the_topic() {
    let mut topic = unanswered();
    topic.spec.partitions = 7;
    let steps = format!("{:?}", plan(&topic, &observed(Some(view()))).steps);
    assert!(
        steps.starts_with(r#"[Alter { topic_id: "id-1", partitions: Some(7)"#),
        "{steps}"
    );
}

#[test]
fn a_topic_that_somebody_else_made_is_not_taken_for_the_one_that_was_asked_for() {
    let there = observed(Some(view()));
    let refused = "Ready=False NotAdopted";
    // It was made later: the brokers had refused what was asked for.
    let mut topic = topic(NEVER);
    let no = Outcome::NotYet("POLICY_VIOLATION".to_owned());
    let status = after(&topic, &observed(None), no.clone(), &Creation::Refused);
    assert_eq!(status.creating, None);
    topic.status = Some(status);
    assert!(text(&topic, &there).starts_with(refused));
    // It is not what was asked for.
    let topic = unanswered();
    let others = observed(Some(TopicView {
        partitions: 5,
        ..view()
    }));
    assert!(text(&topic, &others).starts_with(refused));
    let status = after(&topic, &others, Outcome::Done, &Creation::NotAsked);
    assert_eq!((status.topic_id, status.creating), (None, None));
    // The first request was not answered, and may have been carried out since the second was refused.
    let mut topic = unanswered();
    let again = after(&topic, &observed(None), no, &Creation::Refused);
    topic.status = Some(again);
    assert!(text(&topic, &there).starts_with("Ready=True"));
}

#[test]
fn a_topic_waits_for_the_end_of_another_that_may_delete_it() {
    let mut going = observed(Some(view()));
    going.other_owner = Some(OtherOwner {
        name: "older".to_owned(),
        is_going: true,
    });
    check(
        SPEC,
        &going,
        expect![
            "Ready=False OwnerDeleting: Topic older, which is being deleted, still stands for this topic and may delete it: this one follows when that has ended"
        ],
    );
    let status = after(&topic(SPEC), &going, Outcome::Done, &Creation::NotAsked);
    assert_eq!(status.topic_id, None);
    let stalled = status.conditions.iter().find(|it| it.type_ == "Stalled");
    assert_eq!(stalled.unwrap().status, "False");
}

#[test]
fn a_topic_that_was_not_adopted_does_not_become_the_objects_own() {
    let other = observed(Some(TopicView {
        partitions: 4,
        ..view()
    }));
    let topic = topic(SPEC);
    let plan = plan(&topic, &other);
    let status = status(
        &topic,
        &other,
        &plan,
        &[],
        &Creation::NotAsked,
        Timestamp::UNIX_EPOCH,
    );
    assert_eq!((status.topic_id, status.partitions), (None, None));
}

fn deleted(policy: &str) -> String {
    let metadata = "generation: 2, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [tidemill.dev/deletion-policy]";
    let policy = format!("partitions: 6, deletionPolicy: {policy}");
    owned(
        &SPEC
            .replace("generation: 2", metadata)
            .replace("partitions: 6", &policy),
    )
}

#[track_caller]
fn check_steps(yaml: &str, observed: &Observed, expected: &str) {
    let steps = plan(&topic(yaml), observed).steps;
    assert_eq!(format!("{steps:?}"), expected);
}

const RELEASED: &str = "[ReleaseFinalizer]";

#[test]
fn deletion_deletes_only_what_it_was_asked_to() {
    let full = observed(Some(view()));
    let empty = observed(Some(TopicView {
        is_empty: Some(true),
        ..view()
    }));
    let unknown = observed(Some(TopicView {
        is_empty: None,
        ..view()
    }));
    let again = observed(Some(TopicView {
        topic_id: "id-2".to_owned(),
        ..view()
    }));
    check_steps(&deleted("Retain"), &full, RELEASED);
    let delete = r#"[Delete { topic_id: "id-1", only_if_empty: false }, ReleaseFinalizer]"#;
    check_steps(&deleted("Delete"), &full, delete);
    check_steps(&deleted("DeleteIfEmpty"), &full, RELEASED);
    let if_empty = r#"[Delete { topic_id: "id-1", only_if_empty: true }, ReleaseFinalizer]"#;
    check_steps(&deleted("DeleteIfEmpty"), &empty, if_empty);
    check_steps(&deleted("DeleteIfEmpty"), &unknown, "[]");
    // Somebody made it again: another topic, not this object's.
    check_steps(&deleted("Delete"), &again, RELEASED);
    check_steps(&deleted("Delete"), &observed(None), RELEASED);
}

#[test]
fn deletion_never_hangs_on_what_is_going_itself() {
    let mut silent = observed(None);
    silent.topic = Known::Unknown("down".to_owned());
    silent.cluster = ClusterView::Unreachable("down".to_owned());
    check_steps(&deleted("Delete"), &silent, "[]");
    // It waits for the cluster, but not for ever if its owner cannot.
    let told = text(&topic(&deleted("Delete")), &silent);
    assert!(told.contains("set deletionPolicy to Retain"), "{told}");
    check_steps(&deleted("Retain"), &silent, RELEASED);
    silent.is_namespace_terminating = true;
    check_steps(&deleted("Delete"), &silent, RELEASED);
    silent.is_namespace_terminating = false;
    silent.cluster = ClusterView::Going;
    check_steps(&deleted("Delete"), &silent, RELEASED);
    silent.cluster = ClusterView::Absent;
    check_steps(&deleted("Delete"), &silent, RELEASED);
}

#[test]
fn a_finalizer_is_there_only_where_data_is_to_be_deleted() {
    let wants = owned(&SPEC.replace("partitions: 6", "partitions: 6, deletionPolicy: Delete"));
    check_steps(&wants, &observed(Some(view())), "[AddFinalizer]");
    let no_more = owned(&SPEC.replace(
        "generation: 2",
        "generation: 3, finalizers: [tidemill.dev/deletion-policy]",
    ));
    check_steps(&no_more, &observed(Some(view())), RELEASED);
}

#[test]
fn what_the_brokers_refuse_is_told_in_their_words() {
    let topic = topic(SPEC);
    let observed = observed(None);
    let plan = plan(&topic, &observed);
    let outcomes = [Outcome::NotYet("INVALID_CONFIG: retention.ms".to_owned())];
    let status = status(
        &topic,
        &observed,
        &plan,
        &outcomes,
        &Creation::NotAsked,
        Timestamp::UNIX_EPOCH,
    );
    let stalled = status
        .conditions
        .iter()
        .find(|it| it.type_ == "Stalled")
        .unwrap();
    assert_eq!(
        (stalled.status.as_str(), stalled.message.as_str()),
        ("True", "INVALID_CONFIG: retention.ms")
    );
}

#[test]
fn a_topic_that_waits_for_brokers_is_looked_at_again_before_long() {
    let mut few = observed(None);
    few.cluster = ClusterView::Reachable {
        brokers: 2,
        min_insync_replicas: 2,
    };
    let soon = plan(&topic(SPEC), &few).requeue;
    let at_rest = plan(&topic(&owned(SPEC)), &observed(Some(view()))).requeue;
    assert!(soon <= Duration::from_secs(5) && soon < at_rest);
}
