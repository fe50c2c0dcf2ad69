//! Every byte layout Kafka fixes: messages, frames, record batches, compression.
