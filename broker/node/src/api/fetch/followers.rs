//! A fetch of a follower in a session: only what is new is asked, looked at and answered.
//!
//! In: a follower's request. Out: its answer. Never here: consumers, and followers without a session.

use std::sync::{Arc, PoisonError};

use broker_types::{BrokerEpoch, BrokerId, Monotonic, TopicPartition};
use broker_wire::messages::FetchRequest;

use super::read::{Fetch, Partition, Reader, record};
use super::{error_response, respond, session};
use crate::connection::Handled;
use crate::fetch_sessions::{PartitionKey, TopicKey};
use crate::follower_sessions::{FollowerRequest, FollowerSessions, Looked, Opened};
use crate::node::Node;
use crate::race::race;
use crate::world::{FileOf, World};

fn with_sessions<W: World, T>(node: &Node<W>, work: impl FnOnce(&mut FollowerSessions) -> T) -> T {
    let sessions = node.follower_sessions.lock();
    work(&mut sessions.unwrap_or_else(PoisonError::into_inner))
}

/// What a follower is to be told of, whether it must be told now, and what has been looked at.
struct Told<W: World> {
    news: Vec<Partition<W>>,
    looked: Vec<Looked>,
    must_be_told: bool,
}

pub(super) async fn handle<W: World>(
    node: &Arc<Node<W>>,
    replica: (BrokerId, BrokerEpoch),
    request: FetchRequest,
    deadline: Monotonic,
) -> Handled<FileOf<W>> {
    let fields = session(&request, true);
    let asked = FollowerRequest {
        follower: replica.0,
        session_id: fields.session_id,
        session_epoch: fields.session_epoch,
        wanted: fields
            .wanted
            .into_iter()
            .filter_map(|(key, wanted)| Some((id(&key)?, wanted)))
            .collect(),
        forgotten: fields.forgotten.iter().filter_map(id).collect(),
    };
    let random = node.world.random();
    let opened = match with_sessions(node, |it| it.begin(asked, random)) {
        Ok(opened) => opened,
        Err(error) => return error_response(error),
    };
    loop {
        let told = look(node, replica, &opened, &request).await;
        if !told.must_be_told && node.world.now() < deadline {
            race(opened.waiter.woken(), node.world.sleep_until(deadline)).await;
            continue;
        }
        let served = told.news.iter().filter(|it| it.length() > 0);
        let served_last = served.last().and_then(|it| id(&it.key));
        with_sessions(node, |it| it.answered(&opened, &told.looked, served_last));
        record(node, &told.news);
        let (response, files) = respond(opened.session_id, told.news, true);
        return Handled::WithFiles {
            response: response.into(),
            files,
        };
    }
}

/// One look at all that is due. What is quiet wakes the session from now on.
async fn look<W: World>(
    node: &Arc<Node<W>>,
    replica: (BrokerId, BrokerEpoch),
    opened: &Opened,
    request: &FetchRequest,
) -> Told<W> {
    let due = with_sessions(node, |it| it.due(opened));
    let wanted = due.into_iter().map(|(it, wanted)| (key(it), wanted));
    let max_bytes = request.max_bytes.clamp(0, super::BYTES_MAX);
    let fetch = Fetch {
        replica: Some(replica),
        may_follow: false,
        nearby: None,
        min_bytes: request.min_bytes.min(max_bytes),
        max_bytes,
        wanted: wanted.collect(),
    };
    let reader = Reader {
        node,
        fetch: &fetch,
    };
    let read = reader.read().await;
    let looked: Vec<Looked> = read.iter().filter_map(looked).collect();
    assert!(looked.len() == read.len(), "a session names topics by id");
    let is_news = with_sessions(node, |it| it.looked(opened, &looked));
    reader.watch_quiet(&read, &opened.waiter);
    let has_enough = super::is_enough(&read, &fetch);
    let news = read
        .into_iter()
        .zip(is_news)
        .filter(|(_, is_news)| *is_news);
    let news: Vec<Partition<W>> = news.map(|(it, _)| it).collect();
    let is_told_without_records = |it: &Partition<W>| it.length() == 0;
    Told {
        must_be_told: has_enough || news.iter().any(is_told_without_records),
        news,
        looked,
    }
}

fn looked<W: World>(read: &Partition<W>) -> Option<Looked> {
    Some(Looked {
        partition: id(&read.key)?,
        bounds: read.bounds(),
        has_word: read.length() > 0 || read.must_be_told(),
        is_quiet: read.is_quiet(),
    })
}

fn key(id: TopicPartition) -> PartitionKey {
    PartitionKey {
        topic: TopicKey::Id(id.topic_id),
        partition: id.partition,
    }
}

fn id(key: &PartitionKey) -> Option<TopicPartition> {
    match key.topic {
        TopicKey::Id(topic_id) => Some(TopicPartition {
            topic_id,
            partition: key.partition,
        }),
        TopicKey::Name(_) => None,
    }
}
