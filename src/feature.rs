//! Features: what is sold.

use crate::arguments;
use crate::clock;
use crate::convert::json::StringMap;
use crate::error::{Error, Result, or_raise, required};
use crate::ids;
use crate::queries;
use crate::settings::check_name;
use crate::spi::{Row, Session, session};
use crate::stamp::with_changes_allowed;
use credit_engine::Time;
use pgrx::prelude::*;
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
    pub fn find_id(session: &Session, feature: Option<&str>, namespace: &str) -> Result<Uuid> {
        let name = required(feature, "feature")?;
        check_name(name, "feature")?;
        let by_name = session.read(&queries::FEATURE_BY_NAME, arguments![namespace, name]);
        if let Some(row) = by_name.first() {
            return Ok(row.uuid());
        }
        let not_found = || Error::feature_not_found(name, namespace);
        let id = ids::parse_uuid(name).ok_or_else(not_found)?;
        let by_id = session.read(&queries::FEATURE_BY_ID, arguments![namespace, id]);
        by_id.first().map(|row| row.uuid()).ok_or_else(not_found)
    }

    /// The features of a namespace that are in `ids`, or whose meter is in `meters`, by creation.
    pub fn load(
        session: &Session,
        namespace: &str,
        ids: &Vec<Uuid>,
        meters: &Vec<Uuid>,
    ) -> Vec<Feature> {
        let rows = session.read(&queries::FEATURES, arguments![namespace, ids, meters]);
        rows.iter().map(|row| Feature::from_row(&row)).collect()
    }

    fn from_row(row: &Row) -> Feature {
        Feature {
            id: row.uuid(),
            name: row.value(),
            meter_slug: row.value(),
            filters: row.option_string_map(),
            archived_at: row.option_time(),
            created_at: row.time(),
            updated_at: row.time(),
            meter_id: row.uuid(),
        }
    }

    /// Whether it is a ledger's feature: one that the ledger has had a grant for, or usage of, for
    /// the first time at `used_at`, before it was archived.
    pub fn is_of_ledger(&self, is_granted: bool, used_at: Option<Time>) -> bool {
        let before_archival = |at| self.archived_at.is_none_or(|archived_at| at < archived_at);
        is_granted || used_at.is_some_and(before_archival)
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
