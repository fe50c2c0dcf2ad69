//! How a broker is, in a few numbers.
//!
//! In: the image, the views of this broker's partitions. Out: a [`Summary`] of one moment. Never
//! here: counters of what has happened.

use broker_log::dir::Space;
use broker_replica::RoleKind;
use broker_types::Offset;

use crate::node::Node;
use crate::room::Fullness;
use crate::world::World;

/// A broker at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Unfenced, and caught up once since it started.
    pub is_ready: bool,
    pub is_active_controller: bool,
    /// First offset of the metadata log that this broker has not applied.
    pub metadata_offset: u64,
    /// Replicas that lie here.
    pub replicas: usize,
    /// Partitions that are led from here.
    pub leaders: usize,
    /// Of those led from here: with fewer in the ISR than replicas, those being added left out.
    pub under_replicated: usize,
    /// Of those led from here: being moved.
    pub reassigning: usize,
    /// Of those led from here: with fewer in the ISR than `min.insync.replicas`.
    pub under_min_isr: usize,
    /// Partitions of the whole cluster without a leader.
    pub offline: usize,
    /// Bytes of all logs that lie here.
    pub log_bytes: u64,
    /// The disk as last looked at; `None` when that was not possible.
    pub disk: Option<Space>,
    pub fullness: Fullness,
}

impl<W: World> Node<W> {
    pub fn summary(&self) -> Summary {
        let image = self.image();
        let me = self.config.broker_id;
        let mut summary = Summary {
            is_ready: self.is_ready(),
            is_active_controller: self.active_controller() == Some(me),
            metadata_offset: image
                .position()
                .map_or(Offset::ZERO, |it| it.offset.advance(1))
                .value(),
            disk: self.room.space(),
            fullness: self.room.fullness(),
            ..Summary::default()
        };
        for topic in image.topics() {
            let min_insync_replicas = image.min_insync_replicas(&topic.name);
            for (_, it) in topic.partitions() {
                summary.offline += usize::from(it.leader.is_none());
                if it.leader == Some(me) {
                    summary.under_replicated += usize::from(it.is_under_replicated());
                    summary.reassigning += usize::from(it.is_reassigning());
                    summary.under_min_isr += usize::from(it.isr.len() < min_insync_replicas);
                }
            }
        }
        for partition in self.partitions.all().values() {
            let view = partition.view();
            summary.replicas += 1;
            summary.leaders += usize::from(view.role == RoleKind::Leader);
            summary.log_bytes += view.log.size_in_bytes();
        }
        summary
    }
}
