//! Features: what is sold.

use crate::arguments;
use crate::clock;
use crate::convert::json::StringMap;
use crate::error::{Error, Result, or_raise, required};
use crate::ids;
use crate::known;
use crate::queries;
use crate::settings::check_name;
use crate::spi::{IndexedTable, Key, Row, Session, named_row, session};
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
        let not_found = || Error::feature_not_found(name, namespace);
        let by_name = (namespace, name);
        let active = named_row(c"features", c"features_active_name_key", by_name, |row| {
            let (of, feature) = Feature::from_row(row)?;
            let is_it = of == namespace && feature.name == name && feature.archived_at.is_none();
            is_it.then_some(feature)
        });
        if let Some(feature) = active {
            return Ok(feature);
        }
        let id = ids::parse_uuid(name).ok_or_else(not_found)?;
        Feature::load(namespace, [id], []).pop().ok_or_else(not_found)
    }

    /// The features of a namespace that are in `ids`, or whose meter is in `meters`, by creation.
    pub fn load(
        namespace: &str,
        ids: impl IntoIterator<Item = Uuid>,
        meters: impl IntoIterator<Item = Uuid>,
    ) -> Vec<Feature> {
        let by_id =
            ids.into_iter().flat_map(|id| Feature::scan(c"features_pkey", &[(1, Key::uuid(id))]));
        let mut features: Vec<Feature> =
            by_id.filter(|(of, _)| of == namespace).map(|(_, feature)| feature).collect();
        for meter in meters {
            let Some(slug) = meter_slug(meter, namespace) else { continue };
            let of_meter = [(1, Key::text(namespace)), (2, Key::text(&slug))];
            let of_meter = Feature::scan(c"features_meter_idx", &of_meter);
            features.extend(of_meter.into_iter().map(|(_, feature)| feature));
        }
        features.sort_by_key(|feature| (feature.created_at, feature.id));
        features.dedup_by_key(|feature| feature.id);
        features
    }

    /// The features that an index leads to, each with its namespace.
    fn scan(index: &'static CStr, keys: &[(i16, Key)]) -> Vec<(String, Feature)> {
        let features = IndexedTable::open(c"features", index);
        features.all(keys, Feature::from_row).into_iter().flatten().collect()
    }

    /// Reads a row of `credit.features`, with its namespace; `None` where its meter is not there.
    fn from_row(row: &Row) -> Option<(String, Feature)> {
        let id = row.uuid();
        let namespace: String = row.value();
        let (name, meter_slug): (String, String) = (row.value(), row.value());
        let meter_id = meter_id(&meter_slug, &namespace)?;
        let feature = Feature {
            id,
            name,
            meter_slug,
            filters: row.option_string_map(),
            archived_at: row.option_time(),
            created_at: row.time(),
            updated_at: row.time(),
            meter_id,
        };
        Some((namespace, feature))
    }

    /// Whether only some usage of the meter counts.
    pub fn is_filtered(&self) -> bool {
        self.filters.as_ref().is_some_and(|filters| !filters.is_empty())
    }

    /// The identity of the usage that counts: one for all features of a meter that filter alike.
    pub fn usage_id(&self) -> Uuid {
        ids::usage_uuid(self.meter_id, self.filters.as_ref().unwrap_or(&StringMap::new()))
    }

    /// Whether usage with these dimensions (`None`: with none) counts.
    pub fn matches(&self, dimensions: Option<&StringMap>) -> bool {
        self.filters.iter().flatten().all(|(dimension, wanted)| {
            dimensions.and_then(|dimensions| dimensions.get(dimension)) == Some(wanted)
        })
    }
}

/// The id of a meter, which the backend may remember from usage of it.
fn meter_id(slug: &str, namespace: &str) -> Option<Uuid> {
    known::refresh();
    let remembered =
        known::committed(|known| known.meters.get(namespace, slug).map(|meter| meter.id));
    if remembered.is_some() {
        return remembered;
    }
    let meters = IndexedTable::open(c"meters", c"meters_namespace_slug_key");
    meters.all(&[(1, Key::text(namespace)), (2, Key::text(slug))], |row| row.uuid()).pop()
}

/// The slug of a meter, if it is of this namespace.
fn meter_slug(id: Uuid, namespace: &str) -> Option<String> {
    let meters = IndexedTable::open(c"meters", c"meters_pkey");
    let slugs = meters.all(&[(1, Key::uuid(id))], |row| {
        row.skip(1);
        let is_of_namespace = row.value::<&str>() == namespace;
        is_of_namespace.then(|| row.value::<String>())
    });
    slugs.into_iter().flatten().next()
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
