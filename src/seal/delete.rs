//! The last step of a seal: the events before it are deleted, page by page.

use super::{Step, sealing, step_xid};
use crate::error::{Error, required};
use crate::spi::{array, with_fresh_snapshot};
use crate::stamp::with_changes_allowed;
use crate::{arguments, queries};
use pgrx::prelude::*;
use uuid::Uuid;

/// The last page that a table can have.
const LAST_PAGE: u32 = 0xFFFF_FFFE;

/// `credit.delete_sealed_events`: deletes the events before a seal that lie in these pages of
/// `credit.usage_events`; gives how many.
#[pg_extern(sql = false)]
fn delete_sealed_events(
    sealed_at: Option<TimestampWithTimeZone>,
    first_page: Option<i64>,
    pages: Option<i32>,
    namespace: Option<&str>,
) -> i64 {
    sealing(sealed_at, namespace, |session, namespace, at| {
        let first = required(first_page, "first_page")?;
        let pages = i64::from(required(pages, "pages")?);
        let most = i64::from(LAST_PAGE);
        if first < 0 || pages < 1 || first > most {
            return Err(Error::out_of_range(
                "there are no such pages",
                format!("They are {pages} from {first} on."),
            ));
        }
        if step_xid(namespace, at, Step::Complete).is_none() {
            return Err(Error::seal_not_ready(at, "It is not complete."));
        }
        let meters = with_fresh_snapshot(|| {
            let meters = session.read(&queries::METERS, arguments![namespace]);
            meters.iter().map(|row| row.uuid()).collect::<Vec<Uuid>>()
        });
        let (from, to) = (format!("({first},0)"), format!("({},0)", most.min(first + pages)));
        let meters = array(meters.iter().copied());
        let deleted = with_changes_allowed(|| {
            let mut arguments = arguments![from, to, at].to_vec();
            arguments.push(meters);
            session.write(&queries::DELETE_EVENTS, &arguments).len()
        });
        Ok(deleted as i64)
    })
}
