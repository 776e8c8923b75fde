//! What an application keeps around tokio-postgres: typed errors, and a transaction is run again.

use deadpool_postgres::{Pool, PoolError};
use rust_decimal::Decimal;
use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::{Row, types::ToSql};

/// What can go wrong; the structs are the DETAIL of errors of class UC.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("not enough credit: {} requested, {} available", .0.requested, .0.available)]
    InsufficientCredit(InsufficientCredit),
    #[error("idempotency key {:?} was used with another {}", .0.key, .0.argument)]
    IdempotencyConflict(IdempotencyConflict),
    #[error("the hold is {}", .0.state)]
    HoldNotOpen(HoldNotOpen),
    #[error(transparent)]
    Postgres(tokio_postgres::Error),
    #[error(transparent)]
    Pool(#[from] PoolError),
}

/// UC301: nothing was spent.
#[derive(Debug, Deserialize)]
pub struct InsufficientCredit {
    pub requested: Decimal,
    pub available: Decimal,
    pub overdraft: Decimal,
}

/// UC104: the key was used for something else.
#[derive(Debug, Deserialize)]
pub struct IdempotencyConflict {
    pub key: String,
    pub argument: String,
}

/// UC205: the hold was settled otherwise, released, or has ended.
#[derive(Debug, Deserialize)]
pub struct HoldNotOpen {
    pub state: String,
    pub settled: Option<Decimal>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let typed = error.as_db_error().and_then(|db| match db.code().code() {
            "UC301" => detail(db).map(Error::InsufficientCredit),
            "UC104" => detail(db).map(Error::IdempotencyConflict),
            "UC205" => detail(db).map(Error::HoldNotOpen),
            _ => None,
        });
        typed.unwrap_or(Error::Postgres(error))
    }
}

fn detail<T: DeserializeOwned>(error: &DbError) -> Option<T> {
    serde_json::from_str(error.detail()?).ok()
}

impl Error {
    /// Whether PostgreSQL asks for the transaction to be run again.
    fn is_transient(&self) -> bool {
        let Error::Postgres(error) = self else { return false };
        matches!(
            error.code(),
            Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED)
        )
    }
}

/// Calls `transaction`, which begins one and commits it; again where PostgreSQL asks for it (40001, 40P01).
pub async fn retried<T, F>(mut transaction: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    for attempt in 1..10 {
        match transaction().await {
            Err(error) if error.is_transient() => {}
            outcome => return outcome,
        }
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..2 << attempt))).await;
    }
    transaction().await
}

/// One statement, in a transaction of its own, and the row that it gives.
pub async fn call(pool: &Pool, query: &str, arguments: &[&(dyn ToSql + Sync)]) -> Result<Row> {
    let client = pool.get().await?;
    let statement = client.prepare_cached(query).await?;
    Ok(client.query_one(&statement, arguments).await?)
}
