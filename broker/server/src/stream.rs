//! A connection, in the clear or encrypted.
//!
//! In: a socket, after its handshake if it has one. Out: its two directions, each for a task of its
//! own. Never here: frames, or who may connect.

use tokio::io::{ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_rustls::TlsStream;
use tokio_util::either::Either;

/// An open connection.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

pub(crate) type Reader = Either<OwnedReadHalf, ReadHalf<TlsStream<TcpStream>>>;
pub(crate) type Writer = Either<OwnedWriteHalf, WriteHalf<TlsStream<TcpStream>>>;

impl Stream {
    pub(crate) fn split(self) -> (Reader, Writer) {
        match self {
            Stream::Plain(stream) => {
                let (reader, writer) = stream.into_split();
                (Either::Left(reader), Either::Left(writer))
            }
            Stream::Tls(stream) => {
                let (reader, writer) = tokio::io::split(*stream);
                (Either::Right(reader), Either::Right(writer))
            }
        }
    }
}
