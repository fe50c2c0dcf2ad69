//! One partition's leader or follower: ISR, high watermark, truncation.
