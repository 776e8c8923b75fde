//! Identities: time-ordered UUIDs that carry a hash of their subject, and ids of interned rows.
//!
//! Everything of one (namespace, subject) carries the same 32 bits, so that it can later live on
//! one shard. The hash is our own, because PostgreSQL's may change between versions.

use crate::clock;
use crate::convert::json::{Json, StringMap, one_text};
use crate::error::or_raise;
use pgrx::prelude::*;
use std::cell::{Cell, RefCell};
use uuid::Uuid;

/// FNV-1a over the parts, each followed by a byte that no text contains, folded to 32 bits.
pub fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u32 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash = OFFSET;
    for part in parts {
        for byte in part.iter().chain(&[0]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }
    (hash ^ (hash >> 32)) as u32
}

/// The hash that all ids of a subject carry.
pub fn subject_hash(namespace: &str, subject: &str) -> u32 {
    hash([namespace.as_bytes(), subject.as_bytes()])
}

/// The ids of interned rows that carry `hash` in front: the range `first..=last`.
pub fn interned_range(hash: u32) -> (i64, i64) {
    let first = i64::from(hash as i32) << 32;
    (first, first | 0xFFFF_FFFF)
}

/// The id of an interned row: `hash` in front, then a number from the sequence.
pub fn interned_id(hash: u32, number: i64) -> i64 {
    interned_range(hash).0 | (number & 0xFFFF_FFFF)
}

/// A new UUIDv7, later than all that this backend gave out. Its random part begins with `hash`.
pub fn new_uuid(hash: u32) -> Uuid {
    const TICKS_PER_MILLI: i64 = 4096;
    thread_local! {
        static LAST_TICK: Cell<i64> = const { Cell::new(i64::MIN) };
    }
    let micros = clock::read_unix_micros();
    let tick = micros.div_euclid(1000) * TICKS_PER_MILLI
        + micros.rem_euclid(1000) * TICKS_PER_MILLI / 1000;
    let tick = tick.max(LAST_TICK.get() + 1);
    LAST_TICK.set(tick);

    let millis = tick.div_euclid(TICKS_PER_MILLI) as u128 & 0xFFFF_FFFF_FFFF;
    let fraction = tick.rem_euclid(TICKS_PER_MILLI) as u128;
    let random = u128::from(random_bits()) & 0x3FFF_FFFF;
    let (version, variant) = (7_u128, 2_u128);
    Uuid::from_u128(
        millis << 80
            | version << 76
            | fraction << 64
            | variant << 62
            | u128::from(hash) << 30
            | random,
    )
}

/// The UUID that a text spells canonically; other spellings may be names.
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    const CANONICAL_CHARS: usize = 36;
    if text.len() == CANONICAL_CHARS { Uuid::parse_str(text).ok() } else { None }
}

/// A UUID for SQL.
pub fn to_sql(id: Uuid) -> pgrx::Uuid {
    pgrx::Uuid::from_bytes(id.into_bytes())
}

/// A UUID of SQL.
pub fn from_sql(id: pgrx::Uuid) -> Uuid {
    Uuid::from_bytes(*id.as_bytes())
}

/// The id of the child that `reset` gives to `parent`: a function of both.
pub fn child_uuid(parent: Uuid, reset: Uuid) -> Uuid {
    Uuid::new_v5(&parent, reset.as_bytes())
}

/// The identity of usage of a meter that passes filters.
pub fn usage_uuid(meter: Uuid, filters: &StringMap) -> Uuid {
    Uuid::new_v5(&meter, one_text(filters).as_bytes())
}

/// Random bits; drawn in advance, because a draw takes as long for many as for few.
fn random_bits() -> u32 {
    const DRAWN: usize = 64;
    thread_local! {
        static LEFT: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    }
    LEFT.with_borrow_mut(|left| {
        if left.is_empty() {
            let mut bytes = [[0_u8; 4]; DRAWN];
            // SAFETY: the buffer has the length that is told.
            let drawn = unsafe {
                pg_sys::pg_strong_random(bytes.as_mut_ptr().cast(), std::mem::size_of_val(&bytes))
            };
            if !drawn {
                let message = "no random numbers are available";
                ereport!(ERROR, PgSqlErrorCode::ERRCODE_INTERNAL_ERROR, message);
            }
            left.extend(bytes.map(u32::from_ne_bytes));
        }
        left.pop().expect("numbers have just been drawn")
    })
}

/// `credit.first_stream_id(namespace, subject)`: where the streams of a subject begin.
#[pg_extern(sql = false)]
fn first_stream_id(namespace: Option<&str>, subject: Option<&str>) -> Option<i64> {
    Some(interned_range(subject_hash(namespace?, subject?)).0)
}

/// `credit.usage_id(meter_id, filters)`: what snapshots of features without grants are kept under.
#[pg_extern(sql = false)]
fn usage_id(meter_id: Option<pgrx::Uuid>, filters: Option<Json<'_>>) -> Option<pgrx::Uuid> {
    let meter = from_sql(meter_id?);
    or_raise(|| {
        let filters = filters.map(|given| given.string_map("filters")).transpose()?;
        Ok(Some(to_sql(usage_uuid(meter, &filters.unwrap_or_default()))))
    })
}

/// `credit.new_id(namespace, subject)`: a UUIDv7 for a row of that subject, or of no subject.
#[pg_extern(sql = false)]
fn new_id(namespace: Option<&str>, subject: Option<&str>) -> pgrx::Uuid {
    let hash = match (namespace, subject) {
        (Some(namespace), Some(subject)) => subject_hash(namespace, subject),
        _ => random_bits(),
    };
    to_sql(new_uuid(hash))
}
