//! Spends: usage that is written only where there is credit for it.
//!
//! A call locks its ledgers, looks at what is available at a time that it takes after the lock,
//! and writes its spends at its end, each with an event on the meter of the feature.

mod consume;
mod request;
mod row;
mod spender;
mod tally;
