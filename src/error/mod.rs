//! Errors as a product: SQLSTATE, a short message, a DETAIL that names the values, a HINT.
//!
//! Errors of our own are of class `UC` ("usage credit", in the range that the SQL standard leaves
//! to implementations) and carry one JSON object as DETAIL, for programs.

mod catalogue;
mod raise;

use crate::document::number;
use credit_engine::{Amount, Time};
use pgrx::prelude::*;
use serde_json::{Value, json};
use std::borrow::Cow;

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
    pub fn of_element(mut self, what: &str, position: usize) -> Error {
        self.message = format!("{what} {position}: {}", self.message);
        if let Detail::Object(object) = &mut self.detail {
            object["position"] = json!(position);
        }
        self
    }

    /// The same error, told of the settlement of a hold.
    pub fn of_hold(mut self, hold: uuid::Uuid, held: Amount) -> Error {
        if let Detail::Object(object) = &mut self.detail {
            object["hold"] = json!(hold.to_string());
            object["held"] = json!(number(held));
        }
        self
    }

    /// 22023: an argument that no call may have.
    pub fn bad_argument(message: impl Into<String>, detail: impl Into<String>) -> Error {
        let code = PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE;
        Error::known(code, message.into(), detail.into())
    }

    /// 22023: an argument that is none of the texts that it may be.
    pub fn unknown_choice(name: &str, given: &str, allowed: &str) -> Error {
        Error::bad_argument(format!("unknown \"{name}\""), format!("It is {:?}.", shortened(given)))
            .hint(format!("Give one of {allowed}."))
    }

    /// 22023: a window that ends before it begins.
    pub fn empty_window(from: Time, to: Time) -> Error {
        let message = "\"from_time\" is after \"to_time\"";
        Error::bad_argument(message, format!("It is from {from} to {to}."))
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
}

/// Runs the body of an SQL function and raises its error.
pub fn or_raise<T>(body: impl FnOnce() -> Result<T>) -> T {
    match body() {
        Ok(value) => value,
        Err(error) => error.raise(),
    }
}

/// A text for a message: cut where it gets long.
pub fn shortened(text: &str) -> Cow<'_, str> {
    const MOST_CHARS: usize = 60;
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The value of an argument that must not be NULL.
pub fn required<T>(value: Option<T>, name: &str) -> Result<T> {
    value.ok_or_else(|| Error::null_argument(name))
}
