//! SQL's `numeric` as an argument, a column and a result, without a way through text.

use crate::convert::shown;
use crate::error::{Error, Result, shortened};
use credit_engine::Amount;
use credit_numeric::Unreadable;
use pgrx::callconv::{BoxRet, FcInfo};
use pgrx::datum::Datum;
use pgrx::prelude::*;
use pgrx::varlena::{varatt_is_1b_e, varatt_is_4b_c, varlena_to_byte_slice};

const _: () = assert!(credit_numeric::SCALE == credit_engine::SCALE);

/// A `numeric` that was read, or why it could not be: an argument can then be refused by name.
#[derive(Debug, Clone)]
pub struct Numeric(std::result::Result<Amount, (Unreadable, String)>);

crate::sql_argument!(Numeric, "numeric", Numeric::read);

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
            Ok(amount) => Err(refused(Unreadable::TooLarge, name, &amount.to_string())),
            Err((reason, shown)) => Err(refused(reason, name, &shown)),
        }
    }

    /// A number out of a table of ours, which holds only what was entered; raises XX001 otherwise.
    pub fn stored(self) -> Amount {
        self.checked().unwrap_or_else(|error| error.raise())
    }

    /// A number out of a table of ours.
    ///
    /// # Errors
    /// XX001 for one that cannot have been entered.
    pub fn checked(self) -> Result<Amount> {
        self.0
            .map_err(|(_, shown)| Error::foreign_row(&format!("the number {}", shortened(&shown))))
    }

    /// Reads a datum.
    ///
    /// # Safety
    /// It is a `numeric`.
    pub unsafe fn read(datum: pg_sys::Datum) -> Numeric {
        // SAFETY: the caller vouches for a numeric. Mostly it is read in place: PostgreSQL would say
        // so too, but a call of it takes longer than the reading.
        let decoded = unsafe {
            let mut numeric: *mut pg_sys::varlena = datum.cast_mut_ptr();
            if varatt_is_4b_c(numeric) || varatt_is_1b_e(numeric) {
                numeric = pg_sys::pg_detoast_datum_packed(numeric);
            }
            credit_numeric::decode(varlena_to_byte_slice(numeric))
        };
        Numeric(match decoded {
            Ok(units) => Ok(Amount::from_units(units)),
            // SAFETY: the datum is a numeric.
            Err(reason) => Err((reason, unsafe { shown(pg_sys::numeric_out, datum) })),
        })
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

/// Refuses a number; the DETAIL shows it as `shown`, cut where it gets long.
pub fn refused(reason: Unreadable, name: &str, shown: &str) -> Error {
    let (message, hint) = match reason {
        Unreadable::TooLarge => ("is out of range", "Give a number between -10^15 and 10^15."),
        Unreadable::TooPrecise => {
            ("has too many decimals", "Give at most 12 decimals; numbers are never rounded.")
        }
        Unreadable::NotFinite | Unreadable::Malformed => {
            ("is not a finite number", "NaN and infinities are no amounts.")
        }
    };
    let detail = format!("It is {}.", shortened(shown));
    Error::out_of_range(format!("\"{name}\" {message}"), detail).hint(hint)
}

unsafe impl BoxRet for Numeric {
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        // SAFETY: the datum is a numeric, as the function's declaration says.
        unsafe { fcinfo.return_raw_datum(self.write()) }
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
