//! What whoever looks at the object of a topic is told: what was done, whether it is as it should be.
//!
//! In: a plan's steps and what became of them. Out: reasons in CamelCase and sentences. Never here:
//! what is done next.

use super::{Outcome, Plan, Step, TopicView};
use crate::conditions;

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub reason: &'static str,
    pub note: String,
    /// Whether something was lost that was there before.
    pub is_warning: bool,
}

impl Step {
    /// What this step has done to the topic; `None` if nothing that its users could notice.
    /// `was_there`: whether the object has had its topic before.
    pub fn done(&self, was_there: bool) -> Option<Done> {
        match self {
            Step::AddFinalizer
            | Step::ReleaseFinalizer
            | Step::Validate { .. }
            | Step::NoteCreation { .. } => None,
            Step::Create { .. } if was_there => Some(Done {
                reason: "TopicMadeAgain",
                note: "the topic was deleted by somebody else and is made again, empty".to_owned(),
                is_warning: true,
            }),
            Step::Create {
                partitions,
                replicas,
                ..
            } => Some(Done {
                reason: "TopicCreated",
                note: format!("created with {partitions} partitions of {replicas} replicas"),
                is_warning: false,
            }),
            Step::Alter {
                partitions,
                set,
                reset,
                ..
            } => {
                let mut notes = Vec::new();
                notes.extend(partitions.map(|it| format!("partitions raised to {it}")));
                notes.extend(
                    set.iter()
                        .map(|(key, value)| format!("{key} set to {value}")),
                );
                notes.extend(
                    reset
                        .iter()
                        .map(|key| format!("{key} set back to its default")),
                );
                Some(Done {
                    reason: "TopicChanged",
                    note: notes.join(", "),
                    is_warning: false,
                })
            }
            Step::Delete { .. } => Some(Done {
                reason: "TopicDeleted",
                note: "the topic was deleted with this object".to_owned(),
                is_warning: false,
            }),
        }
    }
}

/// Whether the topic is as its spec, or what keeps it from that.
pub(super) fn told(
    was_there: bool,
    view: Option<&TopicView>,
    plan: &Plan,
    outcomes: &[Outcome],
) -> Vec<conditions::Told> {
    if let Some(report) = plan.report.as_ref().filter(|it| it.needs_a_person()) {
        return conditions::stalled(report.reason(), report.message());
    }
    for outcome in outcomes {
        match outcome {
            // The brokers looked at it and said no: trying again will not help.
            Outcome::NotYet(message) => return conditions::stalled("Refused", message.clone()),
            Outcome::Failed(message) => {
                return conditions::reconciling("ApplyFailed", message.clone());
            }
            Outcome::Done | Outcome::Skipped => {}
        }
    }
    if let Some(report) = &plan.report {
        return conditions::reconciling(report.reason(), report.message());
    }
    match view {
        Some(view) if plan.steps.is_empty() && view.offline > 0 => {
            let message = format!("{} partitions have no leader", view.offline);
            conditions::reconciling("PartitionsOffline", message)
        }
        Some(_) if plan.steps.is_empty() => {
            conditions::ready("the topic is as its spec".to_owned())
        }
        Some(_) | None => {
            let done = plan.steps.iter().filter_map(|it| it.done(was_there));
            let notes: Vec<String> = done.map(|it| it.note).collect();
            let message = if notes.is_empty() {
                "the topic is about to be made".to_owned()
            } else {
                notes.join(", ")
            };
            conditions::reconciling("Progressing", message)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_topic_that_somebody_else_deleted_is_told_to_be_empty() {
        let create = Step::Create {
            partitions: 6,
            replicas: 3,
            config: BTreeMap::new(),
        };
        let first = create.done(false).unwrap();
        assert_eq!((first.reason, first.is_warning), ("TopicCreated", false));
        let again = create.done(true).unwrap();
        assert_eq!((again.reason, again.is_warning), ("TopicMadeAgain", true));
        assert_eq!(Step::AddFinalizer.done(true), None);
    }
}
