//! What becomes of one partition when its ISR is to change: ELR and leader (KIP-966).
//!
//! In: the partition, the replicas and the ISR that it should have, who is active. Out: the partition
//! as it will be; a reassignment is complete with the change that brings all of its target in sync.
//! Never here: records, other partitions.
//!
//! ```text
//!  in the ISR ──left, ISR below its minimum──► in the ELR ──lost its place──► in the last known ELR
//!      │  ▲                                     │    │                              │
//!      │  └──────elected (ISR = it alone)───────┘    └───ISR at its minimum───► in none of them
//!      └──left, ISR still at its minimum──► in none of them ◄───────────────────────┘
//! ```
//!
//! **Page cache.** Where a replica vouches for what is in its page cache alone, a process that ends
//! without a clean shutdown costs it its place, though it mostly has everything. When all have gone
//! so, the one that led last, with the disk that it had then, leads again by itself, as in Kafka: it
//! stands first in the ELR and, once it has lost its place, in the last known ELR.

use broker_types::{BrokerId, DirectoryId, Durability, Mutant};

use crate::partition::{LeaderRecovery, Partition};

/// Which replica to prefer as leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preference {
    /// The present leader stays when it can.
    Present,
    /// The first of the replicas, when it can.
    Preferred,
    /// Any but the present leader, when one can.
    Other,
}

/// What a replica may lack of what it once stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// What its page cache held: the process went without a clean shutdown, and the disk is there.
    PageCache,
    /// Everything: it has another disk, or found its log missing or damaged.
    Replica,
}

/// The replicas of a partition and which of them come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub replicas: Vec<BrokerId>,
    pub adding: Vec<BrokerId>,
    pub removing: Vec<BrokerId>,
}

/// What is to change, and under which rules.
pub(crate) struct Target<'a> {
    /// `None`: the same as now.
    pub assignment: Option<Assignment>,
    pub isr: Vec<BrokerId>,
    /// A replica that may have lost what it had: it has no place in the ELR.
    pub lost: Option<(BrokerId, Loss)>,
    /// The cluster's.
    pub durability: Durability,
    pub recovery: LeaderRecovery,
    pub preference: Preference,
    /// Whether a replica that may lack acknowledged records may lead when no other can.
    pub is_unclean_allowed: bool,
    /// `min.insync.replicas` as configured. What counts is at most the number of replicas.
    pub min_insync_replicas: usize,
    /// Whether a broker is registered, unfenced and not shutting down.
    pub is_active: &'a dyn Fn(BrokerId) -> bool,
    /// Where a new replica of a broker lies, when there is no choice.
    pub directory_of: &'a dyn Fn(BrokerId) -> Option<DirectoryId>,
}

/// The partition as it will be, but for its epochs, which the records count.
pub(crate) fn next(partition: &Partition, target: &Target<'_>) -> Partition {
    let mut next = partition.clone();
    if let Some(assignment) = &target.assignment {
        next.set_replicas(assignment.replicas.clone(), target.directory_of);
        next.adding.clone_from(&assignment.adding);
        next.removing.clone_from(&assignment.removing);
    }
    next.isr.clone_from(&target.isr);
    next.recovery = target.recovery;
    if let Some((lost, _)) = target.lost {
        next.isr.retain(|it| *it != lost);
    }
    complete_reassignment(&mut next, target);
    settle_elr(partition, &mut next, target);
    match elect(&next, target) {
        Some(Elected::InSync(leader)) => next.leader = Some(leader),
        Some(Elected::Eligible(leader)) => {
            next.leader = Some(leader);
            next.isr = vec![leader];
            settle_elr(partition, &mut next, target);
        }
        Some(Elected::Unclean(leader)) => {
            next.leader = Some(leader);
            next.isr = vec![leader];
            next.recovery = LeaderRecovery::Recovering;
            settle_elr(partition, &mut next, target);
        }
        None => next.leader = None,
    }
    next
}

