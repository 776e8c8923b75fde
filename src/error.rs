//! Errors as a product: SQLSTATE, a short message, a DETAIL that names the values, a HINT.
//!
//! Errors of our own are of class `UC` ("usage credit", in the range that the SQL standard leaves
//! to implementations) and carry one JSON object as DETAIL, for programs.

use crate::account::HighWatermark;
use credit_engine::Time;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use serde_json::{Value, json};
use std::cell::Cell;
use std::ffi::{c_int, c_void};

/// What our functions give inside of Rust.
pub type Result<T> = std::result::Result<T, Error>;

/// An error on its way to the client.
#[derive(Debug)]
pub struct Error {
    code: Code,
    message: String,
    detail: Detail,
    hint: Option<String>,
}

#[derive(Debug)]
enum Detail {
    /// A sentence, for a person.
    Text(String),
    /// An object, for a program.
    Object(Value),
}

#[derive(Debug)]
enum Code {
    /// A SQLSTATE of class `UC`.
    Own(&'static str),
    /// A SQLSTATE that PostgreSQL defines.
    Known(PgSqlErrorCode),
}

impl Error {
    /// An error of class `UC`; `name` and the members of `detail` become its DETAIL.
    fn own(code: &'static str, name: &str, message: impl Into<String>, detail: Value) -> Error {
        let mut object = detail;
        object["error"] = json!(name);
        Error {
            code: Code::Own(code),
            message: message.into(),
            detail: Detail::Object(object),
            hint: None,
        }
    }

    fn known(code: PgSqlErrorCode, message: String, detail: String) -> Error {
        Error { code: Code::Known(code), message, detail: Detail::Text(detail), hint: None }
    }

    /// With a HINT: a full sentence that says what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// The same error, told of one element of a batch; `position` counts from 1.
    pub fn of_element(mut self, position: usize) -> Error {
        self.message = format!("event {position}: {}", self.message);
        if let Detail::Object(object) = &mut self.detail {
            object["position"] = json!(position);
        }
        self
    }

    /// 22023: an argument that no call may have.
    pub fn bad_argument(message: impl Into<String>, detail: impl Into<String>) -> Error {
        let code = PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE;
        Error::known(code, message.into(), detail.into())
    }

    /// 22003: a number outside of the range.
    pub fn out_of_range(message: impl Into<String>, detail: impl Into<String>) -> Error {
        let code = PgSqlErrorCode::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
        Error::known(code, message.into(), detail.into())
    }

    /// 22004: NULL where a value is needed.
    pub fn null_argument(name: &str) -> Error {
        let code = PgSqlErrorCode::ERRCODE_NULL_VALUE_NOT_ALLOWED;
        Error::known(
            code,
            format!("\"{name}\" must not be null"),
            format!("The argument \"{name}\" is NULL."),
        )
        .hint("Give a value, or leave the argument out if it has a default.")
    }

    /// 40001: the transaction's snapshot is older than what the lock shows.
    pub fn stale_snapshot(subject: &str) -> Error {
        let code = PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE;
        Error::known(
            code,
            "could not serialize access due to a concurrent change of the ledger".into(),
            format!("The ledger of \"{subject}\" was changed after this transaction's snapshot."),
        )
        .hint("Run the transaction again.")
    }

    /// 42501: the row that every change of a ledger locks is hidden from the owner of the schema.
    pub fn ledger_not_lockable(subject: &str) -> Error {
        Error::known(
            PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!("ledger \"{subject}\" cannot be locked"),
            "The owner of schema credit does not see its row in credit.ledgers.".into(),
        )
        .hint("Let row-level policies on credit.ledgers pass the owner of schema credit.")
    }

    /// 54000: more phases than one call computes.
    pub fn too_many_phases() -> Error {
        Error::known(
            PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            "too many phases".into(),
            format!(
                "Recurrences or the granularity cut the time asked for into more than {} pieces.",
                credit_engine::MAX_POINTS
            ),
        )
        .hint("Ask for an earlier time, a shorter interval or a coarser granularity.")
    }

