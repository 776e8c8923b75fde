//! `credit_maintain`: snapshots for all ledgers of a namespace.

use super::take::{require_read_committed, take};
use crate::error::or_raise;
use crate::ledger::Ledger;
use crate::measure::Which;
use crate::rights::as_owner;
use crate::settings::{self, namespace_or_default};
use crate::spi::{session, with_fresh_snapshot};
use credit_engine::Time;
use pgrx::prelude::*;

/// `credit_maintain`: takes the snapshots that writers did not, ledger by ledger.
#[pg_extern(sql = false)]
fn credit_maintain(namespace: Option<&str>) -> i64 {
    const CHUNK: i64 = 1000;
    // SAFETY: raises or returns.
    unsafe { pg_sys::PreventCommandIfReadOnly(c"credit_maintain()".as_ptr()) };
    or_raise(|| {
        require_read_committed()?;
        let namespace = namespace_or_default(namespace)?;
        let least_events = settings::snapshot_interval().unwrap_or(1) as usize;
        let (mut taken, mut last) = (0, String::new());
        loop {
            let ledgers = session(|session| {
                Ok(with_fresh_snapshot(|| {
                    Ledger::after_subject(session, &namespace, &last, Time::MAX, CHUNK)
                }))
            })?;
            let Some(end) = ledgers.last() else { break };
            last.clone_from(&end.subject);
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
