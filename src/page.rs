//! `row_limit` and `row_offset`: a page is cut after everything is sorted.

use crate::error::{Error, Result, required};

/// Which rows of a result are given.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    limit: usize,
    offset: usize,
}

impl Page {
    /// The page of the arguments; a limit of NULL is none.
    ///
    /// # Errors
    /// 22023 for negative numbers, 22004 for an offset of NULL.
    pub fn new(row_limit: Option<i32>, row_offset: Option<i32>) -> Result<Page> {
        let checked = |value: i32, name: &str, hint: &str| {
            usize::try_from(value).map_err(|_| {
                Error::bad_argument(
                    format!("\"{name}\" must not be negative"),
                    format!("It is {value}."),
                )
                .hint(hint)
            })
        };
        let wanted = "Give the number of rows wanted at most, or NULL for all.";
        let limit = row_limit.map(|limit| checked(limit, "row_limit", wanted)).transpose()?;
        let skipped = "Give the number of rows to skip, 0 for none.";
        let offset = checked(required(row_offset, "row_offset")?, "row_offset", skipped)?;
        Ok(Page { limit: limit.unwrap_or(usize::MAX), offset })
    }

    /// The argument of LIMIT.
    pub fn limit(self) -> Option<i64> {
        i64::try_from(self.limit).ok()
    }

    /// The argument of OFFSET.
    pub fn offset(self) -> i64 {
        i64::try_from(self.offset).expect("an offset is an i32")
    }

    /// Those of `rows` that are on the page.
    pub fn of<T>(self, rows: Vec<T>) -> impl Iterator<Item = T> {
        rows.into_iter().skip(self.offset).take(self.limit)
    }
}
