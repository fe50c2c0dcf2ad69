//! Starting a node: its disk opened, its threads begun; and stopping it in good order.
//!
//! In: a world, a configuration, a formatted data directory. Out: a running [`Node`].
//! Never here: formatting, sockets, signals.

use std::sync::Arc;

use broker_log::OpenFiles;
use broker_metadata::{ConfigResource, Image};
use broker_raft::{Config as QuorumConfig, Endpoint, Quorum, ReplicaKey, Timeouts};
use broker_types::Offset;
use bytes::Bytes;
use futures::StreamExt;
use futures::channel::{mpsc, oneshot};

use crate::cleaner;
use crate::groups::{self, Groups};
use crate::lifecycle;
use crate::node::{Config, Node};
use crate::quorum::driver::apply::image_of;
use crate::quorum::driver::{self, Driver, Me, Opened, Shared};
use crate::quorum::published::Change;
use crate::quorum::store::{Found, Store, StoreError};
use crate::race::{Either, race};
use crate::reachable::REPLICATION;
use crate::room;
use crate::scrub;
use crate::shard::{self, Shard};
use crate::world::World;

impl<W: World> Node<W> {
    /// Opens the metadata log and starts every thread of the node.
    ///
    /// # Errors
    /// When the disk cannot be read, or is damaged.
    pub fn start(world: W, config: Config, dir: W::Dir) -> Result<Arc<Node<W>>, StoreError> {
        let files = OpenFiles::new(dir, config.open_segments_max);
        let node = Arc::new(Node::new(world, config, files));
        let found = Store::open(&node.files, node.world.wall())?;
        let (quorum_sender, quorum_inbox) = mpsc::unbounded();
        let (groups_sender, groups_inbox) = mpsc::unbounded();
        let shards: Vec<_> = (0..node.n_shards()).map(|_| mpsc::unbounded()).collect();
        let senders = shards.iter().map(|(sender, _)| sender.clone()).collect();
        node.connect(quorum_sender.clone(), groups_sender, senders);
        node.fetchers.start(&node);
        for (index, (sender, inbox)) in shards.into_iter().enumerate() {
            let shard = Shard::new(Arc::clone(&node), index, sender, inbox);
            node.world
                .spawn_actor(&format!("shard-{index}"), Box::pin(shard.run()));
        }
        let groups = Groups::new(Arc::clone(&node), groups_inbox);
        node.world.spawn_actor("groups", Box::pin(groups.run()));
        let driver = node.driver(found, quorum_sender, quorum_inbox)?;
        let changes = node.published.subscribe();
        node.world
            .spawn(Box::pin(distribute(Arc::clone(&node), changes)));
        node.world.spawn_actor("quorum", Box::pin(driver.run()));
        node.world
            .spawn(Box::pin(lifecycle::run(Arc::clone(&node))));
        node.world.spawn(Box::pin(cleaner::run(Arc::clone(&node))));
        node.world.spawn(Box::pin(room::run(Arc::clone(&node))));
        node.world.spawn(Box::pin(scrub::run(Arc::clone(&node))));
        Ok(node)
    }

