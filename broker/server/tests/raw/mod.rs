//! A client that sends any request in any version, as others' clients do not.
//!
//! In: a request. Out: its answer, or a panic. Never here: finding out whom to ask, or trying again.

#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(
    clippy::unwrap_used,
    reason = "an answer that is not as expected ends the test"
)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use broker_wire::{Request, Response, frame};

const ANSWER_WITHIN: Duration = Duration::from_secs(30);
const CLIENT_ID: &str = "raw";

/// One connection, one request at a time.
pub(crate) struct Client {
    stream: TcpStream,
    correlation_id: i32,
}

impl Client {
    pub(crate) fn connect(bootstrap: &str) -> Client {
        let stream = TcpStream::connect(bootstrap).unwrap();
        stream.set_read_timeout(Some(ANSWER_WITHIN)).unwrap();
        Client {
            stream,
            correlation_id: 0,
        }
    }

    /// Where it is connected to.
    pub(crate) fn address(&self) -> String {
        self.stream.peer_addr().unwrap().to_string()
    }

    pub(crate) fn ask(&mut self, request: &Request, version: i16) -> Response {
        self.correlation_id += 1;
        let key = request.api_key();
        let shown = format!("{} {version}", key.name());
        let body = frame::encode_request(request, version, self.correlation_id, CLIENT_ID)
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        self.stream.write_all(&length).unwrap();
        self.stream.write_all(&body).unwrap();
        let mut length = [0; 4];
        let read = self.stream.read_exact(&mut length);
        read.unwrap_or_else(|error| panic!("{shown} got no answer: {error}"));
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut answer).unwrap();
        frame::decode_response(key, version, self.correlation_id, answer.into())
            .unwrap_or_else(|error| panic!("{shown} got an answer that cannot be read: {error}"))
    }
}
