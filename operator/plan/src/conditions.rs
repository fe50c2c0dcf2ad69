//! Conditions as Kubernetes' tools read them: `Ready`, `Reconciling`, `Stalled` (kstatus), and more.
//!
//! In: the state to tell and the conditions that were told before. Out: conditions, in which a time
//! changes only with a status. Never here: which state it is.

use crds::Condition;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// Longer messages are cut: the API server takes 32,768 bytes, and people read less.
const MESSAGE_CHARACTERS_MAX: usize = 1024;

/// One condition to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub type_: &'static str,
    /// `None` is Unknown.
    pub is_true: Option<bool>,
    pub reason: &'static str,
    pub message: String,
}

impl Told {
    pub fn new(type_: &'static str, is_true: bool, reason: &'static str, message: String) -> Told {
        Told {
            type_,
            is_true: Some(is_true),
            reason,
            message,
        }
    }
}

/// The conditions to write. Those of other types that were there before are gone.
pub fn merge(
    previous: &[Condition],
    told: Vec<Told>,
    observed_generation: Option<i64>,
    now: Timestamp,
) -> Vec<Condition> {
    told.into_iter()
        .map(|it| {
            let status = match it.is_true {
                Some(true) => "True",
                Some(false) => "False",
                None => "Unknown",
            };
            let before = previous
                .iter()
                .find(|old| old.type_ == it.type_ && old.status == status);
            Condition {
                type_: it.type_.to_owned(),
                status: status.to_owned(),
                reason: it.reason.to_owned(),
                message: it.message.chars().take(MESSAGE_CHARACTERS_MAX).collect(),
                observed_generation,
                last_transition_time: before
                    .map_or(Time(now), |old| old.last_transition_time.clone()),
            }
        })
        .collect()
}

/// The three conditions that kstatus reads, for an object that is as it should be.
pub fn ready(message: String) -> Vec<Told> {
    vec![
        Told::new("Ready", true, "Ready", message),
        Told::new("Reconciling", false, "Ready", String::new()),
        Told::new("Stalled", false, "Ready", String::new()),
    ]
}

/// The three conditions for an object that is on its way or waits for something outside.
pub fn reconciling(reason: &'static str, message: String) -> Vec<Told> {
    vec![
        Told::new("Ready", false, reason, message.clone()),
        Told::new("Reconciling", true, reason, message),
        Told::new("Stalled", false, reason, String::new()),
    ]
}

/// The three conditions for an object that its owner has to change.
pub fn stalled(reason: &'static str, message: String) -> Vec<Told> {
    vec![
        Told::new("Ready", false, reason, message.clone()),
        Told::new("Reconciling", false, reason, String::new()),
        Told::new("Stalled", true, reason, message),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_time_of_a_condition_changes_only_with_its_status() {
        let first = merge(&[], reconciling("Creating", "a".to_owned()), Some(1), at(1));
        let second = merge(
            &first,
            reconciling("Waiting", "b".to_owned()),
            Some(2),
            at(2),
        );
        let third = merge(&second, ready("c".to_owned()), Some(2), at(3));
        let times = |all: &[Condition]| -> Vec<i64> {
            all.iter()
                .map(|it| it.last_transition_time.0.as_second())
                .collect()
        };
        assert_eq!(times(&second), [1, 1, 1]);
        assert_eq!(second[0].reason, "Waiting");
        assert_eq!(second[0].observed_generation, Some(2));
        // Stalled was False before and still is.
        assert_eq!(times(&third), [3, 3, 1]);
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let told = vec![Told::new("Ready", false, "Long", "ä".repeat(5000))];
        let conditions = merge(&[], told, None, at(1));
        assert_eq!(
            conditions[0].message.chars().count(),
            MESSAGE_CHARACTERS_MAX
        );
    }
}
