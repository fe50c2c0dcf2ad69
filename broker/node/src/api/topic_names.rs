//! The names of topics: which are valid, and which are the brokers' own.

/// Longest name of a topic.
const LENGTH_MAX: usize = 249;

/// Where groups keep their offsets.
pub const OFFSETS: &str = "__consumer_offsets";
/// Topics that clients do not write to.
const INTERNAL: &[&str] = &[OFFSETS, "__transaction_state", "__share_group_state"];

/// Whether a topic may have this name.
pub fn is_valid(name: &str) -> bool {
    let is_allowed = |it: char| it.is_ascii_alphanumeric() || ['.', '_', '-'].contains(&it);
    (1..=LENGTH_MAX).contains(&name.len())
        && name != "."
        && name != ".."
        && name.chars().all(is_allowed)
}

/// Whether a topic is the brokers' own.
pub fn is_internal(name: &str) -> bool {
    INTERNAL.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kafkas() {
        let long = "x".repeat(LENGTH_MAX);
        for name in ["a", "a.b_c-D9", "...", long.as_str()] {
            assert!(is_valid(name), "{name}");
        }
        let longer = "x".repeat(LENGTH_MAX + 1);
        for name in ["", ".", "..", "a b", "a/b", "ä", longer.as_str()] {
            assert!(!is_valid(name), "{name}");
        }
    }
}
