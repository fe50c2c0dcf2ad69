//! Memory that is not enough.
//!
//! In: a process, where its clients are served. Out: a group of processes with a bound, and connections
//! that each begin a request and do not end it. Never here: who is killed for it.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::needs::memory_cgroup;

const NAME: &str = "tidemill-faults";
/// What the process may take beyond what it has.
const MORE_BYTES: u64 = 6 << 20;
/// Ten times as many as the load has.
const CONNECTIONS: usize = 300;
/// What each says that it will send, and what it does send.
const REQUEST_BYTES: u32 = 1 << 20;
const SENT_BYTES: usize = 512 << 10;

/// The group and the connections, gone when dropped.
pub(crate) struct Squeezed {
    group: PathBuf,
    _connections: Vec<TcpStream>,
}

impl Squeezed {
    pub(crate) fn begin(pid: u32, address: SocketAddr) -> Result<Squeezed> {
        let (root, is_first) = memory_cgroup().context("there is no memory controller")?;
        let group = root.join(NAME);
        if !is_first {
            std::fs::write(root.join("cgroup.subtree_control"), "+memory")?;
        }
        if !group.is_dir() {
            std::fs::create_dir(&group).context("failed to make a cgroup")?;
        }
        let mut squeezed = Squeezed {
            group,
            _connections: Vec::new(),
        };
        // Pages that it has already are charged to the group that it was in.
        let limit = if is_first {
            "memory.limit_in_bytes"
        } else {
            "memory.max"
        };
        std::fs::write(squeezed.group.join(limit), MORE_BYTES.to_string())?;
        std::fs::write(squeezed.group.join("cgroup.procs"), pid.to_string())?;
        for _ in 0..CONNECTIONS {
            // Once it is killed nobody listens.
            let Ok(stream) = begin_request(address) else {
                break;
            };
            squeezed._connections.push(stream);
        }
        Ok(squeezed)
    }
}

/// A Produce request that does not end.
fn begin_request(address: SocketAddr) -> std::io::Result<TcpStream> {
    let within = Duration::from_millis(500);
    let mut stream = TcpStream::connect_timeout(&address, within)?;
    stream.set_write_timeout(Some(within))?;
    stream.write_all(&REQUEST_BYTES.to_be_bytes())?;
    // Key 0, version 9, correlation id 1, no client id, no tagged fields.
    stream.write_all(&[0, 0, 0, 9, 0, 0, 0, 1, 0xff, 0xff, 0])?;
    // A broker may well not read on.
    let _ = stream.write_all(&vec![0; SENT_BYTES]);
    Ok(stream)
}

impl Drop for Squeezed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.group);
    }
}
