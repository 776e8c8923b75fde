//! SQL's `xid8`: ids of transactions that are never used again.

use pgrx::callconv::{BoxRet, FcInfo};
use pgrx::datum::Datum;
use pgrx::prelude::*;

/// An `xid8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Xid8(pub u64);

crate::sql_type!(Xid8, "xid8");

impl IntoDatum for Xid8 {
    fn into_datum(self) -> Option<pg_sys::Datum> {
        Some(pg_sys::Datum::from(self.0))
    }

    fn type_oid() -> pg_sys::Oid {
        pg_sys::XID8OID
    }
}

unsafe impl BoxRet for Xid8 {
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        // SAFETY: an xid8 is 64 bits passed by value.
        unsafe { fcinfo.return_raw_datum(pg_sys::Datum::from(self.0)) }
    }
}
