//! Waiting for the first of two things, the same way each time.
//!
//! In: two futures. Out: what came first; when both are there, the first of the two.

use std::future::Future;

use futures::future;

/// Which of two it was.
pub(crate) enum Either<A, B> {
    First(A),
    Second(B),
}

/// Completes with whichever completes first; the other is dropped.
pub(crate) async fn race<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> Either<A, B> {
    let (first, second) = (std::pin::pin!(first), std::pin::pin!(second));
    match future::select(first, second).await {
        future::Either::Left((it, _)) => Either::First(it),
        future::Either::Right((it, _)) => Either::Second(it),
    }
}
