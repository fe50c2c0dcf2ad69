//! Who has been heard of, and how long ago.
//!
//! In: heartbeats, lost connections, what dialling a broker showed, the time. Out: whose session is
//! over. Never here: what follows from that; sessions are in no record, and each controller starts
//! them anew.
//!
//! A lost connection starts a probe, and the broker is dialled. So are all when a leadership begins: the
//! machine of the controller before may have taken other brokers with it.
//!
//! ```text
//!  connected ──connection lost──► probed ──refused──────────────► fenced at once
//!      ▲       leadership begins──►  │ └────answered──► unconnected, full session
//!      └─────────heartbeat───────────┴──────no answer─► unconnected, short session
//! ```

use std::collections::BTreeMap;

use broker_types::{BrokerEpoch, BrokerId, Monotonic, Offset};

use crate::controller::Settings;
use crate::image::Image;

/// What dialling a broker showed that is not connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeResult {
    /// Its host refused the connection: the process is gone.
    Refused,
    /// Something accepted the connection.
    Answered,
    /// Nothing came back in time.
    NoAnswer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contact {
    Connected,
    Probed,
    Unconnected,
    Unreachable,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    broker_epoch: BrokerEpoch,
    last_contact: Monotonic,
    contact: Contact,
    /// Last offset of the metadata log that the broker has applied.
    pub(crate) metadata_offset: Option<Offset>,
    /// Offset that all active brokers must have applied before this one may shut down.
    pub(crate) shutdown_offset: Option<Offset>,
}

impl Session {
    fn new(broker_epoch: BrokerEpoch, now: Monotonic, contact: Contact) -> Session {
        Session {
            broker_epoch,
            last_contact: now,
            contact,
            metadata_offset: None,
            shutdown_offset: None,
        }
    }

    fn deadline(&self, settings: Settings) -> Monotonic {
        let timeout = match self.contact {
            Contact::Connected | Contact::Probed | Contact::Unconnected => settings.session_timeout,
            Contact::Unreachable => settings.unreachable_session_timeout,
        };
        self.last_contact + timeout
    }

    /// Whether the process behind the session is, as far as is known, connected.
    pub(crate) fn is_connected(&self) -> bool {
        self.contact == Contact::Connected
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions {
    by_broker: BTreeMap<BrokerId, Session>,
}

impl Sessions {
    /// Full sessions for all brokers that are not fenced. Nobody has heard of them, so each is probed.
    pub(crate) fn granted(image: &Image, now: Monotonic) -> Sessions {
        let unfenced = image.brokers().filter(|it| !it.is_fenced);
        let session = |epoch| Session::new(epoch, now, Contact::Probed);
        Sessions {
            by_broker: unfenced.map(|it| (it.id, session(it.epoch))).collect(),
        }
    }

    /// Notes a heartbeat, which ends any probe.
    pub(crate) fn touch(
        &mut self,
        broker: BrokerId,
        epoch: BrokerEpoch,
        metadata_offset: Option<Offset>,
        now: Monotonic,
    ) {
        let session = self
            .by_broker
            .entry(broker)
            .and_modify(|it| {
                if it.broker_epoch != epoch {
                    *it = Session::new(epoch, now, Contact::Connected);
                }
            })
            .or_insert_with(|| Session::new(epoch, now, Contact::Connected));
        session.last_contact = session.last_contact.max(now);
        session.contact = Contact::Connected;
        session.metadata_offset = session.metadata_offset.max(metadata_offset);
    }

    /// Starts a session, or starts it anew.
    pub(crate) fn start(&mut self, broker: BrokerId, epoch: BrokerEpoch, now: Monotonic) {
        let session = Session::new(epoch, now, Contact::Connected);
        self.by_broker.insert(broker, session);
    }

    pub(crate) fn end(&mut self, broker: BrokerId) {
        self.by_broker.remove(&broker);
    }

    /// The session of that registration, over or not.
    pub(crate) fn of(&self, broker: BrokerId, epoch: BrokerEpoch) -> Option<&Session> {
        let session = self.by_broker.get(&broker);
        session.filter(|it| it.broker_epoch == epoch)
    }

    fn of_mut(&mut self, broker: BrokerId, epoch: BrokerEpoch) -> Option<&mut Session> {
        let session = self.by_broker.get_mut(&broker);
        session.filter(|it| it.broker_epoch == epoch)
    }

    /// Notes, once, what all others must have applied before this broker may shut down.
    pub(crate) fn note_shutdown(&mut self, broker: BrokerId, epoch: BrokerEpoch, offset: Offset) {
        if let Some(session) = self.of_mut(broker, epoch) {
            session.shutdown_offset.get_or_insert(offset);
        }
    }

    /// Whether that registration's session is not over.
    pub(crate) fn live(
        &self,
        broker: BrokerId,
        epoch: BrokerEpoch,
        now: Monotonic,
        settings: Settings,
    ) -> Option<&Session> {
        let session = self.of(broker, epoch);
        session.filter(|it| now < it.deadline(settings))
    }

    /// Whose probe has no result yet.
    pub(crate) fn being_probed(&self) -> impl Iterator<Item = (BrokerId, BrokerEpoch)> {
        let sessions = self.by_broker.iter();
        let probed = sessions.filter(|(_, it)| it.contact == Contact::Probed);
        probed.map(|(broker, it)| (*broker, it.broker_epoch))
    }

    /// Begins a probe; false when there is nothing to probe.
    pub(crate) fn begin_probe(&mut self, broker: BrokerId, epoch: BrokerEpoch) -> bool {
        match self.of_mut(broker, epoch) {
            Some(session) if session.contact == Contact::Connected => {
                session.contact = Contact::Probed;
                true
            }
            _ => false,
        }
    }

    /// Ends a probe; true when the process is known to be gone. Without a probe, because a heartbeat
    /// came in between, nothing follows.
    pub(crate) fn end_probe(
        &mut self,
        broker: BrokerId,
        epoch: BrokerEpoch,
        result: ProbeResult,
    ) -> bool {
        let session = self.of_mut(broker, epoch);
        let Some(session) = session.filter(|it| it.contact == Contact::Probed) else {
            return false;
        };
        session.contact = match result {
            ProbeResult::Refused | ProbeResult::NoAnswer => Contact::Unreachable,
            ProbeResult::Answered => Contact::Unconnected,
        };
        result == ProbeResult::Refused
    }

    /// Brokers whose session is over.
    pub(crate) fn expired(&self, now: Monotonic, settings: Settings) -> Vec<BrokerId> {
        let expired = self.by_broker.iter();
        let expired = expired.filter(|(_, it)| it.deadline(settings) <= now);
        expired.map(|it| *it.0).collect()
    }

    /// When the next session will be over. `None` without sessions.
    pub(crate) fn next_deadline(&self, settings: Settings) -> Option<Monotonic> {
        self.by_broker
            .values()
            .map(|it| it.deadline(settings))
            .min()
    }
}
