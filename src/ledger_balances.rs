//! `credit_ledger_balances`: the balances of all ledgers of a namespace, as one query.
//!
//! Ledgers are read a page at a time, and the events of a group of pages together: that is several
//! times as fast as ledger by ledger, and much faster where the events of many subjects lie mixed.
//! Pages and groups are bounded, so memory is too, however many ledgers there are. All of it is read
//! under the snapshot of the calling query, which a cursor keeps.

use crate::account::{Account, load_dimension_sets, usage_too_large};
use crate::arguments;
use crate::clock;
use crate::convert::{json::StringMap, numeric::Numeric, time};
use crate::error::{Error, Result, or_raise};
use crate::feature::Feature;
use crate::ids;
use crate::ledger::Ledger;
use crate::queries;
use crate::rights::as_owner;
use crate::settings::{check_name, namespace_or_default};
use crate::spi::{Rows, Session, session, with_work_mem};
use credit_engine::{Amount, MAX_POINTS, Outcome, Time, Timeline, Usage, replay};
use pgrx::prelude::*;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::rc::Rc;
use uuid::Uuid;

/// The most ledgers whose grants and resets are in memory at once.
const PAGE_LEDGERS: i64 = 2048;
/// The most grants and resets that are in memory at once; one ledger may have more.
const PAGE_FACTS: i64 = 16_384;
/// The ledgers of the first group; each group is `GROUP_GROWTH` times the one before, so that a
/// LIMIT pays for little that it does not take.
const FIRST_GROUP_LEDGERS: i64 = 128;
const GROUP_GROWTH: i64 = 8;
/// The ledgers, grants and points of timelines at which a group is full. The larger the groups, the
/// fewer times the events are gone through where those of many subjects lie mixed.
const GROUP_LEDGERS: i64 = 32_768;
const GROUP_GRANTS: usize = 80_000;
const GROUP_POINTS: usize = 300_000;
/// A timeline takes as much memory as this many points, before it has any.
const TIMELINE_POINTS: usize = 4;
/// Enough to remember where the events of a group lie, in a table of 200,000 pages.
const GROUP_WORK_MEM_KB: i32 = 32 * 1024;
/// The most dimension sets that are remembered.
const DIMENSION_SETS: usize = 20_000;

/// One feature of one ledger.
struct LedgerBalance {
    ledger: Rc<Ledger>,
    feature: Rc<Feature>,
    balance: Amount,
    usage: Amount,
    overage: Amount,
}

/// The balances of a namespace, read as they are asked for.
struct Balances {
    namespace: String,
    /// The feature that was asked for; `None`: all.
    feature: Option<String>,
    /// The time that was asked for; `None`: the clock.
    at: Option<Time>,
    /// The clock, read once.
    now: Time,
    /// The last ledger that was read.
    last_subject: String,
    is_at_end: bool,
    /// How many ledgers the next group takes.
    group_ledgers: i64,
    /// Ledgers that are still to be computed, each with the number of its grants and resets.
    waiting: VecDeque<(Ledger, i64)>,
    computed: std::vec::IntoIter<LedgerBalance>,
}

impl Iterator for Balances {
    type Item = LedgerBalance;

    fn next(&mut self) -> Option<LedgerBalance> {
        loop {
            if let Some(balance) = self.computed.next() {
                return Some(balance);
            }
            let computed = or_raise(|| with_work_mem(GROUP_WORK_MEM_KB, || self.compute()));
            self.computed = computed?.into_iter();
        }
    }
}

impl Balances {
    /// The balances of the next group of ledgers; `None` after the last. What PostgreSQL allocates
    /// on the way lasts as long as the session: each page has one of its own.
    fn compute(&mut self) -> Result<Option<Vec<LedgerBalance>>> {
        let mut group = Group::default();
        while !group.is_full(self.group_ledgers) {
            session(|session| {
                if self.waiting.is_empty() {
                    self.read_page(session);
                }
                as_owner(|| group.take(session, self))
            })?;
            if self.waiting.is_empty() && self.is_at_end {
                break;
            }
        }
        self.group_ledgers = GROUP_LEDGERS.min(self.group_ledgers * GROUP_GROWTH);
        if group.ledgers == 0 {
            return Ok(None);
        }
        session(|session| as_owner(|| group.add_usage(session)))?;
        Ok(Some(group.balances()))
    }

    /// Has the next ledgers wait, as the caller sees them.
    fn read_page(&mut self, session: &Session) {
        let until = self.at.unwrap_or(self.now);
        let last = self.last_subject.as_str();
        let most = PAGE_LEDGERS.min(self.group_ledgers);
        let page = Ledger::after_subject(session, &self.namespace, last, until, most);
        match page.last() {
            Some(last) => self.last_subject.clone_from(&last.subject),
            None => self.is_at_end = true,
        }
        self.waiting = as_owner(|| with_numbers_of_facts(session, page));
    }

