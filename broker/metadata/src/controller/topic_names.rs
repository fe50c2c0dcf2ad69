//! Names that a topic may have.
//!
//! In: a name from a request. Out: the rule that it breaks. Never here: whether the name is taken.

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

/// Whether two different names are one in the names of metrics, where '.' becomes '_'.
pub(crate) fn collide(one: &str, other: &str) -> bool {
    let folded = |it: u8| if it == b'.' { b'_' } else { it };
    one != other && one.bytes().map(folded).eq(other.bytes().map(folded))
}

/// Whether any other name could collide with this one.
pub(crate) fn may_collide(name: &str) -> bool {
    name.contains(['.', '_'])
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
        let cases = [
            ("a.b", "a_b", true),
            ("a_b", "a.b", true),
            ("a.b", "a.b", false),
            ("a.b", "a-b", false),
            ("a.b", "a_b_", false),
        ];
        for (one, other, collides) in cases {
            assert_eq!(collide(one, other), collides, "{one} {other}");
            assert!(!collides || (may_collide(one) && may_collide(other)));
        }
    }
}