    /// UC001.
    pub fn ledger_not_found(ledger: &str, namespace: &str) -> Error {
        Error::own(
            "UC001",
            "ledger_not_found",
            format!("ledger \"{ledger}\" not found"),
            json!({ "ledger": ledger, "namespace": namespace }),
        )
        .hint("Create it with credit_create_ledger.")
    }

    /// UC002.
    pub fn feature_not_found(feature: &str, namespace: &str) -> Error {
        Error::own(
            "UC002",
            "feature_not_found",
            format!("feature \"{feature}\" not found"),
            json!({ "feature": feature, "namespace": namespace }),
        )
        .hint("Create it with credit_create_feature; an archived feature is found by its id only.")
    }

    /// UC002: it was found by its id, but is of no use any more.
    pub fn feature_archived(feature: &str, namespace: &str) -> Error {
        Error::own(
            "UC002",
            "feature_archived",
            format!("feature \"{feature}\" is archived"),
            json!({ "feature": feature, "namespace": namespace }),
        )
        .hint("An archived feature takes no grant; create another one.")
    }

    /// UC003.
    pub fn grant_not_found(grant: uuid::Uuid, namespace: &str) -> Error {
        Error::own(
            "UC003",
            "grant_not_found",
            format!("grant \"{grant}\" not found"),
            json!({ "grant": grant.to_string(), "namespace": namespace }),
        )
    }

    /// UC004.
    pub fn meter_not_found(meter: &str, namespace: &str) -> Error {
        Error::own(
            "UC004",
            "meter_not_found",
            format!("meter \"{meter}\" not found"),
            json!({ "meter": meter, "namespace": namespace }),
        )
        .hint("Create it with credit_create_meter.")
    }

    /// UC104: `argument` is the first that differs.
    pub fn idempotency_conflict(key: &str, argument: &str) -> Error {
        Error::own(
            "UC104",
            "idempotency_conflict",
            format!("idempotency key \"{key}\" was used with another \"{argument}\""),
            json!({ "key": key, "argument": argument }),
        )
        .hint("Repeat a call with the arguments of the first one, or use a new key.")
    }

    /// UC202: a grant or a void at `at`, before the high watermark.
    pub fn before_high_watermark(at: Time, watermark: HighWatermark) -> Error {
        Error::watermark("time is before", at, watermark)
    }

    /// UC202: a reset at `at`, before the high watermark or at it.
    pub fn not_after_high_watermark(at: Time, watermark: HighWatermark) -> Error {
        Error::watermark("time is not after", at, watermark)
    }

    /// UC202: a read at `at`, before the start of measurement.
    pub fn before_measurement(at: Time, measure_from: Time) -> Error {
        let watermark = HighWatermark { at: measure_from, is_reset: false };
        Error::watermark("time is before", at, watermark)
    }

    fn watermark(relation: &str, at: Time, watermark: HighWatermark) -> Error {
        let (name, key, hint) = if watermark.is_reset {
            let hint = "Nothing changes before the last reset; late usage is counted all the same.";
            ("high watermark", "highWatermark", hint)
        } else {
            let hint = "The start of measurement is chosen when the ledger is created.";
            ("start of measurement", "measureFrom", hint)
        };
        let mut detail = json!({ "at": at.to_string() });
        detail[key] = json!(watermark.at.to_string());
        let message = format!("{relation} the {name}");
        Error::own("UC202", "high_watermark_before", message, detail).hint(hint)
    }

    /// UC203.
    pub fn grant_used(grant: uuid::Uuid, paid: String, voided_at: Time) -> Error {
        Error::own(
            "UC203",
            "grant_used",
            "grant has been used, cannot void",
            json!({
                "grant": grant.to_string(),
                "paid": crate::convert::json::number(&paid),
                "voidedAt": voided_at.to_string(),
            }),
        )
        .hint("Call with forfeit_remaining => true to forfeit what is left of it.")
    }

