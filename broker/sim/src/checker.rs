//! What must hold of the brokers together, looked at from inside them.
//!
//! In: the views that each broker publishes, again and again. Out: a violation when two lead in one
//! epoch, when a log differs from another below a high watermark, when what was committed is not
//! in a new leader's log, when brokers differ about the same metadata. Never here: what clients saw.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use broker_log::dir::memory::MemoryDir;
use broker_log::{Read, ReadLimit, partition_folder, partition_metadata};
use broker_metadata::Image;
use broker_metadata::controller::GROUP_METADATA_TOPIC_NAME;
use broker_node::Node;
use broker_node::partitions::PartitionView;
use broker_replica::RoleKind;
use broker_types::{BrokerId, LeaderEpoch, Offset, TopicPartition};
use broker_wire::record_batch::batches;

use crate::executor::Process;
use crate::run::TABLE;
use crate::trace::Trace;
use crate::world::SimWorld;

type View = PartitionView<MemoryDir>;

/// Topics whose batches compaction empties or takes away.
const COMPACTED: [&str; 2] = [TABLE, GROUP_METADATA_TOPIC_NAME];
/// Images that are kept to be compared with: who is further behind is compared when it catches up.
const IMAGES_MAX: usize = 4_000;

/// A batch that some broker took for committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Committed {
    next_offset: Offset,
    leader_epoch: Option<LeaderEpoch>,
    crc: u32,
}

/// All that was ever committed in a partition.
#[derive(Default)]
struct Log {
    batches: BTreeMap<Offset, Committed>,
    end: Offset,
    /// How far each epoch's leader said that it is committed.
    claims: BTreeMap<LeaderEpoch, Offset>,
    leaders: BTreeMap<LeaderEpoch, (BrokerId, Process)>,
}

impl Log {
    /// Whether no batch is known between two offsets.
    fn is_gap(&self, from: Offset, to: Offset) -> bool {
        let before = self.batches.range(..to).next_back();
        before.is_none_or(|(_, it)| it.next_offset <= from)
    }
}

/// What was seen of one replica of one process.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Its log was compared up to here.
    compared: Offset,
    log_end_offset: Offset,
    leads_in: Option<LeaderEpoch>,
    high_watermark: Offset,
}

/// A replica that is shown has its folder, however its topic came to its name.
fn has_folder(disk: &MemoryDir, id: TopicPartition, topic: &str) -> Result<(), String> {
    let folder = partition_folder(topic, id.partition);
    match partition_metadata::read(disk, Path::new(&folder)) {
        Ok(Some(found)) if found == id.topic_id => Ok(()),
        found => Err(format!("{id} is written to, and its folder is {found:?}")),
    }
}

/// Everything that was seen so far.
pub struct Checker {
    trace: Trace,
    logs: BTreeMap<TopicPartition, Log>,
    seen: BTreeMap<(Process, TopicPartition), Seen>,
    images: BTreeMap<Offset, Arc<Image>>,
    newest_image: BTreeMap<Process, Offset>,
    /// The newest image of all.
    newest: Option<Arc<Image>>,
}

impl Checker {
    pub fn new(trace: Trace) -> Checker {
        Checker {
            trace,
            logs: BTreeMap::new(),
            seen: BTreeMap::new(),
            images: BTreeMap::new(),
            newest_image: BTreeMap::new(),
            newest: None,
        }
    }

    /// Looks at a broker and its disk.
    pub fn look(
        &mut self,
        process: Process,
        broker: BrokerId,
        node: &Node<SimWorld>,
        disk: &MemoryDir,
    ) {
        self.look_at_image(process, broker, node.image());
        for (id, partition) in node.replicas().iter() {
            let view = partition.view();
            let looked = self.look_at(process, broker, (*id, &*partition.topic), &view);
            if let Err(what) = looked.and_then(|()| has_folder(disk, *id, &partition.topic)) {
                let name = format!("{}-{}", &*partition.topic, id.partition);
                self.trace
                    .violation(format!("broker {broker}, {name}: {what}"));
            }
        }
    }

    /// How many batches are committed in all.
    pub fn n_committed(&self) -> usize {
        self.logs.values().map(|it| it.batches.len()).sum()
    }

    fn look_at_image(&mut self, process: Process, broker: BrokerId, image: Arc<Image>) {
        let Some(position) = image.position() else {
            return;
        };
        let before = self.newest_image.insert(process, position.offset);
        if before == Some(position.offset) {
            return;
        }
        if before > Some(position.offset) {
            let what = format!("broker {broker} went back in the metadata from {before:?}");
            self.trace.violation(what);
        }
        image.assert_invariants();
        if self.newest.as_ref().map(|it| it.position()) < Some(Some(position)) {
            let before = self.newest.replace(Arc::clone(&image));
            before
                .iter()
                .for_each(|it| mark_changes(&self.trace, it, &image));
        }
        let other = self
            .images
            .entry(position.offset)
            .or_insert_with(|| Arc::clone(&image));
        if **other != *image {
            let what = format!("broker {broker} differs about the metadata at {position:?}");
            self.trace.violation(what);
        }
        if self.images.len() > IMAGES_MAX {
            self.images.pop_first();
        }
    }