    /// The first of the waiting ledgers, as many as have few enough facts.
    fn next_ledgers(&mut self) -> Vec<Ledger> {
        let mut facts = 0;
        let fits = |(_, number): &&(Ledger, i64)| {
            facts += number;
            facts <= PAGE_FACTS
        };
        let number = self.waiting.iter().take_while(fits).count().max(1);
        self.waiting.drain(..number).map(|(ledger, _)| ledger).collect()
    }

    /// The time of which a ledger is read: the same for all, but where a clock has stepped back not
    /// before a default time that was given on it.
    fn time_for(&self, account: &Account) -> Time {
        self.at.unwrap_or_else(|| self.now.max(account.latest_default_time()))
    }
}

/// Each ledger with the number of its grants and resets.
fn with_numbers_of_facts(session: &Session, ledgers: Vec<Ledger>) -> VecDeque<(Ledger, i64)> {
    let ids: Vec<Uuid> = ledgers.iter().map(|ledger| ledger.id).collect();
    let rows = session.read(&queries::NUMBERS_OF_FACTS, arguments![ids]);
    let numbers = rows.iter().map(|row| row.value::<i64>() + row.value::<i64>());
    ledgers.into_iter().zip(numbers).collect()
}

/// A feature of a ledger, as its usage is being added up.
struct Tally {
    ledger: Rc<Ledger>,
    is_granted: bool,
    feature: Rc<Feature>,
    timeline: Timeline,
    usage: Usage,
}

/// Ledgers that are computed together.
#[derive(Default)]
struct Group {
    ledgers: i64,
    grants: usize,
    points: usize,
    /// The latest time that a ledger is read of.
    until: Option<Time>,
    tallies: Vec<Tally>,
    /// Which tallies the events of a stream may belong to.
    tallies_of: HashMap<i64, Targets>,
}

/// An event: when, with which dimensions, how much.
type Event = (Time, Option<i64>, Amount);

/// Places among the tallies. Mostly there is one, which then is found without another look-up: the
/// events of a group come in any order, and what they cost is cache misses.
struct Targets {
    first: usize,
    others: Vec<usize>,
}

impl Group {
    fn is_full(&self, ledgers: i64) -> bool {
        self.ledgers >= ledgers || self.grants >= GROUP_GRANTS || self.points >= GROUP_POINTS
    }

    /// Takes the first of the waiting ledgers, with all of their facts but usage.
    fn take(&mut self, session: &Session, balances: &mut Balances) -> Result<()> {
        if balances.waiting.is_empty() {
            return Ok(());
        }
        let feature = balances.feature.as_deref();
        let feature = feature
            .map(|feature| Feature::find_id(session, Some(feature), &balances.namespace))
            .transpose()?;
        let accounts = Account::load_all(session, balances.next_ledgers());
        let streams = streams_of(session, &accounts);
        let (granted, meters): (BTreeSet<Uuid>, BTreeSet<Uuid>) = match feature {
            Some(feature) => (BTreeSet::from([feature]), BTreeSet::new()),
            None => (
                accounts.iter().flat_map(Account::granted_features).collect(),
                streams.iter().flatten().map(|(_, meter)| *meter).collect(),
            ),
        };
        let (granted, meters) = (granted.into_iter().collect(), meters.into_iter().collect());
        let features = Feature::load(session, &balances.namespace, &granted, &meters);
        let features: Vec<Rc<Feature>> = features.into_iter().map(Rc::new).collect();

        let mut accounts = accounts.into_iter();
        for (account, streams) in (&mut accounts).zip(streams) {
            let at = balances.time_for(&account);
            self.add(account, &streams, &features, at)?;
            if self.is_full(i64::MAX) {
                break;
            }
        }
        for Account { ledger, grants, resets } in accounts.rev() {
            balances.waiting.push_front((ledger, (grants.len() + resets.len()) as i64));
        }
        Ok(())
    }

    /// Adds a ledger with its features, those that turn out not to be its own included.
    fn add(
        &mut self,
        account: Account,
        streams: &[(i64, Uuid)],
        features: &[Rc<Feature>],
        at: Time,
    ) -> Result<()> {
        let granted = account.granted_features();
        let first = self.tallies.len();
        let mut points = 0;
        let mut timelines = Vec::new();
        for feature in features {
            let is_used = streams.iter().any(|(_, meter)| *meter == feature.meter_id);
            if !is_used && !granted.contains(&feature.id) {
                continue;
            }
            let timeline = account.timeline(feature.id, at, &[])?;
            points += timeline.points();
            self.points += timeline.points() + TIMELINE_POINTS;
            if points > MAX_POINTS {
                return Err(Error::too_many_phases());
            }
            let mut grants = account.grants_for(feature.id);
            let is_granted = grants.any(|record| record.grant.has_begun(at));
            timelines.push((Rc::clone(feature), is_granted, timeline));
        }
        self.ledgers += 1;
        self.grants += account.grants.len();
        self.until = self.until.max(Some(at));
        let ledger = Rc::new(account.ledger);
        self.tallies.extend(timelines.into_iter().map(|(feature, is_granted, timeline)| Tally {
            ledger: Rc::clone(&ledger),
            is_granted,
            feature,
            usage: Usage::none(&timeline),
            timeline,
        }));
        for (stream, meter) in streams {
            let is_of_meter = |index: &usize| self.tallies[*index].feature.meter_id == *meter;
            let mut of_meter = (first..self.tallies.len()).filter(is_of_meter);
            if let Some(first) = of_meter.next() {
                let others = of_meter.collect();
                self.tallies_of.insert(*stream, Targets { first, others });
            }
        }
        Ok(())
    }

