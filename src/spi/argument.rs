//! Arguments of statements.

use crate::convert::json::{StringMap, map_to_datum};
use crate::convert::{numeric::Numeric, time, xid::Xid8};
use crate::ids;
use credit_engine::{Amount, Time};
use pgrx::pg_sys::Datum;
use pgrx::prelude::*;
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

impl ToArgument for StringMap {
    fn to_argument(&self) -> Argument {
        map_to_datum(self)
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
    Vec<u8>: self => self.clone();
    Vec<Uuid>: self => self.iter().map(|id| ids::to_sql(*id)).collect::<Vec<_>>();
    Vec<i64>: self => self.clone();
    Vec<Option<i64>>: self => self.clone();
    Vec<Xid8>: self => self.clone();
    Vec<Time>: self => self.iter().map(|at| time::to_sql(*at)).collect::<Vec<_>>();
    Vec<Amount>: self => self.iter().map(|amount| Numeric::from(*amount)).collect::<Vec<_>>();
}

/// The arguments of a statement: anything that is [`ToArgument`], in order.
#[macro_export]
macro_rules! arguments {
    ($($value:expr),* $(,)?) => {
        &[$($crate::spi::ToArgument::to_argument(&$value)),*]
    };
}
