//! Definitions of configs by their types, so that the table has one line for each thing to know.
//!
//! In: what differs from one config to the next. Out: a [`Definition`]. Never here: a config.

use broker_log::config::{Allowed, Definition, Effect, Kind};

pub(super) const fn define(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    allowed: Allowed,
    effect: Effect,
    documentation: &'static str,
) -> Definition {
    Definition {
        name,
        kind,
        default,
        allowed,
        synonyms: &[],
        effect,
        is_internal: false,
        documentation,
    }
}

/// A number of 32 bits that is at least `min`.
pub(super) const fn int(
    name: &'static str,
    default: &'static str,
    min: i64,
    effect: Effect,
    documentation: &'static str,
) -> Definition {
    let allowed = Allowed::AtLeast(min);
    define(name, Kind::Int, default, allowed, effect, documentation)
}

/// A number of 64 bits that is at least `min`.
pub(super) const fn long(
    name: &'static str,
    default: &'static str,
    min: i64,
    effect: Effect,
    documentation: &'static str,
) -> Definition {
    let allowed = Allowed::AtLeast(min);
    define(name, Kind::Long, default, allowed, effect, documentation)
}
