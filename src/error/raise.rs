//! How an error gets to PostgreSQL with a SQLSTATE that pgrx does not know.

use super::{Code, Detail, Error};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use std::cell::Cell;
use std::ffi::{c_int, c_void};

impl Error {
    /// Raises the error to PostgreSQL.
    pub fn raise(self) -> ! {
        // First: what PostgreSQL might have to say of it has a SQLSTATE of its own.
        let detail = match self.detail {
            Detail::Text(text) => text,
            Detail::Object(object) => crate::convert::json::as_jsonb_text(object),
        };
        let known = match self.code {
            Code::Known(code) => code,
            // pgrx knows only PostgreSQL's own SQLSTATEs: ours is set while the error is reported.
            Code::Own(code) => {
                OWN_SQLSTATE.set(packed_sqlstate(code));
                push_context_callback();
                PgSqlErrorCode::ERRCODE_RAISE_EXCEPTION
            }
        };
        let mut report = ErrorReport::new(known, self.message, "credit").set_detail(detail);
        if let Some(hint) = self.hint {
            report = report.set_hint(hint);
        }
        report.report(PgLogLevel::ERROR);
        unreachable!("an ERROR does not return")
    }
}

thread_local! {
    /// The SQLSTATE of the error being raised, as PostgreSQL packs it; 0: none of ours.
    static OWN_SQLSTATE: Cell<c_int> = const { Cell::new(0) };
}

/// PostgreSQL's `MAKE_SQLSTATE`: five characters of six bits.
fn packed_sqlstate(code: &str) -> c_int {
    debug_assert_eq!(code.len(), 5);
    code.bytes().rev().fold(0, |packed, byte| packed << 6 | c_int::from((byte - b'0') & 0x3F))
}

/// Puts our callback on top of the error context stack. It needs no removal: raising the error
/// unwinds to a handler that puts the stack back as it was.
fn push_context_callback() {
    static mut CALLBACK: pg_sys::ErrorContextCallback = pg_sys::ErrorContextCallback {
        previous: std::ptr::null_mut(),
        callback: Some(set_own_sqlstate),
        arg: std::ptr::null_mut(),
    };
    // SAFETY: a backend has one thread, and the callback lives for ever.
    unsafe {
        let callback = &raw mut CALLBACK;
        if pg_sys::error_context_stack != callback {
            (*callback).previous = pg_sys::error_context_stack;
            pg_sys::error_context_stack = callback;
        }
    }
}

unsafe extern "C-unwind" fn set_own_sqlstate(_: *mut c_void) {
    unsafe extern "C-unwind" {
        fn errcode(code: c_int) -> c_int;
    }
    let code = OWN_SQLSTATE.replace(0);
    if code != 0 {
        // SAFETY: PostgreSQL calls us while it reports an error, where errcode() may be called.
        unsafe { errcode(code) };
    }
}
