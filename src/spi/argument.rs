//! Arguments of statements.

use crate::convert::json::{JsonText, StringMap};
use crate::convert::jsonb::Part;
use crate::convert::{numeric::Numeric, time, xid::Xid8};
use crate::ids;
use credit_engine::{Amount, Time};
use pgrx::pg_sys::{BuiltinOid, Datum};
use pgrx::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

/// An argument of a statement; `None` is NULL.
pub type Argument = Option<Datum>;

/// What can be an argument of a statement.
pub trait ToArgument {
    /// The datum; it lives in the current memory context.
    fn to_argument(&self) -> Argument;
}

impl<T: ToArgument> ToArgument for Option<T> {
    fn to_argument(&self) -> Argument {
        self.as_ref().and_then(ToArgument::to_argument)
    }
}

impl<T: ToArgument + ?Sized> ToArgument for &T {
    fn to_argument(&self) -> Argument {
        (**self).to_argument()
    }
}

macro_rules! to_argument {
    ($($type:ty: $self:ident => $datum:expr;)*) => {
        $(impl ToArgument for $type {
            fn to_argument(&$self) -> Argument {
                IntoDatum::into_datum($datum)
            }
        })*
    };
}

impl<T: AsRef<str>> ToArgument for BTreeMap<T, T> {
    fn to_argument(&self) -> Argument {
        let members = self.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        let members = members.map(|(name, value)| (name, Part::String(value)));
        Part::Object(members.collect()).to_datum()
    }
}

impl ToArgument for JsonText {
    fn to_argument(&self) -> Argument {
        self.to_datum()
    }
}

to_argument! {
    str: self => self;
    String: self => self.as_str();
    bool: self => *self;
    i16: self => *self;
    i32: self => *self;
    i64: self => *self;
    Xid8: self => *self;
    Uuid: self => ids::to_sql(*self);
    Time: self => time::to_sql(*self);
    Amount: self => Numeric::from(*self);
    Vec<u8>: self => self.as_slice();
}

/// What can be an element of an array.
pub trait ToElement: ToArgument {
    /// Its SQL type.
    const TYPE: BuiltinOid;
}

macro_rules! to_element {
    ($($type:ty: $oid:ident;)*) => {
        $(impl ToElement for $type {
            const TYPE: BuiltinOid = BuiltinOid::$oid;
        })*
    };
}

to_element! {
    i64: INT8OID;
    StringMap: JSONBOID;
    Uuid: UUIDOID;
    Time: TIMESTAMPTZOID;
    Amount: NUMERICOID;
}

impl<T: ToElement> ToElement for Option<T> {
    const TYPE: BuiltinOid = T::TYPE;
}

impl<T: ToElement> ToElement for &T {
    const TYPE: BuiltinOid = T::TYPE;
}

impl<T: ToElement> ToArgument for Vec<T> {
    fn to_argument(&self) -> Argument {
        array(self.iter())
    }
}

/// The array of the elements, made by one call: pgrx's own way takes one for each element, and
/// copies it twice.
pub fn array<T: ToElement>(elements: impl Iterator<Item = T>) -> Argument {
    let (mut values, mut nulls): (Vec<Datum>, Vec<bool>) = elements
        .map(|element| element.to_argument())
        .map(|value| (value.unwrap_or(Datum::null()), value.is_none()))
        .unzip();
    let mut length = i32::try_from(values.len()).expect("no array is that long");
    let mut first = 1;
    let oid = pg_sys::Oid::from(T::TYPE);
    // SAFETY: there are `length` values and nulls, of the type that is looked up.
    unsafe {
        let (mut size, mut by_value, mut alignment) = (0, false, 0);
        pg_sys::get_typlenbyvalalign(oid, &mut size, &mut by_value, &mut alignment);
        Some(Datum::from(pg_sys::construct_md_array(
            values.as_mut_ptr(),
            nulls.as_mut_ptr(),
            1,
            &mut length,
            &mut first,
            oid,
            size.into(),
            by_value,
            alignment,
        )))
    }
}

/// The arguments of a statement: anything that is [`ToArgument`], in order.
#[macro_export]
macro_rules! arguments {
    ($($value:expr),* $(,)?) => {
        &[$($crate::spi::ToArgument::to_argument(&$value)),*]
    };
}