    /// UC204.
    pub fn grant_void(grant: uuid::Uuid, voided_at: Time) -> Error {
        Error::own(
            "UC204",
            "grant_void",
            "grant is void already",
            json!({ "grant": grant.to_string(), "voidedAt": voided_at.to_string() }),
        )
    }

    /// UC206: `child` is the grant that took over at a reset.
    pub fn grant_ended(
        grant: uuid::Uuid,
        at: Time,
        reason: &str,
        child: Option<uuid::Uuid>,
    ) -> Error {
        let mut detail = json!({
            "grant": grant.to_string(), "endedAt": at.to_string(), "reason": reason,
        });
        if let Some(child) = child {
            detail["child"] = json!(child.to_string());
        }
        let error = Error::own("UC206", "grant_ended", "grant has ended", detail);
        match child {
            Some(_) => error.hint("Void its child instead."),
            None => error,
        }
    }

    /// Raises the error to PostgreSQL.
    pub fn raise(self) -> ! {
        let known = match self.code {
            Code::Known(code) => code,
            // pgrx knows only PostgreSQL's own SQLSTATEs: ours is set while the error is reported.
            Code::Own(code) => {
                OWN_SQLSTATE.set(packed_sqlstate(code));
                push_context_callback();
                PgSqlErrorCode::ERRCODE_RAISE_EXCEPTION
            }
        };
        let detail = match self.detail {
            Detail::Text(text) => text,
            Detail::Object(object) => crate::convert::json::as_jsonb_text(object),
        };
        let mut report = ErrorReport::new(known, self.message, "credit").set_detail(detail);
        if let Some(hint) = self.hint {
            report = report.set_hint(hint);
        }
        report.report(PgLogLevel::ERROR);
        unreachable!("an ERROR does not return")
    }
}

/// Runs the body of an SQL function and raises its error.
pub fn or_raise<T>(body: impl FnOnce() -> Result<T>) -> T {
    match body() {
        Ok(value) => value,
        Err(error) => error.raise(),
    }
}

/// The value of an argument that must not be NULL.
pub fn required<T>(value: Option<T>, name: &str) -> Result<T> {
    value.ok_or_else(|| Error::null_argument(name))
}

thread_local! {
    /// The SQLSTATE of the error being raised, as PostgreSQL packs it; 0: none of ours.
    static OWN_SQLSTATE: Cell<c_int> = const { Cell::new(0) };
}

/// PostgreSQL's `MAKE_SQLSTATE`: five characters of six bits.
fn packed_sqlstate(code: &str) -> c_int {
    debug_assert_eq!(code.len(), 5);
    code.bytes().rev().fold(0, |packed, byte| packed << 6 | c_int::from((byte - b'0') & 0x3F))
}

/// Puts our callback on top of the error context stack. It needs no removal: raising the error
/// unwinds to a handler that puts the stack back as it was.
fn push_context_callback() {
    static mut CALLBACK: pg_sys::ErrorContextCallback = pg_sys::ErrorContextCallback {
        previous: std::ptr::null_mut(),
        callback: Some(set_own_sqlstate),
        arg: std::ptr::null_mut(),
    };
    // SAFETY: a backend has one thread, and the callback lives for ever.
    unsafe {
        let callback = &raw mut CALLBACK;
        if pg_sys::error_context_stack != callback {
            (*callback).previous = pg_sys::error_context_stack;
            pg_sys::error_context_stack = callback;
        }
    }
}

unsafe extern "C-unwind" fn set_own_sqlstate(_: *mut c_void) {
    unsafe extern "C-unwind" {
        fn errcode(code: c_int) -> c_int;
    }
    let code = OWN_SQLSTATE.replace(0);
    if code != 0 {
        // SAFETY: PostgreSQL calls us while it reports an error, where errcode() may be called.
        unsafe { errcode(code) };
    }
}
