//! What was done to a topic, for whoever looks at its object.
//!
//! In: a step. Out: a reason in CamelCase and a sentence. Never here: whether it succeeded.

use super::Step;

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
