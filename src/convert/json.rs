//! `jsonb` as an argument and a column.
//!
//! What comes in is taken apart as text, one level at a time: serde_json's `Value` would read an
//! object with a certain key as a number, and refuse deep nesting by an error of its own.

use crate::convert::shown;
use crate::error::{Error, Result, shortened};
use pgrx::prelude::*;
use pgrx::{IntoDatum, direct_function_call_as_datum};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::ffi::CString;

/// A JSON object whose values are strings; equal maps have equal text.
pub type StringMap = BTreeMap<String, String>;

/// A `jsonb` as PostgreSQL writes it.
#[derive(Debug, Clone)]
pub struct JsonText(String);

crate::sql_argument!(JsonText, "jsonb", JsonText::read);

impl JsonText {
    unsafe fn read(datum: pg_sys::Datum) -> JsonText {
        /// An object without members: all of it is this header.
        const EMPTY_OBJECT: u32 = 0x2000_0000;
        // SAFETY: the caller vouches for a jsonb. Most metadata is empty, and what is not toasted
        // is read in place.
        let payload = unsafe {
            let packed = pg_sys::pg_detoast_datum_packed(datum.cast_mut_ptr());
            pgrx::varlena::varlena_to_byte_slice(packed)
        };
        if payload == EMPTY_OBJECT.to_ne_bytes() {
            return JsonText(Self::EMPTY.to_owned());
        }
        // SAFETY: as above.
        JsonText(unsafe { shown(pg_sys::jsonb_out, datum) })
    }

    const EMPTY: &str = "{}";

    /// An argument that must be a JSON object whose values are strings.
    ///
    /// # Errors
    /// 22023; `name` is the argument's.
    pub fn string_map(&self, name: &str) -> Result<StringMap> {
        string_map(&self.0, name)
    }

    /// An argument that must be a JSON array: the texts of its elements.
    ///
    /// # Errors
    /// 22023; `name` is the argument's.
    pub fn elements(&self, name: &str) -> Result<Vec<String>> {
        let elements: Vec<&RawValue> = serde_json::from_str(&self.0).map_err(|_| {
            let message = format!("\"{name}\" must be a JSON array");
            Error::bad_argument(message, wrong_kind(&self.0))
        })?;
        Ok(elements.into_iter().map(|element| element.get().to_owned()).collect())
    }

    /// An object out of a table of ours, which holds only maps of strings; raises XX001 otherwise.
    pub fn stored(&self) -> StringMap {
        if self.0 == Self::EMPTY {
            return StringMap::new();
        }
        serde_json::from_str(&self.0).unwrap_or_else(|_| {
            Error::foreign_row(&format!("the JSON {}", shortened(&self.0))).raise()
        })
    }
}

/// The members of a JSON object, each as text; `None` for anything else.
pub fn members(text: &str) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_str(text).ok()
}

/// A JSON string's value; `None` for anything else.
pub fn string(text: &str) -> Option<String> {
    serde_json::from_str(text).ok()
}

/// Reads a JSON object whose values are strings.
///
/// # Errors
/// 22023; `name` is the argument's.
pub fn string_map(text: &str, name: &str) -> Result<StringMap> {
    let Some(members) = members(text) else {
        return Err(Error::bad_argument(
            format!("\"{name}\" must be a JSON object"),
            wrong_kind(text),
        )
        .hint("Give an object whose values are strings, such as {\"plan\": \"pro\"}."));
    };
    (members.into_iter())
        .map(|(key, member)| match string(member.get()) {
            Some(value) => Ok((key, value)),
            None => Err(Error::bad_argument(
                format!("\"{name}\" must map strings to strings"),
                format!(
                    "The value of {:?} is of JSON type {}.",
                    shortened(&key),
                    kind(member.get())
                ),
            )
            .hint("Quote it: write numbers and booleans as strings.")),
        })
        .collect()
}

/// The DETAIL for JSON of a wrong type.
pub fn wrong_kind(text: &str) -> String {
    format!("It is of JSON type {}.", kind(text))
}

/// The type of a JSON text, as `jsonb_typeof` names it.
pub fn kind(text: &str) -> &'static str {
    match text.as_bytes().first() {
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b'"') => "string",
        Some(b't' | b'f') => "boolean",
        Some(b'n') => "null",
        _ => "number",
    }
}

/// The `jsonb` of a map.
pub fn map_to_datum(map: &StringMap) -> Option<pg_sys::Datum> {
    let text = serde_json::to_string(map).expect("a map of strings is JSON");
    let text = CString::new(text).expect("text has no NUL");
    // SAFETY: jsonb_in takes a C string and gives a jsonb.
    unsafe { direct_function_call_as_datum(pg_sys::jsonb_in, &[text.as_c_str().into_datum()]) }
}

/// The text that PostgreSQL gives for this JSON, so that Rust and SQL write one spelling.
pub fn as_jsonb_text(value: Value) -> String {
    let jsonb = pgrx::JsonB(value).into_datum().expect("JSON is not NULL");
    // SAFETY: the datum is a jsonb.
    unsafe { JsonText::read(jsonb) }.0
}