    /// Adds the events to the tallies that they belong to, whatever their order.
    fn add_usage(&mut self, session: &Session) -> Result<()> {
        let Group { tallies, tallies_of, until, .. } = self;
        let is_filtered = tallies.iter().any(|tally| tally.feature.is_filtered());
        let mut dimension_sets: HashMap<i64, StringMap> = HashMap::new();
        let mut streams: Vec<i64> = tallies_of.keys().copied().collect();
        if streams.is_empty() {
            return Ok(());
        }
        streams.sort_unstable();
        let arguments = arguments![streams, *until];
        let add = |rows: &Rows| {
            let (streams, events): (Vec<i64>, Vec<Event>) = (rows.iter())
                .map(|row| {
                    let (stream, at, value) = (row.value::<i64>(), row.time(), row.amount());
                    let dims_id = if is_filtered { row.option() } else { None };
                    (stream, (at, dims_id, value))
                })
                .unzip();
            if is_filtered {
                if dimension_sets.len() > DIMENSION_SETS {
                    dimension_sets.clear();
                }
                load_dimension_sets(session, &events, &mut dimension_sets);
            }
            // All look-ups first: then they do not wait for one another.
            let targets: Vec<&Targets> = streams.iter().map(|stream| &tallies_of[stream]).collect();
            for (Targets { first, others }, (at, dims_id, value)) in targets.iter().zip(events) {
                let dimensions = dims_id.and_then(|id| dimension_sets.get(&id));
                for index in std::iter::once(first).chain(others) {
                    let Tally { feature, timeline, usage, .. } = &mut tallies[*index];
                    if feature.matches(dimensions) {
                        usage.add(timeline, at, value).map_err(|_| usage_too_large())?;
                    }
                }
            }
            Ok(())
        };
        session.read_batches(&queries::EVENTS_OF_STREAMS, arguments, add)
    }

    /// The balances of the features that are the ledgers' own.
    fn balances(self) -> Vec<LedgerBalance> {
        let is_own =
            |tally: &Tally| tally.feature.is_of_ledger(tally.is_granted, tally.usage.first_at());
        (self.tallies.into_iter().filter(is_own))
            .map(|Tally { ledger, feature, timeline, usage, .. }| {
                let Outcome { balance, usage, overage, .. } = replay(&timeline, &usage, None);
                LedgerBalance { ledger, feature, balance, usage, overage }
            })
            .collect()
    }
}

/// The streams of each account's subject: id and meter.
fn streams_of(session: &Session, accounts: &[Account]) -> Vec<Vec<(i64, Uuid)>> {
    let range = |Account { ledger, .. }: &Account| {
        ids::interned_range(ids::subject_hash(&ledger.namespace, &ledger.subject))
    };
    let (first, last): (Vec<i64>, Vec<i64>) = accounts.iter().map(range).unzip();
    let subjects: Vec<String> =
        accounts.iter().map(|account| account.ledger.subject.clone()).collect();
    let mut streams = vec![Vec::new(); accounts.len()];
    let arguments = arguments![first, last, subjects];
    for row in session.read(&queries::STREAMS_OF_SUBJECTS, arguments).iter() {
        let position: i64 = row.value();
        streams[position as usize - 1].push((row.value(), row.uuid()));
    }
    streams
}

/// `credit_ledger_balances`: one row a feature of a ledger.
#[pg_extern(sql = false)]
#[allow(clippy::type_complexity)]
fn credit_ledger_balances(
    feature: Option<&str>,
    at: Option<TimestampWithTimeZone>,
    namespace: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(ledger_id, pgrx::Uuid),
        name!(subject, String),
        name!(feature_id, pgrx::Uuid),
        name!(name, String),
        name!(balance, Numeric),
        name!(usage, Numeric),
        name!(overage, Numeric),
        name!(available, Numeric),
    ),
> {
    let balances = or_raise(|| {
        if let Some(feature) = feature {
            check_name(feature, "feature")?;
        }
        Ok(Balances {
            namespace: namespace_or_default(namespace)?,
            feature: feature.map(str::to_owned),
            at: at.map(|at| time::entered(at, "at")).transpose()?,
            now: clock::default_time(),
            last_subject: String::new(),
            is_at_end: false,
            group_ledgers: FIRST_GROUP_LEDGERS,
            waiting: VecDeque::new(),
            computed: Vec::new().into_iter(),
        })
    });
    TableIterator::new(balances.map(|row| {
        (
            ids::to_sql(row.ledger.id),
            row.ledger.subject.clone(),
            ids::to_sql(row.feature.id),
            row.feature.name.clone(),
            row.balance.into(),
            row.usage.into(),
            row.overage.into(),
            (row.balance - row.overage).into(),
        )
    }))
}
