//! Which StatefulSet may receive a new template, and which broker may be restarted next.
//!
//! In: what was approved, what this operator renders, what runs. Out: one [`Next`], or why nothing.
//! Never here: asking the brokers; a restart that is decided here still needs their consent.
//!
//! A pod that is deleted takes the newest template of its StatefulSet, whoever deletes it. So a
//! StatefulSet receives a new template only when its roll is opened, and one roll is open at a time.

use std::collections::BTreeMap;

use crds::{PendingUpdate, UpdateMode};
use k8s_openapi::api::core::v1::Pod;

use crate::cluster::manifests::hash;
use crate::cluster::observed::{is_ready, is_running, trouble};
use crate::cluster::{
    Approved, Consent, Formatting, Observed, Record, Restart, Validated, Waiting,
};
use crate::{Known, names};

/// What the roll does in this pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Next {
    /// The sets whose targets become what is approved.
    pub open: Vec<String>,
    pub restart: Option<Restart>,
    pub waiting: Option<Waiting>,
    /// Changes that wait, for the status.
    pub pending: Vec<PendingUpdate>,
}

/// Why a set's target is not what is approved.
#[derive(PartialEq, Eq)]
enum Difference {
    /// Nothing of it exists yet.
    New,
    /// Only what restarts nobody.
    Harmless,
    /// The user asked for it.
    Asked,
    /// Only the operator renders it differently.
    Rendered,
}

pub(crate) fn next(
    validated: &Validated,
    targets: &BTreeMap<String, Approved>,
    record: &Record,
    observed: &Observed,
) -> Next {
    let mut next = Next::default();
    let all = hash(&targets.values().map(|it| &it.hash).collect::<Vec<_>>());
    let is_approved = validated.approve.as_deref() == Some(all.as_str());
    let mut candidates = Vec::new();
    let mut asked = None;
    for set in &validated.sets {
        let Some(target) = targets.get(&set.name) else {
            continue;
        };
        let Some(difference) = difference(target, record.sets.get(&set.name), observed) else {
            continue;
        };
        let reason = match difference {
            Difference::New | Difference::Harmless => {
                next.open.push(set.name.clone());
                continue;
            }
            Difference::Asked if is_approved || validated.update_mode == UpdateMode::Automatic => {
                candidates.push(set.name.as_str());
                "the spec asks for it; it waits for its turn"
            }
            Difference::Rendered if is_approved => {
                candidates.push(set.name.as_str());
                "it is approved and waits for its turn"
            }
            Difference::Asked => *asked.insert("the spec asks for it; update.mode is OnDemand"),
            Difference::Rendered => "this version of the operator renders it differently",
        };
        let stateful_set = set.name.clone();
        next.pending.push(PendingUpdate {
            stateful_set,
            hash: all.clone(),
            reason: reason.to_owned(),
        });
    }
    let down = all_down(validated, record, observed);
    match candidate_to_open(&candidates, &down) {
        Ok(Some(set)) => {
            next.pending.retain(|it| it.stateful_set != set);
            next.open.push(set);
        }
        Ok(None) => {
            if candidates.is_empty() && !next.pending.is_empty() {
                let first = next.pending.first().map(|it| it.reason.as_str());
                next.waiting = Some(Waiting::Approval {
                    hash: all,
                    reason: asked.or(first).unwrap_or_default().to_owned(),
                    is_asked: asked.is_some(),
                });
            }
            restart(validated, record, observed, &mut next);
        }
        Err(waiting) => {
            restart(validated, record, observed, &mut next);
            if next.restart.is_none() {
                next.waiting.get_or_insert(waiting);
            }
        }
    }
    next
}

fn difference(
    target: &Approved,
    approved: Option<&Approved>,
    observed: &Observed,
) -> Option<Difference> {
    let name = target
        .stateful_set
        .metadata
        .name
        .as_deref()
        .unwrap_or_default();
    let Some(approved) = approved else {
        let Some(live) = observed.stateful_sets.get(name) else {
            return Some(Difference::New);
        };
        // The record was lost. What runs is left alone if it is what would be rendered.
        let template = live
            .spec
            .as_ref()
            .and_then(|it| it.template.metadata.as_ref());
        let live_hash =
            template.and_then(|it| it.annotations.as_ref()?.get(names::TEMPLATE_ANNOTATION));
        let is_same = live_hash == Some(&target.hash);
        return Some(if is_same {
            Difference::Harmless
        } else {
            Difference::Asked
        });
    };
    if approved.inputs != target.inputs && approved.hash != target.hash {
        Some(Difference::Asked)
    } else if approved.hash != target.hash {
        Some(Difference::Rendered)
    } else {
        (approved != target).then_some(Difference::Harmless)
    }
}

/// A pod that is not as it should be, and why.
struct Down {
    set: String,
    pod: String,
    why: String,
    /// It is up; it only has to be replaced.
    is_outdated: bool,
}

/// The pods that are not up or not yet of the approved template.
fn all_down(validated: &Validated, record: &Record, observed: &Observed) -> Vec<Down> {
    validated
        .pods()
        .filter_map(|(set, _, pod)| {
            let why = down(&pod, observed);
            let object = observed.pods.get(&pod);
            let is_outdated = why.is_none() && is_outdated(object?, record.sets.get(&set.name)?);
            let why = why.or(is_outdated.then(|| "it is being brought up to date".to_owned()))?;
            Some(Down {
                set: set.name.clone(),
                pod,
                why,
                is_outdated,
            })
        })
        .collect()
}

