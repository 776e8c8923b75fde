//! `credit_usage`: metered usage of a feature, whatever paid for it.

use crate::account::Account;
use crate::convert::{numeric::Numeric, time};
use crate::error::or_raise;
use crate::feature::Feature;
use crate::history::{checked_granularity, cuts};
use crate::ledger::Ledger;
use crate::measure::{Measured, Which};
use crate::rights::as_owner;
use crate::spi::session;
use credit_engine::{Amount, Time, Window};
use pgrx::datum::{Range, RangeBound};
use pgrx::prelude::*;

/// `credit_usage`: one row a calendar bucket, cut at both ends of the window; buckets without
/// usage are among them.
#[pg_extern(sql = false)]
fn credit_usage(
    ledger: Option<&str>,
    feature: Option<&str>,
    from_time: Option<TimestampWithTimeZone>,
    to_time: Option<TimestampWithTimeZone>,
    granularity: Option<&str>,
    namespace: Option<&str>,
) -> TableIterator<'static, (name!(period, Range<TimestampWithTimeZone>), name!(usage, Numeric))> {
    let buckets = or_raise(|| {
        let granularity = checked_granularity(granularity)?;
        session(|session| {
            let ledger = Ledger::find(session, ledger, namespace)?;
            as_owner(|| {
                let feature = Feature::find(feature, &ledger.namespace)?;
                let account = Account::load(ledger);
                let window = account.window_of_read(from_time, to_time)?;
                let cuts = cuts(window, granularity)?;
                let measured = account.measure(session, Which::One(feature), window.to, &cuts)?;
                Ok(measured.iter().flat_map(|one| in_buckets(one, window, &cuts)).collect())
            })
        })
    });
    let buckets: Vec<(Time, Time, Amount)> = buckets;
    TableIterator::new(buckets.into_iter().map(|(from, to, usage)| {
        let (from, to) = (time::to_sql(from), time::to_sql(to));
        (Range::new(RangeBound::Inclusive(from), RangeBound::Exclusive(to)), usage.into())
    }))
}

/// The usage between each two neighbours of `cuts`; pivots in between are no boundaries.
fn in_buckets(measured: &Measured, window: Window, cuts: &[Time]) -> Vec<(Time, Time, Amount)> {
    let mut buckets: Vec<(Time, Time, Amount)> = Vec::new();
    for (from, to, sum) in measured.usage.stretches(&measured.timeline, window.from) {
        match buckets.last_mut() {
            Some(bucket) if cuts.binary_search(&from).is_err() => {
                bucket.1 = to;
                bucket.2 += sum;
            }
            _ if from < to => buckets.push((from, to, sum)),
            _ => {}
        }
    }
    buckets
}
