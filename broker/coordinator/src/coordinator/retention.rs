//! Offsets that go by themselves: those that nobody has used for long, and those of deleted topics.
//!
//! In: the time, or topics. Out: tombstones, in appends of a bounded size.
//! Never here: deletions that somebody asked for.

use broker_types::TopicId;
use broker_wire::Str;

use super::GroupCoordinator;
use super::offset_requests::OffsetWriting;
use crate::action::{Action, Now};
use crate::group::{Group, GroupState};
use crate::write::Turn;

/// Tombstones in one append. With the longest names they stay well below a batch's limit.
const TOMBSTONES_PER_APPEND_MAX: usize = 500;

/// A topic that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedTopic {
    pub name: Str,
    /// Which of the topics that had the name. Offsets known to be another's stay.
    pub topic_id: Option<TopicId>,
}

impl GroupCoordinator {
    /// Removes the offsets of deleted topics, of all groups.
    pub fn handle_topics_deleted(
        &mut self,
        now: Now,
        topics: &[DeletedTopic],
        actions: &mut Vec<Action>,
    ) {
        if !self.is_active() {
            return;
        }
        let ids: Vec<Str> = self.groups.keys().cloned().collect();
        for id in ids {
            self.with_group(now, &id, actions, |group, turn| {
                if group.state() == GroupState::Dead {
                    return;
                }
                let partitions: Vec<(Str, i32)> = topics
                    .iter()
                    .flat_map(|topic| {
                        let indexes = group.offsets.partitions_of(&topic.name, topic.topic_id);
                        indexes.into_iter().map(|index| (topic.name.clone(), index))
                    })
                    .collect();
                remove_offsets(group, &partitions, turn);
            });
        }
    }

    /// Names of all topics that some group has an offset for, so that the caller can tell which of
    /// them were deleted while nobody served this partition.
    pub fn topics_with_offsets(&self) -> Vec<Str> {
        let names = self
            .groups
            .values()
            .flat_map(|it| it.offsets.topics().cloned());
        let names: std::collections::BTreeSet<Str> = names.collect();
        names.into_iter().collect()
    }

    /// Removes expired offsets, then groups that have neither members nor offsets.
    pub(super) fn expire_offsets(&mut self, now: Now, actions: &mut Vec<Action>) {
        let ids: Vec<Str> = self.groups.keys().cloned().collect();
        for id in ids {
            if self.is_congested() {
                // The next check goes on with what is left.
                return;
            }
            self.with_group(now, &id, actions, expire_group);
            self.remove_if_unused(&id);
        }
    }
}

fn expire_group(group: &mut Group, turn: &mut Turn) {
    if group.state() == GroupState::Dead {
        return;
    }
    let Some(since) = group.offsets_age_since() else {
        return;
    };
    let retention = turn.config.offsets_retention;
    let (expired, is_all) = group
        .offsets
        .expired(turn.wall, retention, since, |it| group.is_subscribed_to(it));
    let is_idle = group.state() == GroupState::Empty && !group.has_pending_join();
    let is_over = is_all && is_idle && !group.is_unwritten();
    // A group goes in one append with the last of its offsets, so that none can outlive it.
    if is_over && expired.len() < TOMBSTONES_PER_APPEND_MAX {
        let mut writing = OffsetWriting::new(group, turn);
        for (topic, partition) in &expired {
            writing.write(topic, *partition, None);
        }
        writing.write_group_tombstone();
        writing.finish(None);
    } else {
        remove_offsets(group, &expired, turn);
    }
}

/// Writes tombstones for partitions of a group.
fn remove_offsets(group: &mut Group, partitions: &[(Str, i32)], turn: &mut Turn) {
    for chunk in partitions.chunks(TOMBSTONES_PER_APPEND_MAX) {
        let mut writing = OffsetWriting::new(group, turn);
        for (topic, partition) in chunk {
            writing.write(topic, *partition, None);
        }
        writing.finish(None);
    }
}