/// The first candidate if everything is up. Else one whose own pods are not, since its new template
/// may be the remedy; opening it stops nobody.
fn candidate_to_open(candidates: &[&str], down: &[Down]) -> Result<Option<String>, Waiting> {
    let Some(first) = candidates.first() else {
        return Ok(None);
    };
    let Some(trouble) = down.first() else {
        return Ok(Some((*first).to_owned()));
    };
    let is_hit = |set: &&&str, is_outdated: bool| {
        down.iter()
            .any(|it| it.set == **set && it.is_outdated == is_outdated)
    };
    let hit = candidates.iter().find(|it| is_hit(it, false));
    if let Some(set) = hit.or_else(|| candidates.iter().find(|it| is_hit(it, true))) {
        return Ok(Some((*set).to_owned()));
    }
    let message = format!("{}: {}", trouble.pod, trouble.why);
    Err(Waiting::Roll {
        pod: (*first).to_owned(),
        message,
    })
}

/// Why the pod does not count as up. `None` if it does.
pub(crate) fn down(pod: &str, observed: &Observed) -> Option<String> {
    let Some(object) = observed.pods.get(pod) else {
        return Some("it does not exist".to_owned());
    };
    if object.metadata.deletion_timestamp.is_some() {
        return Some("it is being deleted".to_owned());
    }
    if !is_ready(object) {
        return Some(trouble(object).unwrap_or_else(|| "it is not ready".to_owned()));
    }
    match observed.brokers.get(pod) {
        None => Some("it was not asked".to_owned()),
        Some(Known::Unknown(message)) => Some(format!("it does not answer: {message}")),
        Some(Known::Known(broker)) if broker.formatting == Formatting::Waiting => {
            Some("it waits for its identity".to_owned())
        }
        Some(Known::Known(broker)) => broker.caught_up.as_ref().err().cloned(),
    }
}

fn is_outdated(pod: &Pod, approved: &Approved) -> bool {
    template_of(pod) != Some(approved.hash.as_str())
}

/// The template that the pod was made from.
pub(crate) fn template_of(pod: &Pod) -> Option<&str> {
    pod.metadata
        .annotations
        .as_ref()?
        .get(names::TEMPLATE_ANNOTATION)
        .map(String::as_str)
}

/// Decides on the one pod that may be replaced now.
fn restart(validated: &Validated, record: &Record, observed: &Observed, next: &mut Next) {
    let leader = observed.answers().find_map(|(_, it)| match &it.formatting {
        Formatting::Formatted {
            quorum: Some(quorum),
            ..
        } => quorum.leader_id,
        Formatting::Formatted { .. } | Formatting::Waiting => None,
    });
    let mut outdated: Vec<(bool, bool, String, &Pod)> = validated
        .pods()
        .filter_map(|(set, _, name)| {
            let approved = record.sets.get(&set.name)?;
            let pod = observed.pods.get(&name)?;
            let is_due = is_outdated(pod, approved) && has_seen(&set.name, approved, observed);
            let is_leader = observed
                .broker(&name)
                .is_some_and(|it| Some(it.node_id) == leader);
            is_due.then(|| (is_running(pod), is_leader, name, pod))
        })
        .collect();
    // Those that do not run first, for they cost nothing; the active controller last, so that it
    // moves once.
    outdated.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
    let Some((is_running, _, name, pod)) = outdated.into_iter().next() else {
        return;
    };
    let mut wait = |message: String| {
        next.waiting.get_or_insert(Waiting::Roll {
            pod: name.clone(),
            message,
        });
    };
    if pod.metadata.deletion_timestamp.is_some() {
        return wait("it is already being deleted".to_owned());
    }
    let uid = pod.metadata.uid.clone().unwrap_or_default();
    let broker = observed.broker(&name);
    let is_empty = broker.is_some_and(|it| it.formatting == Formatting::Waiting);
    if !is_running || is_empty {
        next.restart = Some(Restart {
            pod: name,
            uid,
            consent: Consent::NothingToLose,
        });
        return;
    }
    let mut others = validated.pods().filter(|(_, _, it)| *it != name);
    let other = others.find_map(|(_, _, it)| Some((down(&it, observed)?, it)));
    if let Some((why, other)) = other {
        return wait(format!("{other}: {why}"));
    }
    let Some(broker) = broker else {
        return wait(
            "its broker does not answer, so nobody can say that stopping it is safe".to_owned(),
        );
    };
    let Some(broker_epoch) = broker.broker_epoch() else {
        return wait("its broker is not registered".to_owned());
    };
    let consent = Consent::AskBrokers {
        node_id: broker.node_id,
        broker_epoch,
    };
    next.restart = Some(Restart {
        pod: name,
        uid,
        consent,
    });
}

/// Whether the StatefulSet has the approved template and its controller knows: else a deleted pod
/// would come back as it was.
fn has_seen(name: &str, approved: &Approved, observed: &Observed) -> bool {
    let Some(live) = observed.stateful_sets.get(name) else {
        return false;
    };
    let template = live
        .spec
        .as_ref()
        .and_then(|it| it.template.metadata.as_ref());
    let hash = template.and_then(|it| it.annotations.as_ref()?.get(names::TEMPLATE_ANNOTATION));
    let seen = live.status.as_ref().and_then(|it| it.observed_generation);
    hash == Some(&approved.hash) && seen.is_some() && seen >= live.metadata.generation
}
