//! A connection that speaks text: what is sent is what a log can show and psql can run.

use postgres::SimpleQueryMessage;
use postgres::error::SqlState;

/// A connection.
pub struct Session {
    client: postgres::Client,
}

/// An error that the server reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The SQLSTATE.
    pub code: String,
    /// Message and detail.
    pub message: String,
}

impl Failure {
    /// Whether it says that other transactions are in the way, now or for this snapshot.
    pub fn is_of_isolation(&self) -> bool {
        ["40001", "40P01", "55P03"].contains(&self.code.as_str())
    }

    /// Whether it is the same refusal; the detail of some tells the clock.
    pub fn is_like(&self, other: &Failure) -> bool {
        let told =
            |failure: &Failure| failure.code.starts_with("UC").then(|| failure.message.clone());
        self.code == other.code && told(self) == told(other)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// A row as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row(pub Vec<Option<String>>);

impl Row {
    /// A column that is not NULL.
    pub fn text(&self, column: usize) -> &str {
        self.0[column].as_deref().expect("a value that is not NULL")
    }

    /// A column that is not NULL, read.
    pub fn value<T: std::str::FromStr>(&self, column: usize) -> T {
        self.option(column).expect("a value that is not NULL")
    }

    /// A column, read.
    pub fn option<T: std::str::FromStr>(&self, column: usize) -> Option<T> {
        let text = self.0[column].as_deref()?;
        Some(text.parse().unwrap_or_else(|_| panic!("{text:?} is not of the type expected")))
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns = self.0.iter().map(|column| column.as_deref().unwrap_or("-"));
        f.write_str(&columns.collect::<Vec<_>>().join(" | "))
    }
}

impl Session {
    /// A session on a connection; time is UTC in it, and nothing takes forever.
    pub fn new(client: postgres::Client) -> Result<Session, Failure> {
        let mut session = Session { client };
        session.rows(
            "SET timezone = 'UTC'; SET client_min_messages = warning; SET statement_timeout = '60s'",
        )?;
        Ok(session)
    }

    /// Runs statements separated by semicolons; gives the rows of each.
    pub fn all(&mut self, sql: &str) -> Result<Vec<Vec<Row>>, Failure> {
        let messages = self.client.simple_query(sql).map_err(|error| failure(&error))?;
        let mut results = Vec::new();
        let mut rows = Vec::new();
        for message in messages {
            match message {
                SimpleQueryMessage::Row(row) => {
                    let columns = 0..row.len();
                    rows.push(Row(columns.map(|n| row.get(n).map(str::to_owned)).collect()));
                }
                SimpleQueryMessage::CommandComplete(_) => results.push(std::mem::take(&mut rows)),
                _ => {}
            }
        }
        Ok(results)
    }

    /// Runs statements; gives all rows together.
    pub fn rows(&mut self, sql: &str) -> Result<Vec<Row>, Failure> {
        Ok(self.all(sql)?.into_iter().flatten().collect())
    }

    /// Runs what cannot fail unless the test itself is wrong.
    pub fn must(&mut self, sql: &str) -> Vec<Row> {
        match self.rows(sql) {
            Ok(rows) => rows,
            Err(error) => panic!("{error}\nin: {sql}"),
        }
    }

    /// Runs what cannot fail and gives one value.
    pub fn value<T: std::str::FromStr>(&mut self, sql: &str) -> T {
        match self.must(sql).as_slice() {
            [row] => row.value(0),
            rows => panic!("{} rows from: {sql}", rows.len()),
        }
    }

    /// Runs what cannot fail and gives one boolean.
    pub fn holds(&mut self, sql: &str) -> bool {
        self.value::<String>(sql) == "t"
    }
}

/// An error as the server told it; a broken connection has no SQLSTATE of the server's.
pub fn failure(error: &postgres::Error) -> Failure {
    match error.as_db_error() {
        Some(db) => Failure {
            code: db.code().code().to_owned(),
            message: format!("{} {}", db.message(), db.detail().unwrap_or_default()),
        },
        None => Failure {
            code: SqlState::CONNECTION_FAILURE.code().to_owned(),
            message: error.to_string(),
        },
    }
}

/// A text as an SQL literal.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
