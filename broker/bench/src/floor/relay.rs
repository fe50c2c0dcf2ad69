//! The plainest program that does what a broker must: take bytes, check them, keep them, give them back.
//!
//! In: how much. Out: MB/s. Never here: a protocol; eight bytes ask, and eight bytes answer.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};

use super::raw::{FETCH_BYTES, payload_bytes};
use crate::client::payload::Payload;

const CHUNK_BYTES: usize = 1024 * 1024;
const IN_FLIGHT: u32 = 5;

/// Both ends of a connection over loopback.
fn pair() -> Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("failed to listen")?;
    let client = TcpStream::connect(listener.local_addr()?).context("failed to connect")?;
    let (server, _) = listener.accept().context("failed to accept")?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    Ok((client, server))
}

/// TCP to CRC32C to file, a few chunks on their way.
pub(super) fn write(chunks: u32) -> Result<f64> {
    let (mut client, mut server) = pair()?;
    let mut file = tempfile::tempfile().context("failed to make a file")?;
    let chunk = Payload::random(CHUNK_BYTES).next().to_vec();
    let expected = crc_fast::crc32_iscsi(&chunk);
    let serving = std::thread::spawn(move || -> Result<()> {
        let mut buffer = vec![0; CHUNK_BYTES];
        for _ in 0..chunks {
            server.read_exact(&mut buffer)?;
            ensure!(
                crc_fast::crc32_iscsi(&buffer) == expected,
                "damaged on loopback"
            );
            file.write_all(&buffer)?;
            server.write_all(&[0; 8])?;
        }
        Ok(())
    });
    let mut answer = [0; 8];
    let started = Instant::now();
    for sent in 0..chunks + IN_FLIGHT {
        if sent < chunks {
            client.write_all(&chunk)?;
        }
        if sent >= IN_FLIGHT {
            client.read_exact(&mut answer)?;
        }
    }
    let took = started.elapsed().as_secs_f64();
    serving
        .join()
        .map_err(|_| anyhow!("the relay panicked"))??;
    // Chunks hold what the records of a batch hold, but for its headers.
    Ok(payload_bytes(chunks) / 1e6 / took)
}

/// sendfile from a file in the page cache, one request after the other.
pub(super) fn read(chunks: u32) -> Result<f64> {
    let (mut client, mut server) = pair()?;
    let mut file = tempfile::tempfile().context("failed to make a file")?;
    let chunk = Payload::random(CHUNK_BYTES).next().to_vec();
    for _ in 0..chunks {
        file.write_all(&chunk)?;
    }
    let total = u64::from(chunks) * CHUNK_BYTES as u64;
    let serving = std::thread::spawn(move || serve(&mut server, &file, total));
    let mut buffer = vec![0; FETCH_BYTES as usize];
    let mut position = 0;
    let started = Instant::now();
    while position < total {
        client.write_all(&position.to_be_bytes())?;
        let length = (total - position).min(u64::from(FETCH_BYTES));
        let room = buffer.get_mut(..usize::try_from(length)?);
        client.read_exact(room.unwrap_or_default())?;
        position += length;
    }
    let took = started.elapsed().as_secs_f64();
    drop(client);
    serving
        .join()
        .map_err(|_| anyhow!("the relay panicked"))??;
    Ok(payload_bytes(chunks) / 1e6 / took)
}

fn serve(server: &mut TcpStream, file: &File, total: u64) -> Result<()> {
    let mut asked = [0; 8];
    while server.read_exact(&mut asked).is_ok() {
        let mut position = u64::from_be_bytes(asked);
        let end = total.min(position + u64::from(FETCH_BYTES));
        while position < end {
            let left = usize::try_from(end - position)?;
            let (to, from) = (server.as_fd(), file.as_fd());
            let sent = rustix::fs::sendfile(to, from, Some(&mut position), left)?;
            ensure!(sent > 0, "the file ended");
        }
    }
    Ok(())
}
