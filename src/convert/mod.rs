//! Between SQL's values and the engine's.

pub mod interval;
pub mod json;
pub mod jsonb;
pub mod numeric;
pub mod time;
pub mod xid;

use pgrx::{direct_function_call, pg_sys};
use std::ffi::CStr;

/// A value as PostgreSQL writes it.
///
/// # Safety
/// `output` is the output function of the type of `datum`.
pub unsafe fn shown(
    output: unsafe fn(pg_sys::FunctionCallInfo) -> pg_sys::Datum,
    datum: pg_sys::Datum,
) -> String {
    // SAFETY: an output function gives a C string.
    let text = unsafe { direct_function_call::<&CStr>(output, &[Some(datum)]) };
    text.map(CStr::to_string_lossy).unwrap_or_default().into_owned()
}

/// Names the SQL type of a Rust type. The DDL is written by hand, so pgrx only checks that there
/// is one. What the type borrows lives for `'fcx`, the call.
#[macro_export]
macro_rules! sql_type {
    ($type:ty, $sql:literal) => {
        unsafe impl<'fcx> pgrx::pgrx_sql_entity_graph::metadata::SqlTranslatable for $type {
            const TYPE_IDENT: &'static str = pgrx::pgrx_resolved_type!($type);
            const TYPE_ORIGIN: pgrx::pgrx_sql_entity_graph::metadata::TypeOrigin =
                pgrx::pgrx_sql_entity_graph::metadata::TypeOrigin::External;
            const ARGUMENT_SQL: std::result::Result<
                pgrx::pgrx_sql_entity_graph::metadata::SqlMappingRef,
                pgrx::pgrx_sql_entity_graph::metadata::ArgumentError,
            > = Ok(pgrx::pgrx_sql_entity_graph::metadata::SqlMappingRef::literal($sql));
            const RETURN_SQL: std::result::Result<
                pgrx::pgrx_sql_entity_graph::metadata::ReturnsRef,
                pgrx::pgrx_sql_entity_graph::metadata::ReturnsError,
            > = Ok(pgrx::pgrx_sql_entity_graph::metadata::ReturnsRef::One(
                pgrx::pgrx_sql_entity_graph::metadata::SqlMappingRef::literal($sql),
            ));
        }
    };
}

/// Makes a Rust type an argument, an element of an array argument, and a column: `read` turns a
/// datum of the SQL type, which is not NULL, into it. A `Type<'_>` borrows from the datum.
#[macro_export]
macro_rules! sql_argument {
    ($type:ident, $sql:literal, $read:path) => {
        $crate::sql_argument!(@ $type, $type, $sql, $read);
    };
    ($type:ident<'_>, $sql:literal, $read:path) => {
        $crate::sql_argument!(@ $type<'fcx>, $type<'src>, $sql, $read);
    };
    (@ $type:ty, $of_datum:ty, $sql:literal, $read:path) => {
        $crate::sql_type!($type, $sql);

        unsafe impl<'fcx> pgrx::callconv::ArgAbi<'fcx> for $type {
            unsafe fn unbox_arg_unchecked(arg: pgrx::callconv::Arg<'_, 'fcx>) -> Self {
                // SAFETY: upheld by the caller; NULL arrives as None of an Option.
                unsafe { arg.unbox_arg_using_from_datum() }.expect("the argument is not NULL")
            }
        }

        unsafe impl<'fcx> pgrx::datum::UnboxDatum for $type {
            type As<'src>
                = $of_datum
            where
                Self: 'src;

            unsafe fn unbox<'src>(datum: pgrx::datum::Datum<'src>) -> Self::As<'src>
            where
                Self: 'src,
            {
                // SAFETY: upheld by the caller; NULL elements do not come here.
                unsafe { $read(datum.sans_lifetime()) }
            }
        }

        impl<'fcx> pgrx::FromDatum for $type {
            unsafe fn from_polymorphic_datum(
                datum: pgrx::pg_sys::Datum,
                is_null: bool,
                _: pgrx::pg_sys::Oid,
            ) -> Option<Self> {
                // SAFETY: upheld by the caller.
                if is_null { None } else { Some(unsafe { $read(datum) }) }
            }
        }
    };
}
