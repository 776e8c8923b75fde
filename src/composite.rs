//! Rows of a composite type as results.

use crate::catalog;
use pgrx::{PgTupleDesc, pg_sys};
use std::ffi::CStr;

/// A row of the composite type `credit.<name>`; `values` are its columns in order.
pub fn form(name: &'static CStr, values: &[Option<pg_sys::Datum>]) -> pg_sys::Datum {
    // SAFETY: the descriptor is pinned while the tuple is formed, and as long as the values; the
    // result is a copy in the current memory context.
    unsafe {
        let row_type = pg_sys::get_rel_type_id(catalog::relation(name));
        let pinned = PgTupleDesc::from_pg(pg_sys::lookup_rowtype_tupdesc(row_type, -1));
        assert_eq!(pinned.len(), values.len(), "columns of {name:?}");
        let mut datums: Vec<pg_sys::Datum> =
            values.iter().map(|value| value.unwrap_or(pg_sys::Datum::from(0))).collect();
        let mut nulls: Vec<bool> = values.iter().map(Option::is_none).collect();
        let descriptor = pinned.as_ptr();
        let tuple = pg_sys::heap_form_tuple(descriptor, datums.as_mut_ptr(), nulls.as_mut_ptr());
        pg_sys::heap_copy_tuple_as_datum(tuple, descriptor)
    }
}

/// Makes a Rust type with a method `datum` the result of a function, or a row of it.
#[macro_export]
macro_rules! composite_row {
    ($type:ty, $sql:literal) => {
        $crate::sql_type!($type, $sql);

        unsafe impl pgrx::callconv::BoxRet for $type {
            unsafe fn box_into<'fcx>(
                self,
                fcinfo: &mut pgrx::callconv::FcInfo<'fcx>,
            ) -> pgrx::datum::Datum<'fcx> {
                // SAFETY: the datum is of the composite type that the function is declared to give.
                unsafe { fcinfo.return_raw_datum(self.datum()) }
            }
        }
    };
}
