//! `credit_consume_batch`: several spends, all or nothing.

use super::desk::Desk;
use super::request::{Request, Stored, checked_overdraft};
use super::row::{Answer, Spend, SpendRow};
use crate::convert::json::Json;
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
    spends: Option<Json<'_>>,
    namespace: Option<&str>,
) -> SetOfIterator<'static, SpendRow> {
    let rows = or_raise(|| {
        let elements = required(spends, "spends")?.elements("spends")?;
        let namespace = namespace_or_default(namespace)?;
        let requests = each(elements, read_element)?;
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
fn each<T, U>(
    elements: impl IntoIterator<Item = T>,
    mut body: impl FnMut(T) -> Result<U>,
) -> Result<Vec<U>> {
    (elements.into_iter().enumerate())
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
    let mut keys: HashMap<&str, (usize, Stored)> = HashMap::new();
    let rows = each(requests, |(name, request)| {
        let ledger = &named[name];
        let key = request.key.as_deref();
        if let Some(key) = key
            && let Some((index, first)) = keys.get(key)
        {
            request.check_replay(ledger, key, Some(first))?;
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
        let first = key.map(|key| (key, (fresh.len(), order.stored(ledger.id))));
        let spend = desk.spend(order, amount)?;
        let answer = spend.answer.clone();
        keys.extend(first);
        fresh.push(spend);
        Ok(SpendRow { answer, replayed: false })
    })?;
    Spend::insert_all(session, &fresh);
    desks.values().for_each(Desk::close);
    Ok(rows)
}

/// Reads an object whose members are the arguments of `credit_consume`; null is the default.
fn read_element(element: Json<'_>) -> Result<(String, Request)> {
    let members = match element {
        Json::Object(members) => members,
        other => return Err(other.refused("a spend must be a JSON object")),
    };
    let (mut ledger, mut feature, mut amount) = (None, None, None);
    let (mut key, mut dimensions, mut metadata) = (None, None, None);
    let mut overdraft = Amount::ZERO;
    for (name, value) in members {
        if matches!(value, Json::Null) {
            continue;
        }
        match name {
            "ledger" => ledger = Some(value.string(name)?.to_owned()),
            "feature" => feature = Some(value.string(name)?.to_owned()),
            "amount" => amount = Some(value.amount(name)?),
            "idempotency_key" => key = Some(value.string(name)?.to_owned()),
            "dimensions" => dimensions = Some(value.string_map(name)?),
            "overdraft" => overdraft = checked_overdraft(value.amount(name)?)?,
            "metadata" => metadata = Some(value.string_map(name)?),
            _ => {
                return Err(Error::bad_argument(
                    "unknown member",
                    format!("It is {:?}.", shortened(name)),
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
    request.check_permitted()?;
    Ok((required(ledger, "ledger")?, request))
}
