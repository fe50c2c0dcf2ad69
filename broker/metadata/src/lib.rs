//! Cluster metadata: records to image, and the controller's decisions.
