//! Random calls, as SQL, and what their answers say.

use super::log::{Entry, Kind, Snapshot};
use super::round::{FEATURES, Hold, Round, now, subject};
use super::wish::{Wish, key, literal};
use crate::grid::{self, Dice};
use crate::session::Row;
use credit_engine::Amount;

/// A call that can be sent again as it is.
#[derive(Debug, Clone)]
pub struct Request {
    pub kind: Kind,
    /// The ledger of each row of the answer.
    ledgers: Vec<usize>,
    /// The key of each row of the answer.
    keys: Vec<Option<String>>,
    /// A refusal says that less than this is available.
    most: Amount,
    pub sql: String,
}

const SPEND: &str = "spend_id, trim_scale(amount), trim_scale(balance), trim_scale(available), \
    burned, (extract(epoch FROM occurred_at) * 1000000)::bigint";

impl Request {
    fn of(wish: Wish, kind: Kind, sql: String) -> Request {
        let amount: Amount = wish.amount.parse().expect("an amount");
        // A refund is never refused.
        let most = match amount.is_positive() {
            true => amount - Amount::whole(wish.overdraft),
            false => -Amount::INPUT_LIMIT,
        };
        Request { kind, ledgers: vec![wish.ledger], keys: vec![wish.key], most, sql }
    }

    fn new(kind: Kind, ledger: usize, key: Option<String>, sql: String) -> Request {
        Request { kind, ledgers: vec![ledger], keys: vec![key], most: Amount::ZERO, sql }
    }

    /// Any call.
    pub fn any(round: &Round, dice: &mut Dice) -> Request {
        let noise = if round.plan.noisy { 1 } else { 0 };
        match dice.weighted(&[30, 20, 8, 14, 12, 5, 6, 6 * noise, noise, noise]) {
            0 => {
                let wish = Wish::any(round, dice, true);
                let (head, tail) = wish.arguments();
                Request::of(
                    wish,
                    Kind::Consume,
                    format!("SELECT {SPEND}, replayed FROM credit_consume({head}, {tail})"),
                )
            }
            1 => {
                let wish = Wish::any(round, dice, true);
                let partial = dice.chance(40);
                let (head, tail) = wish.arguments();
                let sql = format!(
                    "SELECT {SPEND}, replayed, allowed
                       FROM credit_try_consume({head}, {tail}, partial => {partial})"
                );
                Request::of(wish, Kind::Try, sql)
            }
            2 => batch(round, dice),
            3 => {
                let wish = Wish::any(round, dice, false);
                let lasts = dice.one_of(&["15 minutes", "15 minutes", "300 ms", "20 ms"]);
                let (head, tail) = wish.arguments();
                let sql = format!(
                    "SELECT credit_reserve({head}, '{lasts}', {tail}), {}, false",
                    wish.amount
                );
                Request::of(wish, Kind::Reserve, sql)
            }
            index @ (4 | 5) => match round.hold(dice) {
                Some(hold) if index == 4 => settle(hold, dice),
                Some(Hold { ledger, id, .. }) => {
                    let sql = format!(
                        "SELECT hold_id, released_at, replayed FROM credit_release('{id}')"
                    );
                    Request::new(Kind::Release, ledger, None, sql)
                }
                None => grant(round, dice),
            },
            7 => ingest(round, dice),
            8 => match round.grant(dice) {
                Some(id) => {
                    let at = ["NULL".to_owned(), format!("'{}'", recent(dice, 2))];
                    let (at, forfeit) = (dice.one_of(&at), dice.chance(70));
                    let sql =
                        format!("SELECT id, false FROM credit_void_grant('{id}', {at}, {forfeit})");
                    Request::new(Kind::Void, 0, None, sql)
                }
                None => grant(round, dice),
            },
            9 => {
                let ledger = dice.below(round.plan.ledgers as i64) as usize;
                let key = key(round, dice, 50);
                let at = recent(dice, 1);
                let sql = format!(
                    "SELECT r #>> '{{reset,id}}', r ->> 'replayed'
                       FROM credit_reset('{}', '{at}', {}, {}) AS r",
                    subject(ledger),
                    dice.chance(50),
                    literal(key.as_ref())
                );
                Request::new(Kind::Reset, ledger, key, sql)
            }
            _ => grant(round, dice),
        }
    }

    /// Whether it can be sent again without being done again.
    pub fn has_keys(&self) -> bool {
        self.keys.iter().all(Option::is_some)
    }

    /// The three statements that are sent.
    pub fn statements(&self) -> String {
        format!("SELECT pg_current_snapshot(); {}; SELECT pg_current_snapshot()", self.sql)
    }

    /// What was told; `Err` if it cannot be.
    pub fn entries(&self, results: Vec<Vec<Row>>, began: u64) -> Result<Vec<Entry>, String> {
        let [before, rows, after] = results.try_into().map_err(|_| "not three results")?;
        let seen = [&before, &after].map(|rows| Snapshot::parse(rows[0].text(0)));
        if rows.len() != self.ledgers.len() {
            return Err(format!("{} rows from: {}", rows.len(), self.sql));
        }
        let mut entries = Vec::new();
        for ((mut row, ledger), key) in rows.into_iter().zip(&self.ledgers).zip(&self.keys) {
            if self.kind == Kind::Try && row.0.pop().flatten().as_deref() == Some("f") {
                let available: Amount = row.value(3);
                if self.most <= available {
                    return Err(format!("refused with {available} available: {}", self.sql));
                }
                continue;
            }
            let replayed = row.0.pop().flatten().is_some_and(|text| text == "t" || text == "true");
            let id = row.0[0].clone().unwrap_or_default();
            entries.push(Entry {
                kind: self.kind,
                ledger: *ledger,
                id,
                key: key.clone(),
                answer: row,
                replayed,
                began,
                ended: 0,
                seen: seen.clone(),
            });
        }
        Ok(entries)
    }
}

