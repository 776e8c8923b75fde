//! The settings of the extension.

use crate::error::{Error, Result, or_raise};
use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting};
use pgrx::prelude::*;
use std::ffi::CString;

static NAMESPACE: GucSetting<Option<CString>> =
    GucSetting::<Option<CString>>::new(Some(c"default"));

static SNAPSHOT_INTERVAL: GucSetting<i32> = GucSetting::<i32>::new(64);

static EVENTS_BEFORE_SEAL: GucSetting<EventsBeforeSeal> =
    GucSetting::<EventsBeforeSeal>::new(EventsBeforeSeal::Refuse);

/// What becomes of an event that is dated before the seal of its namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PostgresGucEnum)]
pub enum EventsBeforeSeal {
    /// It is refused.
    #[name = c"refuse"]
    Refuse,
    /// It is dated at the seal.
    #[name = c"at_seal"]
    AtSeal,
}

/// The longest name, in characters: of namespaces, subjects, meters, features, keys.
pub const MAX_NAME_CHARS: usize = 255;

/// Defines the settings; called when the library is loaded.
pub fn define() {
    GucRegistry::define_string_guc(
        c"credit.namespace",
        c"The namespace of calls that name none.",
        c"Every ledger, meter and feature belongs to a namespace, the tenant.",
        &NAMESPACE,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_int_guc(
        c"credit.snapshot_interval",
        c"How many usage events there are between two snapshots of a ledger, in the mean.",
        c"Whoever writes usage takes a snapshot now and then, so that reads do not get slower with \
          history. 0: none is taken but by credit_maintain. No answer depends on it.",
        &SNAPSHOT_INTERVAL,
        0,
        1_000_000,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_enum_guc(
        c"credit.events_before_seal",
        c"What becomes of a usage event that is dated before the seal of its namespace.",
        c"refuse: it is refused (UC207). at_seal: it is dated at the seal.",
        &EVENTS_BEFORE_SEAL,
        GucContext::Userset,
        GucFlags::default(),
    );
    // A misspelt setting is an error from now on.
    // SAFETY: called while the library is being loaded.
    unsafe { pg_sys::MarkGUCPrefixReserved(c"credit".as_ptr()) };
}

/// What becomes of an event that is dated before the seal of its namespace.
pub fn events_before_seal() -> EventsBeforeSeal {
    EVENTS_BEFORE_SEAL.get()
}

/// The mean number of events between two snapshots; `None` where writers take none.
pub fn snapshot_interval() -> Option<u64> {
    u64::try_from(SNAPSHOT_INTERVAL.get()).ok().filter(|interval| *interval > 0)
}

/// The namespace that an argument names, or the setting `credit.namespace`.
///
/// # Errors
/// 22023 for a name that is empty or too long.
pub fn namespace_or_default(namespace: Option<&str>) -> Result<String> {
    let name = match namespace {
        Some(name) => name.to_owned(),
        None => {
            NAMESPACE.get().map_or_else(String::new, |name| name.into_string().unwrap_or_default())
        }
    };
    check_name(&name, "namespace")?;
    Ok(name)
}

/// Refuses a name that is empty or longer than [`MAX_NAME_CHARS`].
///
/// # Errors
/// 22023; `what` is the argument's name.
pub fn check_name(name: &str, what: &str) -> Result<()> {
    let chars = name.chars().count();
    if (1..=MAX_NAME_CHARS).contains(&chars) {
        return Ok(());
    }
    let message = match chars {
        0 => format!("\"{what}\" must not be empty"),
        _ => format!("\"{what}\" is too long"),
    };
    Err(Error::bad_argument(message, format!("It has {chars} characters."))
        .hint(format!("Give a text of 1 to {MAX_NAME_CHARS} characters.")))
}

/// `credit.current_namespace(namespace)`: see [`namespace_or_default`].
#[pg_extern(sql = false)]
fn current_namespace(namespace: Option<&str>) -> String {
    or_raise(|| namespace_or_default(namespace))
}