    fn look_at(
        &mut self,
        process: Process,
        broker: BrokerId,
        (id, topic): (TopicPartition, &str),
        view: &View,
    ) -> Result<(), String> {
        let log = self.logs.entry(id).or_default();
        let seen = self.seen.entry((process, id)).or_default();
        let (end, high_watermark) = (view.log.log_end_offset(), view.high_watermark);
        if end < seen.log_end_offset {
            self.trace.mark("a log was cut back");
        }
        seen.log_end_offset = end;
        seen.compared = seen.compared.min(end);
        if view.role == RoleKind::Leader
            && let Some(epoch) = view.leader_epoch
        {
            check_leader(log, (broker, process), epoch, view)?;
            if seen.leads_in == Some(epoch) && high_watermark < seen.high_watermark {
                let before = seen.high_watermark;
                return Err(format!(
                    "its high watermark fell from {before} to {high_watermark} in epoch {epoch}"
                ));
            }
            if seen.leads_in != Some(epoch) {
                self.trace.mark("a partition got a leader");
            }
            (seen.leads_in, seen.high_watermark) = (Some(epoch), high_watermark);
        } else {
            seen.leads_in = None;
        }
        let until = high_watermark.min(end);
        if until > seen.compared {
            seen.compared = compare(log, view, seen.compared, until, COMPACTED.contains(&topic))?;
        }
        Ok(())
    }
}

/// Marks what is worth a mark in the step from one image to a later one.
fn mark_changes(trace: &Trace, before: &Image, after: &Image) {
    let is_whole = |it: &Image| {
        let mut partitions = it.partitions();
        partitions.all(|(_, _, it)| it.isr.len() == it.replicas.len())
    };
    if before.position().map(|it| it.epoch) != after.position().map(|it| it.epoch) {
        trace.mark("the controller changed");
        if !is_whole(before) {
            trace.mark("the controller changed while replicas were out of sync");
        }
    }
    for (topic, index, partition) in after.partitions() {
        let id = TopicPartition {
            topic_id: topic.id,
            partition: index,
        };
        let Some(earlier) = before.partition(id) else {
            continue;
        };
        if earlier.is_reassigning() && !partition.is_reassigning() {
            trace.mark("a partition has moved");
        }
        let is_elected = partition.leader_epoch > earlier.leader_epoch;
        let Some(leader) = partition.leader.filter(|_| is_elected) else {
            continue;
        };
        if earlier.elr.contains(&leader) {
            trace.mark("an eligible replica was elected");
        } else if !earlier.isr.contains(&leader) {
            trace.mark("a replica was elected that had just joined");
        }
    }
}

fn check_leader(
    log: &mut Log,
    who: (BrokerId, Process),
    epoch: LeaderEpoch,
    view: &View,
) -> Result<(), String> {
    let leader = *log.leaders.entry(epoch).or_insert(who);
    if leader != who {
        return Err(format!("leads in epoch {epoch}, as {leader:?} does or did"));
    }
    let is_newest = log.leaders.keys().next_back() == Some(&epoch);
    let end = view.log.log_end_offset();
    if is_newest && end < log.end {
        return Err(format!(
            "leads in epoch {epoch} with a log that ends at {end}, and {} is committed",
            log.end
        ));
    }
    let earlier = log.claims.range(..epoch).map(|(_, it)| *it).max();
    if is_newest && view.is_settled && earlier > Some(view.high_watermark) {
        return Err(format!(
            "shows {} as committed in epoch {epoch}; an earlier leader showed {earlier:?}",
            view.high_watermark
        ));
    }
    let claim = log.claims.entry(epoch).or_default();
    *claim = view.high_watermark.max(*claim);
    Ok(())
}

/// Compares a replica's batches below its high watermark with what others took for committed.
/// Compaction empties batches, or takes them away, of each replica at its own time.
fn compare(
    log: &mut Log,
    view: &View,
    from: Offset,
    until: Offset,
    is_compacted: bool,
) -> Result<Offset, String> {
    let mut at = from.max(view.log.log_start_offset());
    let comparable = |it: &Committed| Committed {
        crc: if is_compacted { 0 } else { it.crc },
        ..*it
    };
    while at < until {
        let limit = ReadLimit {
            bytes_max: 1024 * 1024,
            upper_bound: until,
            at_least_one_batch: true,
        };
        let read = view.log.read(at, &limit).map_err(|it| it.to_string())?;
        let Read::Slice(slice) = read else {
            // A high watermark within a batch: the rest of the batch is not shown yet.
            return Ok(at);
        };
        // Cut off since the view was made.
        let Ok(bytes) = slice.to_vec() else {
            return Ok(at);
        };
        let before = at;
        for batch in batches(&bytes) {
            let header = *batch.map_err(|it| it.to_string())?.header();
            let found = Committed {
                next_offset: header.next_offset(),
                leader_epoch: header.partition_leader_epoch,
                crc: header.crc,
            };
            if header.base_offset >= log.end {
                log.batches.insert(header.base_offset, found);
                log.end = found.next_offset;
            } else if is_compacted && log.is_gap(header.base_offset, found.next_offset) {
                // Whoever showed what was committed there had compacted it before it was looked at.
                log.batches.insert(header.base_offset, found);
            } else if log.batches.get(&header.base_offset).map(comparable)
                != Some(comparable(&found))
            {
                return Err(format!(
                    "holds {found:?} at {}, and {:?} is committed there",
                    header.base_offset,
                    log.batches.range(..=header.base_offset).next_back()
                ));
            }
            at = found.next_offset;
        }
        if at == before {
            return Err(format!("has no batch at {at}, below its high watermark"));
        }
    }
    Ok(at)
}
