//! Events: what happened to an object, for `kubectl describe`.
//!
//! In: what was done, what an object is told. Out: Events, each with its own text. Never here: whether
//! something happened.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crds::Condition;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};

/// Texts that are remembered to be counted when they come again; more than a cluster tells in an hour.
const TEXTS_MAX: usize = 5_000;

/// Publishes Events.
pub(crate) struct Events {
    client: Client,
    reporter: Reporter,
    /// By object and reason, the last text and who published it. A recorder counts events of one
    /// reason whatever they say, under the text of the first.
    told: Mutex<BTreeMap<(String, String), (String, Recorder)>>,
}

/// Something to be told.
#[derive(Clone, Debug)]
pub(crate) struct News {
    pub(crate) reason: String,
    pub(crate) note: String,
    pub(crate) is_warning: bool,
}

impl News {
    /// Why an object is ready or not, if that is another reason than `before`. It warns when somebody
    /// has to do something, or what was reached before is not any more.
    pub(crate) fn of_ready(before: &[Condition], now: &[Condition]) -> Option<News> {
        let ready = |all: &[Condition]| all.iter().find(|it| it.type_ == "Ready").cloned();
        let is = |all: &[Condition], type_: &str, status: &str| {
            let mut all = all.iter();
            all.any(|it| it.type_ == type_ && it.status == status)
        };
        let (before_ready, now_ready) = (ready(before), ready(now)?);
        if before_ready.is_some_and(|it| it.reason == now_ready.reason) {
            return None;
        }
        let was_lost = |type_| is(before, type_, "True") && !is(now, type_, "True");
        let is_warning = is(now, "Stalled", "True")
            || was_lost("Available")
            || now_ready.reason.ends_with("Unreachable")
            || now_ready.reason.ends_with("Failed");
        Some(News {
            reason: now_ready.reason,
            note: now_ready.message,
            is_warning,
        })
    }
}

impl Events {
    pub(crate) fn new(client: Client, reporter: Reporter) -> Events {
        Events {
            client,
            reporter,
            told: Mutex::default(),
        }
    }

    /// Publishes an Event; that it cannot be is no reason to stop.
    pub(crate) async fn tell(&self, news: News, object: &ObjectReference) {
        let recorder = self.recorder(&news, object);
        let event = Event {
            type_: if news.is_warning {
                EventType::Warning
            } else {
                EventType::Normal
            },
            reason: news.reason,
            note: Some(news.note),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        if let Err(error) = recorder.publish(&event, object).await {
            tracing::warn!(%error, "failed to publish an event");
        }
    }

    fn recorder(&self, news: &News, object: &ObjectReference) -> Recorder {
        let key = (object.uid.clone().unwrap_or_default(), news.reason.clone());
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((note, recorder)) = told.get(&key)
            && *note == news.note
        {
            return recorder.clone();
        }
        if told.len() >= TEXTS_MAX {
            told.clear();
        }
        let recorder = Recorder::new(self.client.clone(), self.reporter.clone());
        told.insert(key, (news.note.clone(), recorder.clone()));
        recorder
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;

    fn conditions(all: &[(&str, &str, &str)]) -> Vec<Condition> {
        let told = all.iter().map(|(type_, status, reason)| Condition {
            type_: (*type_).to_owned(),
            status: (*status).to_owned(),
            reason: (*reason).to_owned(),
            observed_generation: None,
            last_transition_time: Time(Timestamp::UNIX_EPOCH),
            message: String::new(),
        });
        told.collect()
    }

    fn is_warning(before: &[(&str, &str, &str)], now: &[(&str, &str, &str)]) -> Option<bool> {
        News::of_ready(&conditions(before), &conditions(now)).map(|it| it.is_warning)
    }

    #[test]
    fn what_goes_well_is_no_warning() {
        let making = [
            ("Ready", "False", "PodsNotReady"),
            ("Available", "False", "NoController"),
        ];
        assert_eq!(is_warning(&[], &making), Some(false));
        assert_eq!(is_warning(&making, &making), None, "told already");
        let well = [
            ("Ready", "True", "Ready"),
            ("Available", "True", "Available"),
        ];
        assert_eq!(is_warning(&making, &well), Some(false));
        let lost = [
            ("Ready", "False", "Unavailable"),
            ("Available", "False", "PartitionsOffline"),
        ];
        assert_eq!(is_warning(&well, &lost), Some(true));
        let stalled = [
            ("Ready", "False", "NotSupported"),
            ("Stalled", "True", "NotSupported"),
        ];
        assert_eq!(is_warning(&[], &stalled), Some(true));
        let unreachable = [("Ready", "Unknown", "ClusterUnreachable")];
        assert_eq!(is_warning(&[], &unreachable), Some(true));
    }
}
