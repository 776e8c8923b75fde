//! The first two steps of a seal, and the last but the deletion.

use super::{Checkpoint, Step, sealing, step_xid, write_step};
use crate::clock;
use crate::error::{Error, Result};
use crate::hold::OpenHolds;
use crate::ledger::Ledger;
use crate::spi::{wait_for_writers, with_fresh_snapshot};
use crate::stamp;
use credit_engine::Time;
use pgrx::prelude::*;

/// `credit.announce_seal`: from now on nothing before it is taken; false where it was announced.
#[pg_extern(sql = false)]
fn announce_seal(sealed_at: Option<TimestampWithTimeZone>, namespace: Option<&str>) -> bool {
    sealing(sealed_at, namespace, |session, namespace, at| {
        let now = clock::read();
        if at > now {
            return Err(Error::bad_argument(
                "\"before\" must not be in the future",
                format!("It is {at}, now is {now}."),
            ));
        }
        match super::of(namespace) {
            Some(sealed_at) if at < sealed_at => return Err(Error::seal_must_grow(at, sealed_at)),
            Some(sealed_at) if at == sealed_at => return Ok(false),
            _ => {}
        }
        with_fresh_snapshot(|| refuse_open_holds(namespace, at))?;
        Ok(write_step(session, namespace, at, Step::Announced))
    })
}

/// A hold that is made meanwhile is met when its ledger gets its checkpoint.
fn refuse_open_holds(namespace: &str, at: Time) -> Result<()> {
    let now = clock::read();
    for ledger in ledgers(namespace, at) {
        let mut holds = OpenHolds::load(ledger.id);
        holds.expire(now);
        holds.refuse_before(at, &ledger.subject)?;
        pgrx::check_for_interrupts!();
    }
    Ok(())
}

/// All ledgers that a seal is about.
fn ledgers(namespace: &str, at: Time) -> impl Iterator<Item = Ledger> {
    const CHUNK: usize = 1000;
    let mut last = String::new();
    let chunks = std::iter::from_fn(move || {
        let chunk = Ledger::measured_before(namespace, &last, at, CHUNK);
        last.clone_from(&chunk.last()?.subject);
        Some(chunk)
    });
    chunks.flatten()
}

/// `credit.close_seal`: waits for all who might not know of the seal; false where nobody can be left.
#[pg_extern(sql = false)]
fn close_seal(sealed_at: Option<TimestampWithTimeZone>, namespace: Option<&str>) -> bool {
    sealing(sealed_at, namespace, |session, namespace, at| {
        match step_xid(namespace, at, Step::Announced) {
            None => return Err(Error::seal_not_ready(at, "It is not announced.")),
            // Nobody else can know of it.
            Some(xid) if stamp::is_own(xid) => {
                return Err(Error::seal_not_ready(at, "It is announced by this transaction."));
            }
            Some(_) => {}
        }
        if step_xid(namespace, at, Step::Closed).is_some() {
            return Ok(false);
        }
        wait_for_writers(c"usage_events");
        wait_for_writers(c"ledgers");
        Ok(write_step(session, namespace, at, Step::Closed))
    })
}

/// `credit.complete_seal`: checks that every ledger has its checkpoint; false where that was done.
#[pg_extern(sql = false)]
fn complete_seal(sealed_at: Option<TimestampWithTimeZone>, namespace: Option<&str>) -> bool {
    sealing(sealed_at, namespace, |session, namespace, at| {
        if step_xid(namespace, at, Step::Closed).is_none() {
            return Err(Error::seal_not_ready(at, "It is not closed."));
        }
        if step_xid(namespace, at, Step::Complete).is_some() {
            return Ok(false);
        }
        let missing = with_fresh_snapshot(|| {
            ledgers(namespace, at).find(|ledger| {
                pgrx::check_for_interrupts!();
                !Checkpoint::reaches(ledger.id, at)
            })
        });
        if let Some(ledger) = missing {
            let reason = format!("The ledger of \"{}\" has no checkpoint.", ledger.subject);
            return Err(Error::seal_not_ready(at, &reason));
        }
        Ok(write_step(session, namespace, at, Step::Complete))
    })
}
