//! Answers on their way to a peer.
//!
//! In: requests whose answers come about. Out: their bytes, in the order of the requests; file ranges
//! by sendfile, or read to be encrypted. Never here: what an answer says.

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use broker_log::dir::File as _;
use broker_node::connection::{Answer, Outcome, Part};
use broker_wire::ApiKey;
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use tokio::io::{AsyncWrite, AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{Pending, invalid};
use crate::metrics::ListenerMetrics;
use crate::stream::Writer;

/// How long a peer that has closed its side is still answered: longer than a fetch waits, and not as
/// long as a group may.
const ANSWER_WITHIN: Duration = Duration::from_secs(90);
/// Most that one sendfile call is asked to move, so that connections take turns.
const SENDFILE_BYTES_MAX: usize = 1024 * 1024;
/// Most of a file that is read at once to be encrypted.
const ENCRYPT_BYTES_MAX: usize = 256 * 1024;

/// Writes answers in the order of the requests.
pub(super) async fn write_answers(
    writer: Writer,
    pending: mpsc::Receiver<Pending>,
    idle_max: Duration,
    metrics: Arc<ListenerMetrics>,
) -> io::Result<()> {
    let mut writer = Patient { writer, idle_max };
    let mut answers = Answers::new(pending);
    while let Some(next) = answers.next().await {
        let mut writing = std::pin::pin!(writer.write(next, &metrics));
        loop {
            tokio::select! {
                biased;
                written = &mut writing => break written?,
                () = answers.go_on(), if !answers.is_over() => {}
            }
        }
    }
    Ok(())
}

/// Answers as they come about: all at once, also while one is written. What a request holds is given
/// back when it has its answer, read or not.
struct Answers {
    /// `None` when the peer has said all that it will say.
    pending: Option<mpsc::Receiver<Pending>>,
    coming: FuturesOrdered<Pending>,
    ready: VecDeque<Answered>,
}

impl Answers {
    fn new(pending: mpsc::Receiver<Pending>) -> Answers {
        Answers {
            pending: Some(pending),
            coming: FuturesOrdered::new(),
            ready: VecDeque::new(),
        }
    }

    /// Whether nothing more can come about.
    fn is_over(&self) -> bool {
        self.pending.is_none() && self.coming.is_empty()
    }

    /// Takes one answer that came about, or one more request. May be dropped at any time.
    async fn go_on(&mut self) {
        let Some(pending) = &mut self.pending else {
            self.ready.extend(self.coming.next().await);
            return;
        };
        tokio::select! {
            biased;
            Some(came) = self.coming.next() => self.ready.push_back(came),
            next = pending.recv() => match next {
                Some(next) => self.coming.push_back(next),
                None => self.pending = None,
            },
        }
    }

    /// The next answer in the order of the requests; `None` after the last one, and when a peer that
    /// is gone has waited for long enough.
    async fn next(&mut self) -> Option<Answered> {
        while self.ready.is_empty() && !self.is_over() {
            if self.pending.is_some() {
                self.go_on().await;
            } else {
                let going_on = tokio::time::timeout(ANSWER_WITHIN, self.go_on());
                going_on.await.ok()?;
            }
        }
        self.ready.pop_front()
    }
}

impl Future for Pending {
    type Output = Answered;

    /// The answer, once it has come about; then the memory of the request is given back.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answered> {
        let outcome = std::task::ready!(self.outcome.as_mut().poll(context));
        drop(self.memory.take());
        Poll::Ready(Answered {
            key: self.key,
            took: self.arrived.elapsed(),
            outcome,
            _turn: self.turn.take(),
        })
    }
}

/// An answer that is to be written.
pub(super) struct Answered {
    key: Option<ApiKey>,
    took: Duration,
    outcome: Outcome<crate::world::File>,
    /// Held until the answer is written: nobody is read from who does not read.
    _turn: Option<OwnedSemaphorePermit>,
}

/// Writes for as long as the peer takes something now and then.
struct Patient {
    writer: Writer,
    idle_max: Duration,
}

impl Patient {
    async fn write(&mut self, next: Answered, metrics: &ListenerMetrics) -> io::Result<()> {
        if let Some(key) = next.key {
            metrics.answered(key, next.took);
        }
        match next.outcome {
            Outcome::Answer(answer) => {
                metrics.sent.inc_by(answer.len());
                self.write_answer(answer).await
            }
            Outcome::Silence => Ok(()),
            Outcome::Close(reason) => Err(invalid(reason)),
        }
    }

    async fn write_answer(&mut self, answer: Answer<crate::world::File>) -> io::Result<()> {
        let idle_max = self.idle_max;
        for part in answer.parts {
            match part {
                Part::Bytes(bytes) => write_all(&mut self.writer, &bytes, idle_max).await?,
                Part::File {
                    file,
                    position,
                    length,
                } => match &mut self.writer {
                    Writer::Left(plain) => {
                        send_file(plain, &file, position, length, idle_max).await?;
                    }
                    Writer::Right(tls) => {
                        copy_file(tls, &file, position, length, idle_max).await?;
                    }
                },
            }
        }
        // What encrypts may hold the last bytes back.
        taken(idle_max, self.writer.flush()).await
    }
}

/// A step of writing, which the peer must let end.
async fn taken<T>(idle_max: Duration, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let taken = tokio::time::timeout(idle_max, step).await;
    taken.map_err(|_| invalid("a peer that does not read its answers".to_owned()))?
}

async fn write_all(
    writer: &mut (impl AsyncWrite + Unpin),
    mut bytes: &[u8],
    idle_max: Duration,
) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = taken(idle_max, writer.write(bytes)).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

/// Reads a range of a file, a piece at a time, and writes it.
async fn copy_file(
    writer: &mut (impl AsyncWrite + Unpin),
    file: &crate::world::File,
    position: u64,
    length: u32,
    idle_max: Duration,
) -> io::Result<()> {
    let end = position + u64::from(length);
    let mut position = position;
    let mut piece = vec![0; ENCRYPT_BYTES_MAX.min(length as usize)];
    while position < end {
        let wanted = usize::try_from(end - position).map_or(piece.len(), |it| it.min(piece.len()));
        let file = file.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let n_read = file.read_at(piece.get_mut(..wanted).unwrap_or_default(), position)?;
            io::Result::Ok((piece, n_read))
        });
        let n_read;
        (piece, n_read) = reading.await.map_err(io::Error::other)??;
        if n_read == 0 {
            // The file is shorter than the view promised: the answer cannot be completed.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let read = piece.get(..n_read).unwrap_or_default();
        write_all(writer, read, idle_max).await?;
        position += n_read as u64;
    }
    Ok(())
}

async fn send_file(
    writer: &mut OwnedWriteHalf,
    file: &crate::world::File,
    mut position: u64,
    length: u32,
    idle_max: Duration,
) -> io::Result<()> {
    let stream: &TcpStream = writer.as_ref();
    let descriptor = file
        .as_fd()
        .ok_or_else(|| invalid("a file without a descriptor".into()))?;
    let mut left = length as usize;
    while left > 0 {
        let wanted = left.min(SENDFILE_BYTES_MAX);
        let sending = stream.async_io(Interest::WRITABLE, || {
            let sent =
                rustix::fs::sendfile(stream.as_fd(), descriptor, Some(&mut position), wanted);
            sent.map_err(io::Error::from)
        });
        let sent = taken(idle_max, sending).await?;
        if sent == 0 {
            // The file is shorter than the view promised: the answer cannot be completed.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= sent.min(left);
    }
    Ok(())
}