fn batch(round: &Round, dice: &mut Dice) -> Request {
    let wishes: Vec<Wish> = (0..dice.between(1, 5)).map(|_| Wish::any(round, dice, true)).collect();
    let elements: Vec<String> = wishes
        .iter()
        .map(|wish| {
            let Wish { ledger, feature, amount, overdraft, dimensions, key } = wish;
            let key = key.as_ref().map_or("null".to_owned(), |key| format!("\"{key}\""));
            format!(
                r#"{{"ledger": "{}", "feature": "{feature}", "amount": {amount}, "idempotency_key": {key}, "overdraft": {overdraft}, "dimensions": {dimensions}, "metadata": {}}}"#,
                subject(*ledger),
                wish.metadata()
            )
        })
        .collect();
    let sql =
        format!("SELECT {SPEND}, replayed FROM credit_consume_batch('[{}]')", elements.join(", "));
    Request {
        kind: Kind::Batch,
        ledgers: wishes.iter().map(|wish| wish.ledger).collect(),
        keys: wishes.into_iter().map(|wish| wish.key).collect(),
        most: Amount::ZERO,
        sql,
    }
}

/// The same call by several clients is likely.
fn settle(hold: Hold, dice: &mut Dice) -> Request {
    let Hold { ledger, id, amount } = hold;
    let settled = match dice.weighted(&[40, 20, 10, 30]) {
        0 => amount.clone(),
        1 => format!("trunc({amount} / 2, 12)"),
        2 => "0".to_owned(),
        _ if amount == "1" => "2".to_owned(), // perhaps of calls, which come one by one
        _ => format!("{amount} * 4"),
    };
    let metadata = r#"{"overdraft": "0"}"#;
    let sql =
        format!("SELECT {SPEND}, replayed FROM credit_settle('{id}', {settled}, 0, '{metadata}')");
    Request::new(Kind::Settle, ledger, None, sql)
}

/// An instant of the last seconds.
fn recent(dice: &mut Dice, seconds: i64) -> credit_engine::Time {
    grid::plus(now(), -dice.below(seconds * 1_000_000))
}

/// An instant of the next two seconds.
fn soon(dice: &mut Dice) -> credit_engine::Time {
    grid::plus(now(), dice.below(2_000_000))
}

/// Grants that begin, expire or are refilled while the round goes on.
fn grant(round: &Round, dice: &mut Dice) -> Request {
    let ledger = dice.below(round.plan.ledgers as i64) as usize;
    let (feature, ..) = FEATURES[dice.weighted(&[40, 20, 20, 20])];
    let key = key(round, dice, 40);
    let mut amount = dice.between(10, 120);
    let mut terms = String::new();
    let (effective_at, last) = match dice.weighted(&[50, 20, 30]) {
        0 => ("NULL".to_owned(), 0),
        1 => (format!("'{}'", recent(dice, 300)), 0),
        _ => (format!("'{}'", soon(dice)), 2_000_000),
    };
    if round.plan.noisy && dice.chance(10) {
        amount = -dice.between(1, 40);
    } else {
        if dice.chance(40) {
            let expires_at = grid::plus(soon(dice), last + 100_000);
            terms += &format!(", expires_at => '{expires_at}'");
        }
        if dice.chance(15) {
            let anchor = soon(dice);
            terms += &format!(", recurs_every => '1 hour', recurrence_anchor => '{anchor}'");
        }
        terms += dice.one_of(&[
            "",
            ", rollover_type => 'REMAINING_AMOUNT'",
            ", rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 30",
            ", rollover_type => 'ORIGINAL_AMOUNT', rollover_max_amount => 50",
        ]);
    }
    let priority = dice.below(3);
    let sql = format!(
        "SELECT id, false FROM credit_create_grant('{}', '{feature}', {amount}, {priority}, \
         {effective_at}{terms}, idempotency_key => {})",
        subject(ledger),
        literal(key.as_ref())
    );
    Request::new(Kind::Grant, ledger, key, sql)
}

/// Usage that asks nobody, late often.
fn ingest(round: &Round, dice: &mut Dice) -> Request {
    let ledger = dice.below(round.plan.ledgers as i64) as usize;
    let key = key(round, dice, 40);
    let at = match dice.below(3) {
        0 => "NULL".to_owned(),
        1 => format!("'{}'", recent(dice, 3)),
        _ => format!("'{}'", recent(dice, 900)),
    };
    let (meter, value, dimensions) = match dice.chance(20) {
        true => ("calls", "1".to_owned(), "{}"),
        false => {
            let model = dice.one_of(&[r#"{"model": "small"}"#, r#"{"model": "large"}"#, "{}"]);
            let sign = if dice.chance(20) { "-" } else { "" };
            ("tokens", format!("{sign}{}", dice.amount()), model)
        }
    };
    let sql = format!(
        "SELECT credit_ingest('{}', '{meter}', {value}, {at}, '{dimensions}', {}), false",
        subject(ledger),
        literal(key.as_ref())
    );
    Request::new(Kind::Ingest, ledger, key, sql)
}
