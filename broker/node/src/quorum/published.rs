//! What the quorum's thread tells the rest of the node: the image, and where the controller is.
//!
//! In: new images and leaders. Out: the newest of each, without waiting; every change, in order, to
//! who subscribed. Never here: how they come about.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};
use broker_metadata::{Delta, Image};
use broker_types::{BrokerId, Epoch};
use broker_wire::Str;
use futures::channel::mpsc;

use crate::world::Peer;

/// Where the active controller is, as far as this node knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerLocation {
    pub id: BrokerId,
    pub epoch: Epoch,
    pub is_me: bool,
    /// `None`: the leader is known, but not where it listens.
    pub peer: Option<Peer>,
}

/// A step from one image to the next.
#[derive(Debug)]
pub struct Change {
    pub image: Arc<Image>,
    pub delta: Delta,
}

/// The newest image and controller of a node.
pub struct Published {
    image: ArcSwap<Image>,
    controller: ArcSwapOption<ControllerLocation>,
    subscribers: Mutex<Vec<mpsc::UnboundedSender<Arc<Change>>>>,
}

impl Published {
    pub(crate) fn new(cluster_id: Str) -> Published {
        Published {
            image: ArcSwap::from_pointee(Image::new(cluster_id)),
            controller: ArcSwapOption::empty(),
            subscribers: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn image(&self) -> Arc<Image> {
        self.image.load_full()
    }

    pub(crate) fn controller(&self) -> Option<Arc<ControllerLocation>> {
        self.controller.load_full()
    }

    /// Every change from now on. The first is from an empty image to the present one.
    pub(crate) fn subscribe(&self) -> mpsc::UnboundedReceiver<Arc<Change>> {
        let (sender, receiver) = mpsc::unbounded();
        let mut subscribers = self
            .subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let image = self.image();
        let empty = Image::new(image.cluster_id().clone());
        let delta = Delta::between(&empty, &image);
        // The receiver is in our hands, so this arrives.
        let _ = sender.unbounded_send(Arc::new(Change { image, delta }));
        subscribers.push(sender);
        receiver
    }

    /// Takes the next image. Only the quorum's thread calls this, with images in their order.
    pub(crate) fn publish_image(&self, image: Image) {
        let mut subscribers = self
            .subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let image = Arc::new(image);
        let before = self.image.swap(Arc::clone(&image));
        let delta = Delta::between(&before, &image);
        let change = Arc::new(Change { image, delta });
        subscribers.retain(|it| it.unbounded_send(Arc::clone(&change)).is_ok());
    }

    /// Shows the present image once more: something beside it changed that decides what it means.
    pub(crate) fn announce(&self) {
        let mut subscribers = self
            .subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (image, delta) = (self.image(), Delta::default());
        let change = Arc::new(Change { image, delta });
        subscribers.retain(|it| it.unbounded_send(Arc::clone(&change)).is_ok());
    }

    pub(crate) fn publish_controller(&self, location: Option<ControllerLocation>) {
        self.controller.store(location.map(Arc::new));
    }
}
