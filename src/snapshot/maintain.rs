//! `credit_maintain`: snapshots for all ledgers of a namespace.

use super::take::{require_read_committed, take};
use crate::error::or_raise;
use crate::ledger::Ledger;
use crate::measure::Which;
use crate::rights::as_owner;
use crate::settings::{self, namespace_or_default};
use crate::spi::{session, with_fresh_snapshot};
use pgrx::prelude::*;
use uuid::Uuid;

/// `credit_maintain`: takes the snapshots that writers did not, ledger by ledger.
#[pg_extern(sql = false)]
fn credit_maintain(namespace: Option<&str>) -> i64 {
    const CHUNK: i64 = 1000;
    or_raise(|| {
        require_read_committed()?;
        let namespace = namespace_or_default(namespace)?;
        let least_events = settings::snapshot_interval().unwrap_or(1) as usize;
        let (mut taken, mut last) = (0, Uuid::nil());
        loop {
            let ledgers = session(|session| {
                Ok(with_fresh_snapshot(|| Ledger::after(session, &namespace, last, CHUNK)))
            })?;
            let Some(end) = ledgers.last() else { break };
            last = end.id;
            for ledger in ledgers {
                let of_ledger = |session: &_| {
                    as_owner(|| take(session, ledger, Which::All, false, least_events))
                };
                taken += session(of_ledger)?;
                pgrx::check_for_interrupts!();
            }
        }
        Ok(taken as i64)
    })
}
