//! Examples that a person can check by hand.

mod agreed;
mod book;
mod edges;
