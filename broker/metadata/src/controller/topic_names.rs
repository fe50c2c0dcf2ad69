//! Names that a topic may have.
//!
//! In: a name from a request. Out: the rule that it breaks, or the topic that it
//! collides with. Never here: creating a topic.

use std::collections::BTreeMap;

use broker_wire::Str;

/// Longest name, so that a directory named after a partition fits a file name.
const NAME_LENGTH_MAX: usize = 249;

/// The rule of Kafka's `Topic.validate` that `name` breaks.
pub(crate) fn broken_rule(name: &str) -> Option<&'static str> {
    let is_legal = |it: u8| it.is_ascii_alphanumeric() || b"._-".contains(&it);
    if name.is_empty() {
        Some("it is empty")
    } else if name == "." || name == ".." {
        Some("it is '.' or '..'")
    } else if name.len() > NAME_LENGTH_MAX {
        Some("it is longer than 249 characters")
    } else if !name.bytes().all(is_legal) {
        Some("only ASCII letters and digits, '.', '_' and '-' are allowed")
    } else {
        None
    }
}

/// Names that are taken, as they appear in the names of metrics, where '.' becomes '_'.
pub(crate) struct TakenNames(BTreeMap<String, Str>);

impl TakenNames {
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a Str>) -> TakenNames {
        TakenNames(names.map(|it| (folded(it), it.clone())).collect())
    }

    pub(crate) fn add(&mut self, name: &Str) {
        self.0.insert(folded(name), name.clone());
    }

    /// The topic that `name` would be mistaken for, or is.
    pub(crate) fn collision(&self, name: &str) -> Option<&Str> {
        self.0.get(&folded(name))
    }
}

fn folded(name: &str) -> String {
    name.replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_kafka_allows() {
        let longest = "x".repeat(249);
        for name in [
            "a",
            "A.b_c-9",
            "...",
            "__consumer_offsets",
            longest.as_str(),
        ] {
            assert_eq!(broken_rule(name), None, "{name}");
        }
        let too_long = "x".repeat(250);
        for name in ["", ".", "..", "a b", "a/b", "a\0", "ü", too_long.as_str()] {
            assert!(broken_rule(name).is_some(), "{name}");
        }
    }

    #[test]
    fn dots_and_underscores_count_as_the_same() {
        let mut taken = TakenNames::of([&"a.b".into()].into_iter());
        taken.add(&"c".into());
        let cases = [
            ("a_b", Some("a.b")),
            ("a.b", Some("a.b")),
            ("a-b", None),
            ("a_b_", None),
            ("c", Some("c")),
        ];
        for (name, existing) in cases {
            let found = taken.collision(name).map(|it| &**it);
            assert_eq!(found, existing, "{name}");
        }
    }
}
