//! `jsonb` as an argument and a column.
//!
//! It is read where it stands, by PostgreSQL's own iterator and one level at a time: no nesting is
//! too deep, and no key means more than its characters.

use crate::convert::numeric::{self, Numeric};
use crate::convert::shown;
use crate::error::{Error, Result, shortened};
use credit_engine::{Amount, NotAnAmount};
use credit_numeric::Unreadable;
use pgrx::prelude::*;
use pgrx::{IntoDatum, direct_function_call_as_datum};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::CString;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// A JSON object whose values are strings; equal maps have equal text.
pub type StringMap = BTreeMap<String, String>;

/// A [`StringMap`] that is borrowed, mostly from a `jsonb`.
pub type StrMap<'a> = BTreeMap<&'a str, &'a str>;

/// A JSON value. Its strings are those of the `jsonb`, and so is what it nests.
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number(Numeric),
    /// A string.
    String(&'a str),
    /// An array, by its elements.
    Array(Elements<'a>),
    /// An object, by its members.
    Object(Members<'a>),
}

crate::sql_argument!(Json<'_>, "jsonb", Json::read);

impl<'a> Json<'a> {
    unsafe fn read(datum: pg_sys::Datum) -> Json<'a> {
        // SAFETY: the caller vouches for a jsonb that lives for 'a. What holds a single value is
        // written as an array of it.
        unsafe {
            let jsonb = pg_sys::pg_detoast_datum(datum.cast_mut_ptr()).cast::<pg_sys::Jsonb>();
            let root = &raw mut (*jsonb).root;
            if (*root).header & pg_sys::JB_FSCALAR != 0 {
                Elements::of(root).next().expect("a scalar is an array of one element")
            } else {
                Json::of_container(root)
            }
        }
    }

    unsafe fn of_container(container: *mut pg_sys::JsonbContainer) -> Json<'a> {
        // SAFETY: the caller vouches for an array or an object in a jsonb that lives for 'a.
        unsafe {
            let elements = match (*container).header & pg_sys::JB_CMASK {
                0 => Elements { iterator: std::ptr::null_mut(), jsonb: PhantomData },
                _ => Elements::of(container),
            };
            match (*container).header & pg_sys::JB_FOBJECT {
                0 => Json::Array(elements),
                _ => Json::Object(Members(elements)),
            }
        }
    }

    unsafe fn of_value(value: &pg_sys::JsonbValue) -> Json<'a> {
        use pg_sys::jbvType;
        // SAFETY: the caller vouches for a value in a jsonb that lives for 'a, and the type says
        // which member of the union it is.
        unsafe {
            match value.type_ {
                jbvType::jbvNull => Json::Null,
                jbvType::jbvBool => Json::Boolean,
                jbvType::jbvNumeric => Json::Number(Numeric::read(value.val.numeric.into())),
                jbvType::jbvString => {
                    let string = value.val.string;
                    let bytes = std::slice::from_raw_parts(string.val.cast(), string.len as usize);
                    Json::String(std::str::from_utf8(bytes).expect("the database is in UTF-8"))
                }
                jbvType::jbvBinary => Json::of_container(value.val.binary.data),
                other => unreachable!("a jsonb holds no value of type {other}"),
            }
        }
    }

    /// An argument that must be a JSON array.
    ///
    /// # Errors
    /// 22023; `name` is the argument's.
    pub fn elements(self, name: &str) -> Result<Elements<'a>> {
        match self {
            Json::Array(elements) => Ok(elements),
            other => Err(other.refused(format!("\"{name}\" must be a JSON array"))),
        }
    }

    /// An argument that must be a JSON object whose values are strings: a [`StringMap`] or a
    /// [`StrMap`].
    ///
    /// # Errors
    /// 22023; `name` is the argument's.
    pub fn string_map<T: From<&'a str> + Ord>(self, name: &str) -> Result<BTreeMap<T, T>> {
        let members = match self {
            Json::Object(members) => members,
            other => {
                let error = other.refused(format!("\"{name}\" must be a JSON object"));
                let hint = "Give an object whose values are strings, such as {\"plan\": \"pro\"}.";
                return Err(error.hint(hint));
            }
        };
        let strings = members.map(|(key, value)| match value {
            Json::String(value) => Ok((key.into(), value.into())),
            other => Err(Error::bad_argument(
                format!("\"{name}\" must map strings to strings"),
                format!("The value of {:?} is of JSON type {}.", shortened(key), other.kind()),
            )
            .hint("Quote it: write numbers and booleans as strings.")),
        });
        strings.collect()
    }

    /// The string of a member of an object.
    ///
    /// # Errors
    /// 22023; `name` is the member's.
    pub fn string(self, name: &str) -> Result<&'a str> {
        match self {
            Json::String(text) => Ok(text),
            other => Err(other.refused(format!("\"{name}\" must be a string"))),
        }
    }

    /// The number of a member of an object, or a string for clients whose JSON writer would make
    /// it a float.
    ///
    /// # Errors
    /// 22023, 22003; `name` is the member's.
    pub fn amount(self, name: &str) -> Result<Amount> {
        let text = match self {
            Json::Number(number) => return number.entered(name),
            Json::String(text) => text,
            other => return Err(other.refused(format!("\"{name}\" must be a number"))),
        };
        text.parse().map_err(|error| match error {
            NotAnAmount::Malformed => Error::bad_argument(
                format!("\"{name}\" is not a number"),
                format!("It is {:?}.", shortened(text)),
            )
            .hint("Give a plain decimal, such as 12.5."),
            NotAnAmount::TooLarge => numeric::refused(Unreadable::TooLarge, name, text),
            NotAnAmount::TooPrecise => numeric::refused(Unreadable::TooPrecise, name, text),
        })
    }

    /// An object out of a table of ours, which holds only maps of strings; raises XX001 otherwise.
    pub fn stored(self) -> StringMap {
        self.string_map("").unwrap_or_else(|_| {
            Error::foreign_row("JSON that is no object of strings").raise();
        })
    }

    /// The error for JSON of a wrong type.
    pub fn refused(&self, message: impl Into<String>) -> Error {
        Error::bad_argument(message, format!("It is of JSON type {}.", self.kind()))
    }

    /// The type, as `jsonb_typeof` names it.
    fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Boolean => "boolean",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        }
    }
}

