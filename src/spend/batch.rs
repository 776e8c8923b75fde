//! `credit_consume_batch`: several spends, all or nothing.

use super::desk::Desk;
use super::request::{Request, checked_overdraft};
use super::row::{Answer, Spend, SpendRow};
use crate::convert::json::{self, JsonText};
use crate::error::{Error, Result, or_raise, required, shortened};
use crate::ledger::Ledger;
use crate::queries;
use crate::rights::as_owner;
use crate::settings::{check_name, namespace_or_default};
use crate::spi::{Session, session, with_fresh_snapshot};
use credit_engine::Amount;
use pgrx::iter::SetOfIterator;
use pgrx::prelude::*;
use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry};
use uuid::Uuid;

/// `credit_consume_batch`: locks all ledgers, in the order of their ids, and then spends element
/// after element, each seeing the ones before it.
#[pg_extern(sql = false)]
fn credit_consume_batch(
    spends: Option<JsonText>,
    namespace: Option<&str>,
) -> SetOfIterator<'static, SpendRow> {
    let rows = or_raise(|| {
        let elements = required(spends, "spends")?.elements("spends")?;
        let namespace = namespace_or_default(namespace)?;
        let requests = each(&elements, |element| read_element(element.as_str()))?;
        session(|session| {
            let named = with_fresh_snapshot(|| find_ledgers(session, &requests, &namespace))?;
            as_owner(|| {
                let ledgers: BTreeMap<Uuid, &Ledger> =
                    named.values().map(|ledger| (ledger.id, ledger)).collect();
                for ledger in ledgers.values() {
                    ledger.lock(session)?;
                }
                with_fresh_snapshot(|| spend_all(session, &requests, &named))
            })
        })
    });
    SetOfIterator::new(rows)
}

/// Does something with each element, and names the one that does not allow it.
fn each<'e, T, U>(elements: &'e [T], mut body: impl FnMut(&'e T) -> Result<U>) -> Result<Vec<U>> {
    (elements.iter().enumerate())
        .map(|(index, element)| body(element).map_err(|error| error.of_element("spend", index + 1)))
        .collect()
}

/// The ledgers that are named, each looked up once, as the caller.
fn find_ledgers(
    session: &Session,
    requests: &[(String, Request)],
    namespace: &str,
) -> Result<HashMap<String, Ledger>> {
    let mut named = HashMap::new();
    each(requests, |(name, _)| {
        if !named.contains_key(name) {
            named.insert(name.clone(), Ledger::find(session, Some(name), Some(namespace))?);
        }
        Ok(())
    })?;
    Ok(named)
}

/// Spends all requests, and writes them at the end.
fn spend_all(
    session: &Session,
    requests: &[(String, Request)],
    named: &HashMap<String, Ledger>,
) -> Result<Vec<SpendRow>> {
    let mut desks: BTreeMap<Uuid, Desk> = BTreeMap::new();
    let mut fresh: Vec<Spend> = Vec::new();
    let mut keys: HashMap<&str, (usize, &Request)> = HashMap::new();
    let rows = each(requests, |(name, request)| {
        let ledger = &named[name];
        let key = request.key.as_deref();
        if let Some((index, first)) = key.and_then(|key| keys.get(key)) {
            let first_ledger = fresh[*index].ledger_id;
            request.check_same(first, ledger.id == first_ledger)?;
            return Ok(SpendRow { answer: fresh[*index].answer.clone(), replayed: true });
        }
        let statement = &queries::SPEND_OF_KEY;
        let first = request.find_replay(session, ledger, statement, Answer::from_columns)?;
        if let Some(answer) = first {
            return Ok(SpendRow { answer, replayed: true });
        }
        let desk = match desks.entry(ledger.id) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Desk::open(session, ledger.clone())?),
        };
        let order = desk.order(request)?;
        let amount = desk.covered(&order)?;
        let spend = desk.spend(order, amount)?;
        let answer = spend.answer.clone();
        keys.extend(key.map(|key| (key, (fresh.len(), request))));
        fresh.push(spend);
        Ok(SpendRow { answer, replayed: false })
    })?;
    Spend::insert_all(session, &fresh);
    desks.values().for_each(Desk::close);
    Ok(rows)
}

/// Reads an object whose members are the arguments of `credit_consume`; null is the default.
fn read_element(element: &str) -> Result<(String, Request)> {
    let members = json::members(element).ok_or_else(|| {
        Error::bad_argument("a spend must be a JSON object", json::wrong_kind(element))
    })?;
    let (mut ledger, mut feature, mut amount) = (None, None, None);
    let (mut key, mut dimensions, mut metadata) = (None, None, None);
    let mut overdraft = Amount::ZERO;
    for (name, member) in members {
        let member = member.get();
        if json::kind(member) == "null" {
            continue;
        }
        match name.as_str() {
            "ledger" => ledger = Some(json::text_member(member, "ledger")?),
            "feature" => feature = Some(json::text_member(member, "feature")?),
            "amount" => amount = Some(json::amount_member(member, "amount")?),
            "idempotency_key" => key = Some(json::text_member(member, "idempotency_key")?),
            "dimensions" => dimensions = Some(json::string_map(member, "dimensions")?),
            "overdraft" => {
                overdraft = checked_overdraft(json::amount_member(member, "overdraft")?)?;
            }
            "metadata" => metadata = Some(json::string_map(member, "metadata")?),
            _ => {
                return Err(Error::bad_argument(
                    "unknown member",
                    format!("It is {:?}.", shortened(&name)),
                )
                .hint(
                    "Give ledger, feature, amount, idempotency_key, dimensions, overdraft and \
                     metadata, the last four where wanted.",
                ));
            }
        }
    }
    if let Some(key) = &key {
        check_name(key, "idempotency_key")?;
    }
    let request = Request {
        feature: required(feature, "feature")?,
        amount: required(amount, "amount")?,
        key,
        // What is left out is empty, as it is in a call of credit_consume.
        dimensions: Some(dimensions.unwrap_or_default()),
        overdraft,
        metadata: Some(metadata.unwrap_or_default()),
        partial: false,
    };
    Ok((required(ledger, "ledger")?, request))
}
