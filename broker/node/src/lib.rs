//! A broker's parts joined, over traits for disk, net and clock.
