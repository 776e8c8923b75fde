//! What becomes of events that are dated before the seal of their namespace.

use super::StoredEvent;
use crate::clock;
use crate::error::{Error, Result};
use crate::seal;
use crate::settings::{EventsBeforeSeal, events_before_seal};
use crate::spi::lock_to_write;
use credit_engine::Time;

/// The seal, as those who write events must know it.
pub struct Sealed {
    sealed_at: Option<Time>,
}

impl Sealed {
    /// The seal of a namespace, for events that this transaction writes. Whoever seals it waits for
    /// those that hold the lock, and all others see the seal: no event slips by.
    pub fn of(namespace: &str) -> Sealed {
        lock_to_write(c"usage_events");
        Sealed { sealed_at: seal::of(namespace) }
    }

    /// The time of an event: the one given, or the clock's.
    pub fn time_of(&self, given: Option<Time>) -> Time {
        let sealed_at = self.sealed_at.unwrap_or(Time::MIN);
        match given {
            Some(at) if at < sealed_at && events_before_seal() == EventsBeforeSeal::AtSeal => {
                sealed_at
            }
            Some(at) => at,
            // A namespace may be sealed at this very time, and a clock may step back.
            None => clock::default_time().max(sealed_at),
        }
    }

    /// Refuses an event that lies before the seal.
    ///
    /// # Errors
    /// UC207.
    pub fn refuse(&self, event: &StoredEvent, subject: &str) -> Result<()> {
        match self.sealed_at {
            Some(sealed_at) if event.occurred_at < sealed_at => {
                Err(Error::event_sealed(event.occurred_at, subject, sealed_at))
            }
            _ => Ok(()),
        }
    }

    /// Whether an event that was `given` a time may have been dated at the seal that it was `stored`
    /// with.
    pub fn has_moved(namespace: &str, given: Time, stored: Time) -> bool {
        given < stored && seal::has(namespace, stored)
    }
}
