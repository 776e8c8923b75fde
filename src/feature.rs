//! Features: what is sold.

use crate::arguments;
use crate::clock;
use crate::convert::json::StringMap;
use crate::error::{Error, Result, or_raise, required};
use crate::ids;
use crate::queries;
use crate::settings::check_name;
use crate::spi::{IndexedTable, Key, Row, Session, session};
use crate::stamp::with_changes_allowed;
use credit_engine::Time;
use pgrx::prelude::*;
use std::ffi::CStr;
use uuid::Uuid;

/// A row of `credit.features` with its meter.
#[derive(Debug, Clone)]
pub struct Feature {
    /// Identity.
    pub id: Uuid,
    /// The name it is sold under.
    pub name: String,
    /// The slug of its meter.
    pub meter_slug: String,
    /// The values of dimensions that usage must carry to count.
    pub filters: Option<StringMap>,
    /// Since when it takes no grant.
    pub archived_at: Option<Time>,
    /// When it was written down.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// The meter whose usage burns its grants.
    pub meter_id: Uuid,
}

impl Feature {
    /// Finds a feature of a namespace: by name while it is active or, second, by id.
    ///
    /// # Errors
    /// 22004; UC002.
    pub fn find(feature: Option<&str>, namespace: &str) -> Result<Feature> {
        let name = required(feature, "feature")?;
        check_name(name, "feature")?;
        let by_name = [(1, Key::text(namespace)), (2, Key::text(name))];
        let found = Feature::scan(c"features_active_name_key", &by_name);
        let not_found = || Error::feature_not_found(name, namespace);
        if let Some(found) = found {
            return Ok(found.1);
        }
        let id = ids::parse_uuid(name).ok_or_else(not_found)?;
        let found = Feature::scan(c"features_pkey", &[(1, Key::uuid(id))]);
        found.filter(|found| found.0 == namespace).map(|found| found.1).ok_or_else(not_found)
    }

    /// The feature that an index leads to, with its namespace.
    fn scan(index: &CStr, keys: &[(i16, Key)]) -> Option<(String, Feature)> {
        let features = IndexedTable::open(c"features", index);
        let found = features.all(keys, |row| {
            let id = row.uuid();
            let namespace: String = row.value();
            let feature = Feature::from_columns(id, row, |slug| {
                let keys = [(1, Key::text(&namespace)), (2, Key::text(slug))];
                let meters = IndexedTable::open(c"meters", c"meters_namespace_slug_key");
                meters.all(&keys, |row| row.uuid()).into_iter().next()
            })?;
            Some((namespace, feature))
        });
        found.into_iter().flatten().next()
    }

    /// The features of a namespace that are in `ids`, or whose meter is in `meters`, by creation.
    pub fn load(
        session: &Session,
        namespace: &str,
        ids: &Vec<Uuid>,
        meters: &Vec<Uuid>,
    ) -> Vec<Feature> {
        let rows = session.read(&queries::FEATURES, arguments![namespace, ids, meters]);
        rows.iter().filter_map(|row| Feature::from_row(&row)).collect()
    }

    /// Reads a row of [`queries::FEATURES`].
    fn from_row(row: &Row) -> Option<Feature> {
        Feature::from_columns(row.uuid(), row, |_| Some(row.uuid()))
    }

    /// Reads the columns from the name on; `meter` gives the id of the meter with a slug.
    fn from_columns(
        id: Uuid,
        row: &Row,
        meter: impl FnOnce(&str) -> Option<Uuid>,
    ) -> Option<Feature> {
        let (name, meter_slug): (String, String) = (row.value(), row.value());
        let (filters, archived_at) = (row.option_string_map(), row.option_time());
        let (created_at, updated_at) = (row.time(), row.time());
        let meter_id = meter(&meter_slug)?;
        Some(Feature {
            id,
            name,
            meter_slug,
            filters,
            archived_at,
            created_at,
            updated_at,
            meter_id,
        })
    }

    /// Whether only some usage of the meter counts.
    pub fn is_filtered(&self) -> bool {
        self.filters.as_ref().is_some_and(|filters| !filters.is_empty())
    }

    /// Whether usage with these dimensions (`None`: with none) counts.
    pub fn matches(&self, dimensions: Option<&StringMap>) -> bool {
        self.filters.iter().flatten().all(|(dimension, wanted)| {
            dimensions.and_then(|dimensions| dimensions.get(dimension)) == Some(wanted)
        })
    }
}

/// `credit.archive_feature(feature_id)`: the one change that a feature knows. With the caller's
/// rights on `credit.features`; only the append-only guard is lifted.
#[pg_extern(sql = false)]
fn archive_feature(feature_id: Option<pgrx::Uuid>) {
    or_raise(|| {
        let id = ids::from_sql(required(feature_id, "feature_id")?);
        session(|session| {
            with_changes_allowed(|| {
                session.write(&queries::ARCHIVE_FEATURE, arguments![id, clock::default_time()])
            });
            Ok(())
        })
    });
}

/// Refuses an archived feature, and holds an active one against archiving.
///
/// # Errors
/// UC002.
pub fn require_active(session: &Session, id: Uuid, name: &str, namespace: &str) -> Result<()> {
    let rows = session.write(&queries::LOCK_FEATURE, arguments![id]);
    match rows.first().map(|row| row.option_time()) {
        Some(None) => Ok(()),
        _ => Err(Error::feature_archived(name, namespace)),
    }
}
