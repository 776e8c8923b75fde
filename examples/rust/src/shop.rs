//! What a shop does with credits, with tokio-postgres. Its own tables and the credits are one database.

use crate::credit::{Error, Result, call};
use deadpool_postgres::Pool;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::SystemTime;
use tokio_postgres::Row;
use uuid::Uuid;

pub struct Spend {
    pub id: Option<Uuid>,
    pub amount: Decimal,
    pub available: Decimal,
    pub replayed: bool,
}

impl From<Row> for Spend {
    fn from(row: Row) -> Self {
        Spend {
            id: row.get("spend_id"),
            amount: row.get("amount"),
            available: row.get("available"),
            replayed: row.get("replayed"),
        }
    }
}

/// The order stands if there is credit for it: both are of one transaction.
pub async fn place_order(
    pool: &Pool,
    order: &str,
    customer: &str,
    credits: Decimal,
) -> Result<Spend> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    tx.execute("INSERT INTO orders VALUES ($1, $2, $3)", &[&order, &customer, &credits]).await?;
    let spend = "SELECT * FROM credit_consume($1, 'assistant', $2)";
    let spend = tx.query_one(spend, &[&customer, &credits]).await?;
    tx.commit().await?;
    Ok(spend.into())
}

/// No answer came? Call again: one key spends once.
pub async fn spend_once(pool: &Pool, customer: &str, credits: Decimal, key: &str) -> Result<Spend> {
    let spend = "SELECT * FROM credit_consume($1, 'assistant', $2, idempotency_key => $3)";
    Ok(call(pool, spend, &[&customer, &credits, &key]).await?.into())
}

/// Takes what there is.
pub async fn spend_up_to(pool: &Pool, customer: &str, credits: Decimal) -> Result<Spend> {
    let spend = "SELECT * FROM credit_try_consume($1, 'assistant', $2, partial => true)";
    Ok(call(pool, spend, &[&customer, &credits]).await?.into())
}

/// Holds the most that the call can cost, makes it outside of any transaction, settles what it did cost.
pub async fn ask_model<T, E: From<Error>>(
    pool: &Pool,
    customer: &str,
    most: Decimal,
    model: impl AsyncFnOnce() -> Result<(T, Decimal), E>,
) -> Result<(T, Uuid), E> {
    let reserve = "SELECT credit_reserve($1, 'assistant', $2, expires_in => '5 minutes')";
    let hold: Uuid = call(pool, reserve, &[&customer, &most]).await?.get(0);
    match model().await {
        Ok((answer, cost)) => {
            call(pool, "SELECT credit_settle($1, $2)", &[&hold, &cost]).await?;
            Ok((answer, hold))
        }
        Err(error) => {
            // where this fails, the hold ends by itself
            let _ = call(pool, "SELECT credit_release($1)", &[&hold]).await;
            Err(error)
        }
    }
}

pub struct Event {
    pub customer: String,
    pub tokens: Decimal,
    pub time: SystemTime,
    pub model: &'static str,
    pub key: String,
}

/// Many events in one call.
pub async fn send_usage(pool: &Pool, events: &[Event]) -> Result<i64> {
    let customers: Vec<_> = events.iter().map(|event| &event.customer).collect();
    let meters = vec!["tokens"; events.len()];
    let tokens: Vec<_> = events.iter().map(|event| event.tokens).collect();
    let times: Vec<_> = events.iter().map(|event| event.time).collect();
    let keys: Vec<_> = events.iter().map(|event| &event.key).collect();
    let dimensions: Vec<Value> = events.iter().map(|e| json!({"model": e.model})).collect();
    let ingest = "SELECT credit_ingest_arrays($1, $2, $3, $4, $5, $6)";
    let row =
        call(pool, ingest, &[&customers, &meters, &tokens, &times, &keys, &dimensions]).await?;
    Ok(row.get(0))
}

/// Balance, held, available.
pub async fn standing(pool: &Pool, customer: &str) -> Result<[Decimal; 3]> {
    let query = "SELECT balance, held, available FROM credit_feature_balances($1)";
    let row = call(pool, query, &[&customer]).await?;
    Ok([0, 1, 2].map(|column| row.get(column)))
}

/// What we read of the Balance document; a `Decimal` takes a number of JSON as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    pub grant_balances: Vec<Grant>,
}

#[derive(Deserialize)]
pub struct Grant {
    pub amount: Decimal,
}
