//! `credit_check`: what is cached of a ledger, compared with what the facts say.

use crate::account::Account;
use crate::convert::xid::Xid8;
use crate::convert::{numeric::Numeric, time};
use crate::error::{Result, or_raise};
use crate::feature::Feature;
use crate::hold::{OpenHold, OpenHolds};
use crate::ids;
use crate::ledger::Ledger;
use crate::measure::{Measured, Reading, Which};
use crate::rights::as_owner;
use crate::snapshot::Snapshots;
use crate::spi::session;
use credit_engine::{Amount, Outcome, Time, replay};
use pgrx::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Two numbers that should be one.
struct Difference {
    feature: Option<Feature>,
    /// The snapshot that says otherwise, by its horizon.
    snapshot: Option<u64>,
    at: Time,
    what: &'static str,
    grant: Option<Uuid>,
    cached: Amount,
    computed: Amount,
}

/// `credit_check`: one row a difference.
#[pg_extern(sql = false)]
#[allow(clippy::type_complexity)]
fn credit_check(
    ledger: Option<&str>,
    namespace: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(feature_id, Option<pgrx::Uuid>),
        name!(feature, Option<String>),
        name!(snapshot, Option<Xid8>),
        name!(at, TimestampWithTimeZone),
        name!(what, &'static str),
        name!(grant_id, Option<pgrx::Uuid>),
        name!(cached, Numeric),
        name!(computed, Numeric),
    ),
> {
    let differences = or_raise(|| {
        session(|session| {
            let ledger = Ledger::find(session, ledger, namespace)?;
            as_owner(|| {
                let account = Account::load(ledger);
                // Measurement may have yet to start.
                let now = account.now().max(account.ledger.measure_from);
                let mut differences = snapshots(&account, now)?;
                differences.extend(hold_lists(&account, now));
                Ok(differences)
            })
        })
    });
    TableIterator::new(differences.into_iter().map(|difference| {
        let Difference { feature, snapshot, at, what, grant, cached, computed } = difference;
        (
            feature.as_ref().map(|feature| ids::to_sql(feature.id)),
            feature.map(|feature| feature.name),
            snapshot.map(Xid8),
            time::to_sql(at),
            what,
            grant.map(ids::to_sql),
            cached.into(),
            computed.into(),
        )
    }))
}

/// What every snapshot of the ledger leads to, now and where its own sums end, compared with the
/// same from the beginning. At its end, because a reset since may have dropped what is wrong.
fn snapshots(account: &Account, now: Time) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    for measured in account.measure_reading(Which::All, now, &[], Reading::FromBeginning)? {
        let feature = measured.feature.clone();
        let table = Snapshots::open();
        let kept = [Some(account.snapshot_id(&feature)), account.earlier_snapshot_id(&feature)];
        let ends: BTreeSet<Time> = (kept.into_iter().flatten())
            .flat_map(|id| table.ends(account.ledger.id, id))
            .filter(|end| account.counted_from() <= *end && *end < now)
            .collect();
        for at in ends.into_iter().chain([now]) {
            pgrx::check_for_interrupts!();
            let computed = outcome(account, &feature, at, Reading::FromBeginning)?.1;
            let mut below = u64::MAX;
            while let (Some(horizon), cached) =
                outcome(account, &feature, at, Reading::FromSnapshotsBelow(below))?
            {
                let place = Place { feature: &feature, snapshot: horizon, at };
                place.compare(&cached, &computed, &mut differences);
                below = horizon;
            }
        }
    }
    Ok(differences)
}

/// A feature at a time, and the horizon of the snapshot that it goes on from.
fn outcome(
    account: &Account,
    feature: &Feature,
    at: Time,
    reading: Reading,
) -> Result<(Option<u64>, Outcome)> {
    let measured = account.measure_reading(Which::One(feature.clone()), at, &[], reading)?.pop();
    let Measured { timeline, usage, tail, .. } = measured.expect("one feature was asked for");
    let base = tail.base.map(|base| base.counted.horizon());
    Ok((base, replay(&timeline, &usage, None)))
}

/// Where numbers are compared.
struct Place<'a> {
    feature: &'a Feature,
    snapshot: u64,
    at: Time,
}

impl Place<'_> {
    fn compare(&self, cached: &Outcome, computed: &Outcome, differences: &mut Vec<Difference>) {
        let mut compare = |what, grant, cached: Amount, computed: Amount| {
            if cached != computed {
                differences.push(Difference {
                    feature: Some(self.feature.clone()),
                    snapshot: Some(self.snapshot),
                    at: self.at,
                    what,
                    grant,
                    cached,
                    computed,
                });
            }
        };
        compare("balance", None, cached.balance, computed.balance);
        compare("overage", None, cached.overage, computed.overage);
        compare("usage", None, cached.usage, computed.usage);
        // A snapshot has forgotten grants that ended long ago.
        for grant in &cached.grants {
            let Some(other) = computed.grant(grant.id) else { continue };
            let id = Some(Uuid::from_u128(grant.id));
            compare("amount of a grant", id, grant.amount, other.amount);
            compare("balance of a grant", id, grant.balance, other.balance);
            compare("paid by a grant", id, grant.paid, other.paid);
        }
    }
}

/// The open holds that the newest of the ledger's lists leads to, compared with all.
fn hold_lists(account: &Account, now: Time) -> Option<Difference> {
    let mut all = OpenHolds::load_all(account.ledger.id);
    all.expire(now);
    let ids =
        |holds: &OpenHolds| -> BTreeSet<Uuid> { holds.holds.iter().map(OpenHold::id).collect() };
    (ids(&account.holds) != ids(&all)).then(|| Difference {
        feature: None,
        snapshot: None,
        at: now,
        what: "held by open holds",
        grant: None,
        cached: account.holds.total(),
        computed: all.total(),
    })
}
