//! SQL's `numeric` as an argument, a column and a result, without a way through text.

use crate::error::{Error, Result};
use credit_engine::Amount;
use credit_numeric::Unreadable;
use pgrx::callconv::{Arg, ArgAbi, BoxRet, FcInfo};
use pgrx::datum::{Datum, UnboxDatum};
use pgrx::pgrx_sql_entity_graph::metadata::{
    ArgumentError, ReturnsError, ReturnsRef, SqlMappingRef, SqlTranslatable, TypeOrigin,
};
use pgrx::prelude::*;

const _: () = assert!(credit_numeric::SCALE == credit_engine::SCALE);

/// A `numeric` that was read, or why it could not be: an argument can then be refused by name.
#[derive(Debug, Clone, Copy)]
pub struct Numeric(std::result::Result<Amount, Unreadable>);

impl From<Amount> for Numeric {
    fn from(amount: Amount) -> Numeric {
        Numeric(Ok(amount))
    }
}

impl Numeric {
    /// The number as an amount that may be entered.
    ///
    /// # Errors
    /// 22003 for NaN, infinities, 10¹⁵ and above, and more than 12 decimals; `name` is the
    /// argument's.
    pub fn entered(self, name: &str) -> Result<Amount> {
        match self.0 {
            Ok(amount) if amount.is_enterable() => Ok(amount),
            Ok(_) | Err(Unreadable::TooLarge) => Err(Error::out_of_range(
                format!("\"{name}\" is out of range"),
                "Its absolute value must be below 10^15.",
            )),
            Err(Unreadable::TooPrecise) => Err(Error::out_of_range(
                format!("\"{name}\" has too many decimals"),
                "Numbers are exact to 12 decimals and never rounded.",
            )),
            Err(Unreadable::NotFinite | Unreadable::Malformed) => Err(Error::out_of_range(
                format!("\"{name}\" is not a finite number"),
                "NaN and infinities are no amounts.",
            )),
        }
    }

    /// A number out of a table of ours, which holds only what was entered.
    pub fn stored(self) -> Amount {
        self.0.expect("the tables hold numbers in range")
    }

    unsafe fn read(datum: pg_sys::Datum) -> Numeric {
        // SAFETY: the caller vouches for a numeric. A short header is read in place; only a
        // compressed or toasted value is copied.
        unsafe {
            let packed = pg_sys::pg_detoast_datum_packed(datum.cast_mut_ptr());
            let payload = pgrx::varlena::varlena_to_byte_slice(packed);
            Numeric(credit_numeric::decode(payload).map(Amount::from_units))
        }
    }

    fn write(self) -> pg_sys::Datum {
        let encoded = credit_numeric::encode(self.stored().units());
        let payload = encoded.payload();
        let size = pg_sys::VARHDRSZ + payload.len();
        // SAFETY: `size` bytes are allocated in the current memory context and all are written.
        unsafe {
            let varlena = pg_sys::palloc(size).cast::<u8>();
            pgrx::varlena::set_varsize_4b(varlena.cast(), size as i32);
            let data = varlena.add(pg_sys::VARHDRSZ);
            std::ptr::copy_nonoverlapping(payload.as_ptr(), data, payload.len());
            pg_sys::Datum::from(varlena)
        }
    }
}

unsafe impl SqlTranslatable for Numeric {
    const TYPE_IDENT: &'static str = pgrx::pgrx_resolved_type!(Numeric);
    const TYPE_ORIGIN: TypeOrigin = TypeOrigin::External;
    const ARGUMENT_SQL: std::result::Result<SqlMappingRef, ArgumentError> =
        Ok(SqlMappingRef::literal("numeric"));
    const RETURN_SQL: std::result::Result<ReturnsRef, ReturnsError> =
        Ok(ReturnsRef::One(SqlMappingRef::literal("numeric")));
}

unsafe impl<'fcx> ArgAbi<'fcx> for Numeric {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        // SAFETY: upheld by the caller; NULL arrives as None of an Option.
        unsafe { arg.unbox_arg_using_from_datum() }.expect("the argument is not NULL")
    }
}

unsafe impl BoxRet for Numeric {
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        // SAFETY: the datum is a numeric, as the function's declaration says.
        unsafe { fcinfo.return_raw_datum(self.write()) }
    }
}

unsafe impl UnboxDatum for Numeric {
    type As<'src> = Numeric;

    unsafe fn unbox<'src>(datum: Datum<'src>) -> Self::As<'src>
    where
        Self: 'src,
    {
        // SAFETY: upheld by the caller; elements of an array are not NULL here.
        unsafe { Numeric::read(datum.sans_lifetime()) }
    }
}

impl FromDatum for Numeric {
    unsafe fn from_polymorphic_datum(
        datum: pg_sys::Datum,
        is_null: bool,
        _: pg_sys::Oid,
    ) -> Option<Self> {
        // SAFETY: upheld by the caller.
        if is_null { None } else { Some(unsafe { Numeric::read(datum) }) }
    }
}

impl IntoDatum for Numeric {
    fn into_datum(self) -> Option<pg_sys::Datum> {
        Some(self.write())
    }

    fn type_oid() -> pg_sys::Oid {
        pg_sys::NUMERICOID
    }
}
