//! How an entry of the table of configs is written.
//!
//! In: what differs between configs. Out: a [`Definition`]. Never here: a config.

use broker_log::config::{Allowed, Definition, Effect, Kind};

pub(super) const APPLIES: Effect = Effect::Applies;
pub(super) const BUFFERS: Effect = Effect::NotYet("coordinators keep no buffers");
pub(super) const CLASSIC: Effect = Effect::NotYet("only the classic protocol of groups is served");
pub(super) const CLEANER: Effect =
    Effect::NotYet("the cleaner takes a chunk of a fixed size at a time");
pub(super) const CONNECTIONS: Effect =
    Effect::NotYet("only the broker's own bound on connections holds");
pub(super) const MOVES: Effect = Effect::NotYet("a broker has one directory");
pub(super) const SASL: Effect = Effect::NotYet("clients are not authenticated yet");
pub(super) const THREADS: Effect =
    Effect::NotYet("the broker itself decides how many threads it starts");
pub(super) const TIERS: Effect = Effect::NotYet("there is no tiered storage");
pub(super) const TXN: Effect = Effect::NotYet("there are no transactions yet");

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
