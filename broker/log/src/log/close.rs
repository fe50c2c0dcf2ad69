//! Stopping in such a way that the next start need not read the log.
//!
//! In: the log. Out: its caches in files, and what is left to sync. Never here: the marker of a clean
//! shutdown, which is of the whole directory.
//!
//! ```text
//!   close ──► sync ──► checkpoint ──► sync ──► (all logs) marker of a clean shutdown
//!   caches             the log end, as stated
//! ```
//!
//! The end is stated only once it is durable; a log that does not end where it was stated to end is
//! not believed to have been left cleanly, whatever the marker says.

use super::{Log, caches};
use crate::dir::Dir;
use crate::error::Error;
use crate::log::{SyncRequest, SyncScope};

impl<D: Dir> Log<D> {
    /// Writes the caches of the active segment. The request that comes back makes them and all that
    /// was appended durable; nothing may be appended after it. Once it is performed,
    /// [`Log::checkpoint`] and one more request state that end.
    ///
    /// # Errors
    /// When the log is offline, or a cache cannot be written. The directory is not clean then.
    ///
    /// # Panics
    /// When the last request to sync is not back.
    pub fn close(&mut self) -> Result<Option<SyncRequest<D>>, Error> {
        self.require_online()?;
        assert!(!self.unsynced.is_in_flight(), "the last sync is waited for");
        // A clean start does not look whether one segment covers another.
        self.release_covered()?;
        self.active.finish_time_index();
        let span = self.active.span.clone();
        caches::write_indexes(self.files.dir(), &mut self.unsynced, &span)?;
        self.write_leader_epochs();
        self.write_producer_snapshot(self.log_end_offset());
        Ok(self.sync_request(SyncScope::All))
    }
}
