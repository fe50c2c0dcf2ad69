//! Stopping in such a way that the next start need not read the log.
//!
//! In: the log. Out: its caches in files, and what is left to sync before the data directory may
//! be marked as cleanly shut down. Never here: the marker, which is of the whole directory.

use super::{Log, caches};
use crate::dir::Dir;
use crate::error::Error;
use crate::log::SyncRequest;

impl<D: Dir> Log<D> {
    /// Writes the caches of the active segment, and the durable end as stated. The request that
    /// comes back makes them and all that was appended durable; nothing may be appended after it.
    ///
    /// # Errors
    /// When the log is offline, or a cache cannot be written. The directory is not clean then.
    ///
    /// # Panics
    /// When the last request to sync is not back.
    pub fn close(&mut self) -> Result<Option<SyncRequest<D>>, Error> {
        self.require_online()?;
        assert!(!self.unsynced.is_in_flight(), "the last sync is waited for");
        self.active.finish_time_index();
        let span = self.active.span.clone();
        caches::write_indexes(&self.dir, &mut self.unsynced, &span)?;
        self.write_leader_epochs();
        self.write_producer_snapshot(self.log_end_offset());
        // Not the log end: that is not durable yet, and a crash before the marker is there would
        // find a promise that nobody has kept.
        self.checkpoint()?;
        Ok(self.sync_request())
    }
}
