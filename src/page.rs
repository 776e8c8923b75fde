//! `row_limit` and `row_offset`: a page is cut after everything is sorted.

use crate::error::{Error, Result};

/// Which rows of a result are given.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    limit: usize,
    offset: usize,
}

impl Page {
    /// The page of the arguments; NULL is no limit and no offset.
    ///
    /// # Errors
    /// 22023 for negative numbers.
    pub fn new(row_limit: Option<i32>, row_offset: Option<i32>) -> Result<Page> {
        let checked = |value: i32, name: &str| {
            usize::try_from(value).map_err(|_| {
                Error::bad_argument(
                    format!("\"{name}\" must not be negative"),
                    format!("It is {value}."),
                )
            })
        };
        let limit = row_limit.map(|limit| checked(limit, "row_limit")).transpose()?;
        let offset = row_offset.map(|offset| checked(offset, "row_offset")).transpose()?;
        Ok(Page { limit: limit.unwrap_or(usize::MAX), offset: offset.unwrap_or(0) })
    }

    /// Those of `rows` that are on the page.
    pub fn of<T>(self, rows: Vec<T>) -> impl Iterator<Item = T> {
        rows.into_iter().skip(self.offset).take(self.limit)
    }
}
