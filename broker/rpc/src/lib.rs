//! The control service between operator and brokers.