    fn driver(
        &self,
        found: Found<W::Dir>,
        sender: mpsc::UnboundedSender<driver::Command<W>>,
        inbox: mpsc::UnboundedReceiver<driver::Command<W>>,
    ) -> Result<Driver<W>, StoreError> {
        let Found {
            store,
            recovered,
            snapshot,
        } = found;
        let key = ReplicaKey {
            id: self.config.broker_id,
            directory_id: self.config.directory_id,
        };
        let replication = self
            .config
            .listeners
            .iter()
            .filter(|it| it.name == REPLICATION);
        let endpoints: Vec<Endpoint> = replication
            .map(|it| Endpoint {
                name: it.name.clone(),
                host: it.host.clone(),
                port: it.port,
            })
            .collect();
        let config = QuorumConfig {
            me: key,
            endpoints: endpoints.clone(),
            timeouts: Timeouts::default(),
            seed: self.world.random(),
        };
        let quorum = Quorum::<Bytes>::open(self.world.now(), config, recovered)?;
        let (image, applied) = match snapshot {
            Some((id, entries)) => {
                let cluster_id = self.config.cluster_id.clone();
                (image_of(cluster_id, id, &entries)?, id.end_offset)
            }
            None => (Image::new(self.config.cluster_id.clone()), Offset::ZERO),
        };
        let me = Me {
            key,
            cluster_id: self.config.cluster_id.clone(),
            endpoints,
            bootstrap: self.config.bootstrap.clone(),
            snapshot_every: self.config.snapshot_every,
            durability: self.config.durability,
        };
        let opened = Opened {
            quorum,
            store,
            image,
            applied,
        };
        let shared = Shared {
            published: Arc::clone(&self.published),
            room: Arc::clone(&self.room),
        };
        let world = self.world.clone();
        Ok(Driver::new(world, me, opened, shared, sender, inbox))
    }

    /// Goes in good order: leadership moves away first, then every log is flushed. Whether the next
    /// start may believe the disk without looking.
    pub async fn stop(&self) -> bool {
        self.set_stopping();
        let deadline = self.world.now() + lifecycle::SHUTDOWN_WITHIN;
        let timer = self.world.sleep_until(deadline);
        if let Either::Second(()) = race(self.released(), timer).await {
            tracing::warn!("the controller did not let this broker go in time");
        }
        self.close().await
    }

    /// Goes with all the others: nobody is left who could take over, or let this broker go. The logs
    /// are flushed as in [`Node::stop`].
    pub async fn stop_with_cluster(&self) -> bool {
        self.set_stopping();
        self.close().await
    }

    async fn close(&self) -> bool {
        let (done, resigned) = oneshot::channel();
        self.tell_quorum(driver::Command::Resign { done });
        let _ = resigned.await;
        // What they brought would find the shards closed, and be asked for again and again.
        self.fetchers.stop();
        let closing: Vec<_> = (0..self.n_shards())
            .map(|shard| {
                let (done, closed) = oneshot::channel();
                self.tell_shard(shard, shard::Command::Close { done });
                closed
            })
            .collect();
        for closed in closing {
            if closed.await.is_err() {
                self.report_unclean();
            }
        }
        !self.is_unclean()
    }
}

/// Hands every change of the image to all shards, and what it means to the coordinators.
///
/// It begins once this broker has seen its own registration. What an older image says, that of a
/// snapshot above all, was true in the past: who acts on it leads in an epoch that is long over.
async fn distribute<W: World>(
    node: Arc<Node<W>>,
    mut changes: mpsc::UnboundedReceiver<Arc<Change>>,
) {
    while !node.knows_cluster() {
        if changes.next().await.is_none() {
            return;
        }
    }
    // The first change of a new subscription is all there is.
    let mut changes = node.published.subscribe();
    let mut is_first = true;
    while let Some(change) = changes.next().await {
        let delta = &change.delta;
        if is_first || !delta.configs.is_empty() || !delta.reassignments.is_empty() {
            node.throttles
                .configure(&change.image, node.config.broker_id);
        }
        if std::mem::take(&mut is_first) {
            node.remove_strays(&change.image);
        }
        for shard in 0..node.n_shards() {
            node.tell_shard(shard, shard::Command::Changed(Arc::clone(&change)));
        }
        let is_broad = |it: &ConfigResource| !matches!(it, ConfigResource::Topic(_));
        if change.delta.configs.iter().any(is_broad) {
            node.tell_groups(groups::Command::Configured);
        }
        let removed = &change.delta.removed_topics;
        if !removed.is_empty() {
            let deleted = removed.iter().map(|it| broker_coordinator::DeletedTopic {
                name: it.name.clone(),
                topic_id: Some(it.id),
            });
            node.tell_groups(groups::Command::TopicsDeleted(deleted.collect()));
        }
    }
}
