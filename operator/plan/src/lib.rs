//! What the operator decides: observed, validated, planned, reported.