/// The elements of an array.
pub struct Elements<'a> {
    /// Null at the end.
    iterator: *mut pg_sys::JsonbIterator,
    jsonb: PhantomData<&'a str>,
}

impl Elements<'_> {
    unsafe fn of(container: *mut pg_sys::JsonbContainer) -> Self {
        // SAFETY: the caller vouches for an array or an object.
        let iterator = unsafe {
            match (*container).header & pg_sys::JB_CMASK {
                0 => std::ptr::null_mut(), // what most metadata is needs no iterator
                _ => pg_sys::JsonbIteratorInit(container),
            }
        };
        Elements { iterator, jsonb: PhantomData }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        use pg_sys::JsonbIteratorToken as Token;
        let mut value = MaybeUninit::uninit();
        loop {
            // SAFETY: the iterator is PostgreSQL's; it writes the value wherever it gives one.
            unsafe {
                match pg_sys::JsonbIteratorNext(&mut self.iterator, value.as_mut_ptr(), true) {
                    Token::WJB_DONE => return None,
                    Token::WJB_KEY | Token::WJB_VALUE | Token::WJB_ELEM => {
                        return Some(Json::of_value(value.assume_init_ref()));
                    }
                    _ => {} // the begin or the end
                }
            }
        }
    }
}

/// The members of an object, in the order of `jsonb`: shorter names come first.
pub struct Members<'a>(Elements<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Json<'a>);

    fn next(&mut self) -> Option<(&'a str, Json<'a>)> {
        match (self.0.next()?, self.0.next()?) {
            (Json::String(name), value) => Some((name, value)),
            _ => unreachable!("the name of a member is a string"),
        }
    }
}

/// A borrowed view of a map.
pub fn borrowed(map: &StringMap) -> StrMap<'_> {
    map.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Names and values, each before a character that no text contains.
pub fn one_text<T: AsRef<str>>(map: &BTreeMap<T, T>) -> String {
    let mut text = String::new();
    for part in map.iter().flat_map(|(name, value)| [name.as_ref(), value.as_ref()]) {
        text.push_str(part);
        text.push('\0');
    }
    text
}

/// JSON that was written by us.
pub struct JsonText(String);

impl JsonText {
    /// A value whose keys are texts.
    pub fn of(value: &impl Serialize) -> JsonText {
        JsonText(serde_json::to_string(value).expect("what we write has text keys"))
    }

    /// The `jsonb`.
    pub fn to_datum(&self) -> Option<pg_sys::Datum> {
        let text = CString::new(self.0.as_str()).expect("JSON text has no NUL");
        // SAFETY: jsonb_in takes a C string and gives a jsonb.
        unsafe { direct_function_call_as_datum(pg_sys::jsonb_in, &[text.as_c_str().into_datum()]) }
    }
}

/// The text that PostgreSQL gives for this JSON, so that Rust and SQL write one spelling.
pub fn as_jsonb_text(value: Value) -> String {
    let jsonb = pgrx::JsonB(value).into_datum().expect("JSON is not NULL");
    // SAFETY: the datum is a jsonb.
    unsafe { shown(pg_sys::jsonb_out, jsonb) }
}