/// Lets those go that a reassignment removes, once all that stay are in sync. Then no
/// `min.insync.replicas` is missed, and each of them has what was acknowledged.
fn complete_reassignment(next: &mut Partition, target: &Target<'_>) {
    if !next.is_reassigning() {
        return;
    }
    let staying = next.target_replicas();
    if Mutant::CountAddedInSync.is_made() {
        let active = staying.iter().copied().filter(|it| (target.is_active)(*it));
        next.isr = active.collect();
    }
    let is_in_sync = |it: &BrokerId| next.isr.contains(it) || Mutant::CountAddedInSync.is_made();
    if staying.is_empty() || !staying.iter().all(is_in_sync) {
        return;
    }
    next.isr.retain(|it| staying.contains(it));
    next.set_replicas(staying, target.directory_of);
    next.adding = Vec::new();
    next.removing = Vec::new();
}

/// Fills the ELR and the last known ELR from those who were in the ISR or in one of the two.
fn settle_elr(before: &Partition, next: &mut Partition, target: &Target<'_>) {
    if next.isr.len() >= target.min_insync_replicas.min(next.replicas.len()) {
        // The high watermark moves again, and leaves those behind that are not in the ISR.
        next.elr = Vec::new();
        next.last_known_elr = Vec::new();
        return;
    }
    let is_page_cache = target.durability == Durability::PageCache;
    let lost = target.lost.map(|(broker, _)| broker);
    // Nothing brings back by itself what is not there.
    let gone = match target.lost {
        Some((broker, Loss::Replica)) if is_page_cache => Some(broker),
        Some(_) | None => None,
    };
    let is_outside = |it: &BrokerId| next.replicas.contains(it) && !next.isr.contains(it);
    let is_eligible = |it: &BrokerId| before.isr.contains(it) || before.elr.contains(it);
    let outside = || next.replicas.iter().copied().filter(is_outside);
    let elr: Vec<BrokerId> = outside()
        .filter(|it| is_eligible(it) && lost != Some(*it))
        .collect();
    let led_last = before
        .leader
        .filter(|_| next.isr.is_empty())
        .or_else(|| before.last_known_elr.first().copied())
        .filter(|it| is_page_cache && is_outside(it));
    let others = outside()
        .filter(|it| is_eligible(it) || before.last_known_elr.contains(it))
        .filter(|it| !elr.contains(it) && led_last != Some(*it) && gone != Some(*it));
    next.last_known_elr = match led_last {
        // Who stands first is called back: nobody takes the place of the one that led last.
        Some(led_last) if gone == Some(led_last) => Vec::new(),
        led_last => led_last.into_iter().chain(others).collect(),
    };
    next.elr = elr;
}

enum Elected {
    InSync(BrokerId),
    Eligible(BrokerId),
    Unclean(BrokerId),
}

fn elect(next: &Partition, target: &Target<'_>) -> Option<Elected> {
    let is_active = |it: &BrokerId| (target.is_active)(*it);
    let first_of = |candidates: &[BrokerId]| {
        let in_order = next.replicas.iter().copied();
        in_order
            .filter(is_active)
            .find(|it| candidates.contains(it))
    };
    let present = next
        .leader
        .filter(|it| next.isr.contains(it) && is_active(it));
    let in_sync = match target.preference {
        Preference::Present => present.or_else(|| first_of(&next.isr)),
        Preference::Preferred => next
            .preferred_leader()
            .filter(|it| next.isr.contains(it) && is_active(it))
            .or(present)
            .or_else(|| first_of(&next.isr)),
        Preference::Other => {
            let others = next.isr.iter().filter(|it| next.leader != Some(**it));
            let others: Vec<BrokerId> = others.copied().collect();
            first_of(&others).or(present)
        }
    };
    let led_last = || {
        let led_last = next.last_known_elr.first().copied().filter(is_active);
        led_last.filter(|_| {
            target.durability == Durability::PageCache && next.isr.is_empty() && next.elr.is_empty()
        })
    };
    let unclean = || {
        // Those that were in sync last have lost least, and those that are being added may have
        // nothing yet.
        first_of(&next.last_known_elr)
            .or_else(|| first_of(&next.original_replicas()))
            .or_else(|| first_of(&next.replicas))
            .filter(|_| target.is_unclean_allowed || Mutant::ElectAnybody.is_made())
    };
    in_sync
        .map(Elected::InSync)
        .or_else(|| first_of(&next.elr).map(Elected::Eligible))
        .or_else(|| led_last().or_else(unclean).map(Elected::Unclean))
}
