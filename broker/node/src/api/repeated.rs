//! What a request names several times is answered once: otherwise a small request could ask for an
//! answer of any size.
//!
//! In: things that are asked for. Out: the same without repetition, in their order.

use std::collections::BTreeSet;

/// Each thing the first time that its key is met.
pub(super) fn once_each<T, K: Ord>(
    asked: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> impl Iterator<Item = T> {
    let mut met = BTreeSet::new();
    asked.into_iter().filter(move |it| met.insert(key(it)))
}
