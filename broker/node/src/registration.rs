//! What a data directory remembers of its broker's registrations.
//!
//! In: the epoch of a registration, the incarnation that is about to register. Out: both, as the
//! next process finds them. Never here: registering.
//!
//! ```text
//!   broker.epoch    4711                                       registered, and acted since
//!                   4711 0f3a...(32 digits)                    about to register once more
//!                   -    0f3a...                               about to register first
//! ```
//!
//! A process may die after the controller has registered it and before it knows. The next process
//! cannot state that epoch; but nobody has acted under it either, so it goes on as the same
//! incarnation, and is told.

use std::io;
use std::path::Path;

use broker_log::dir::{self, Dir};
use broker_types::BrokerEpoch;

const FILE: &str = "broker.epoch";
/// More than any content has.
const BYTES_MAX: u64 = 64;

/// Registrations, as they are on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Of the last registration that a process acted under.
    pub epoch: Option<BrokerEpoch>,
    /// An incarnation that may have been registered since, and has not acted.
    pub pending: Option<[u8; 16]>,
}

impl Stored {
    /// Reads what the process before left.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read<D: Dir>(dir: &D) -> io::Result<Stored> {
        match dir::read_small(dir, Path::new(FILE), BYTES_MAX) {
            Ok(bytes) => Ok(Stored::decode(&String::from_utf8_lossy(&bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Stored::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes it, durably and whole.
    pub(crate) fn write<D: Dir>(&self, dir: &D) -> io::Result<()> {
        dir::replace_durably(dir, Path::new(FILE), self.encode().as_bytes())
    }

    fn encode(&self) -> String {
        let epoch = self.epoch.map_or("-".to_owned(), |it| it.to_string());
        match self.pending {
            Some(incarnation) => format!("{epoch} {:032x}", u128::from_be_bytes(incarnation)),
            None => epoch,
        }
    }

    fn decode(text: &str) -> Stored {
        let mut words = text.split_whitespace();
        let epoch = words.next().and_then(|it| it.parse().ok());
        let pending = words.next().filter(|it| it.len() == 32);
        let pending = pending.and_then(|it| u128::from_str_radix(it, 16).ok());
        Stored {
            epoch: epoch.and_then(BrokerEpoch::from_wire),
            pending: pending.map(u128::to_be_bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use broker_log::dir::memory::MemoryDir;

    use super::*;

    #[test]
    fn what_was_written_is_read_also_after_a_loss_of_power() {
        let dir = MemoryDir::new();
        assert_eq!(Stored::read(&dir).unwrap(), Stored::default());
        let mut dir = dir;
        for (epoch, pending) in [
            (None, Some([7; 16])),
            (Some(BrokerEpoch::new(4711)), None),
            (Some(BrokerEpoch::new(4711)), Some([0xff; 16])),
        ] {
            let stored = Stored { epoch, pending };
            stored.write(&dir).unwrap();
            dir = dir.crash_power(1);
            assert_eq!(Stored::read(&dir).unwrap(), stored);
        }
    }
}
