//! What whoever asks may do: everything, for there is no authorizer.
//!
//! In: whether a request wants to know. Out: a bit for each operation that exists for a kind of
//! resource, as Kafka answers without an authorizer. Never here: a decision.

/// Stands for "not asked for".
const UNKNOWN: i32 = i32::MIN;

/// `AclOperation` codes.
const READ: u32 = 3;
const WRITE: u32 = 4;
const CREATE: u32 = 5;
const DELETE: u32 = 6;
const ALTER: u32 = 7;
const DESCRIBE: u32 = 8;
const CLUSTER_ACTION: u32 = 9;
const DESCRIBE_CONFIGS: u32 = 10;
const ALTER_CONFIGS: u32 = 11;
const IDEMPOTENT_WRITE: u32 = 12;

/// A kind of resource, with the operations that it has (`AclEntry.supportedOperations`).
pub(super) const TOPIC: &[u32] = &[
    READ,
    WRITE,
    CREATE,
    DELETE,
    ALTER,
    DESCRIBE,
    DESCRIBE_CONFIGS,
    ALTER_CONFIGS,
];
pub(super) const GROUP: &[u32] = &[READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS];
pub(super) const CLUSTER: &[u32] = &[
    CREATE,
    ALTER,
    DESCRIBE,
    CLUSTER_ACTION,
    DESCRIBE_CONFIGS,
    ALTER_CONFIGS,
    IDEMPOTENT_WRITE,
];

/// The operations of a kind, if they are asked for.
pub(super) fn operations(kind: &[u32], is_asked: bool) -> i32 {
    if is_asked {
        kind.iter()
            .fold(0, |bits, operation| bits | (1 << operation))
    } else {
        UNKNOWN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_kafkas() {
        assert_eq!(operations(TOPIC, true), 3576);
        assert_eq!(operations(GROUP, true), 3400);
        assert_eq!(operations(CLUSTER, true), 8096);
        assert_eq!(operations(TOPIC, false), -2_147_483_648);
    }
}
