//! Topics: what is made, what is whose, what goes with its object.

use std::time::Duration;

use crds::{Cluster, ConsumerGroup, Topic};

use crate::lab::Lab;
use crate::{CLUSTER, GROUP, TOPIC};

const NEVER: &str = "partitions: 6, adoption: Never, deletionPolicy: Delete";

#[tokio::test]
async fn a_topic_is_its_objects_own_though_the_answer_to_its_creation_was_lost() {
    let lab = Lab::with_cluster(CLUSTER).await;
    lab.brokers.lose_answers(true);
    lab.apply::<Topic>(&TOPIC.replace("partitions: 6", NEVER))
        .await;
    lab.ready::<Topic>("orders", "True").await;
    let status = lab.get::<Topic>("orders").await.status.unwrap();
    let id = lab.brokers.topic("orders").unwrap().topic_id;
    assert_eq!((status.topic_id, status.creating), (Some(id), None));
    lab.delete::<Topic>("orders").await;
    lab.gone::<Topic>("orders").await;
    assert!(lab.brokers.topic("orders").is_none());
    lab.stop().await;
}

#[tokio::test]
async fn what_somebody_else_has_made_is_neither_taken_nor_deleted() {
    let lab = Lab::with_cluster(CLUSTER).await;
    lab.apply::<Topic>(TOPIC).await;
    lab.ready::<Topic>("orders", "True").await;
    lab.delete::<Topic>("orders").await;
    lab.gone::<Topic>("orders").await;
    // It is retained, and is nobody's now.
    lab.apply::<Topic>(&TOPIC.replace("partitions: 6", NEVER))
        .await;
    lab.told::<Topic>("orders", "NotAdopted").await;
    lab.delete::<Topic>("orders").await;
    lab.gone::<Topic>("orders").await;
    assert!(lab.brokers.topic("orders").is_some());
    lab.stop().await;
}

#[tokio::test]
async fn a_topic_does_not_follow_before_another_that_deletes_it_has_ended() {
    let lab = Lab::with_cluster(CLUSTER).await;
    let delete = TOPIC.replace("partitions: 6", "partitions: 6, deletionPolicy: Delete");
    lab.apply::<Topic>(&delete).await;
    lab.ready::<Topic>("orders", "True").await;
    let first = lab.brokers.topic("orders").unwrap().topic_id;
    lab.brokers.be_silent(true);
    lab.delete::<Topic>("orders").await;
    lab.told::<Topic>("orders", "ClusterUnreachable").await;
    let second = TOPIC
        .replace("name: orders", "name: again")
        .replace("partitions: 6", "topicName: orders, partitions: 6");
    lab.apply::<Topic>(&second).await;
    let told = lab.told::<Topic>("again", "OwnerDeleting").await;
    assert!(told.contains("Topic orders"), "{told}");
    lab.brokers.be_silent(false);
    lab.gone::<Topic>("orders").await;
    lab.ready::<Topic>("again", "True").await;
    let now = lab.brokers.topic("orders").unwrap().topic_id;
    assert_ne!(now, first);
    let status = lab.get::<Topic>("again").await.status.unwrap();
    assert_eq!(status.topic_id, Some(now));
    lab.stop().await;
}

#[tokio::test]
async fn partitions_shrink_only_where_none_are_lost() {
    let lab = Lab::start().await;
    let with = |n: u32| TOPIC.replace("partitions: 6", &format!("partitions: {n}"));
    // Nothing is there yet.
    lab.apply::<Topic>(&with(60)).await;
    lab.told::<Topic>("orders", "UnknownCluster").await;
    lab.apply::<Topic>(&with(6)).await;
    lab.apply::<Cluster>(CLUSTER).await;
    lab.ready::<Cluster>("demo", "True").await;
    lab.ready::<Topic>("orders", "True").await;
    let answer = lab.try_apply::<Topic>(&with(5)).await.unwrap_err();
    assert!(
        answer.to_string().contains("partitions cannot shrink"),
        "{answer}"
    );
    // What another topic of that name has can be taken over.
    lab.delete::<Topic>("orders").await;
    lab.gone::<Topic>("orders").await;
    lab.apply::<Topic>(&with(7)).await;
    let told = lab.told::<Topic>("orders", "NotAdopted").await;
    assert!(told.contains("has 6 partitions: change the spec"), "{told}");
    lab.apply::<Topic>(&with(6)).await;
    lab.ready::<Topic>("orders", "True").await;
    lab.stop().await;
}

#[tokio::test]
async fn another_operator_does_not_call_unreachable_what_it_has_not_asked_yet() {
    let mut lab = Lab::with_cluster(CLUSTER).await;
    lab.apply::<Topic>(TOPIC).await;
    lab.ready::<Topic>("orders", "True").await;
    lab.apply::<ConsumerGroup>(GROUP).await;
    lab.ready::<ConsumerGroup>("billing", "True").await;
    let before = lab.versions().await;
    for _ in 0..2 {
        lab.kill_operator().await;
        lab.start_operator().await;
        tokio::time::sleep(Duration::from_secs(4)).await;
    }
    assert_eq!(lab.versions().await, before);
    // It does look at them: what somebody changes is put back.
    lab.brokers.alter_topic("orders", |it| it.config.clear());
    lab.apply::<Topic>(&TOPIC.replace("partitions: 6", "partitions: 7"))
        .await;
    lab.until("seven partitions and the config", || async {
        let topic = lab.brokers.topic("orders").unwrap();
        topic.partitions == 7 && topic.config.len() == 1
    })
    .await;
    lab.stop().await;
}
