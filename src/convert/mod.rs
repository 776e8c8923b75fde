//! Between SQL's values and the engine's.

pub mod interval;
pub mod json;
pub mod numeric;
pub mod time;
