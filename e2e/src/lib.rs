//! A real Kubernetes on one machine, and the tests that run on it.
