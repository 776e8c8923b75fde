//! One of the connections of a scenario, and the transaction it is in.

use crate::session::{Failure, Session};

/// What the calls of random scenarios may be refused with.
const REFUSALS: [&str; 16] = [
    "UC001", "UC002", // what the transaction's snapshot does not see yet
    "UC003", "UC104", "UC202", "UC203", "UC204", "UC206", "UC301", // rules of the extension
    "22023", // bad arguments, by chance
    "UC207", "55000", // an event before the seal, a hold from before it
    "25001", // snapshots are taken in READ COMMITTED only
    "55P03", // another transaction of the scenario holds the lock
    "40001", "40P01", // isolation
];

/// A connection.
pub struct Actor {
    /// Its name in the log.
    pub name: &'static str,
    session: Session,
    /// The savepoints of the open transaction.
    transaction: Option<Vec<String>>,
    savepoints: u32,
}

/// What happened to a call.
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, and its transaction, or what came since its last savepoint, rolled back.
    Refused(Failure),
}

impl Actor {
    /// An actor in the namespace.
    pub fn new(name: &'static str, mut session: Session, namespace: &str) -> Actor {
        // Nobody waits: what holds a lock is a transaction of this very thread.
        session.must(&format!("SET credit.namespace = '{namespace}'; SET lock_timeout = '10ms'"));
        Actor { name, session, transaction: None, savepoints: 0 }
    }

    /// Its connection.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Whether it is in a transaction.
    pub fn is_in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// The name of a new savepoint, and the statement that sets it.
    pub fn savepoint(&mut self) -> Option<String> {
        let savepoints = self.transaction.as_mut()?;
        self.savepoints += 1;
        savepoints.push(format!("s{}", self.savepoints));
        savepoints.last().map(|name| format!("SAVEPOINT {name}"))
    }

    /// The statement that ends the last savepoint, if there is one.
    pub fn end_savepoint(&mut self, keep: bool) -> Option<String> {
        let name = self.transaction.as_mut()?.pop()?;
        Some(match keep {
            true => format!("RELEASE SAVEPOINT {name}"),
            false => format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}"),
        })
    }

    /// The statement that begins a transaction.
    pub fn begin(&mut self, isolation: &str) -> String {
        self.transaction = Some(Vec::new());
        format!("BEGIN ISOLATION LEVEL {isolation}")
    }

    /// Notes that the transaction ends with the statement given.
    pub fn end(&mut self, statement: impl Into<String>) -> String {
        self.transaction = None;
        statement.into()
    }

    /// Runs a statement; `Err` for a failure that nothing in a scenario may cause.
    pub fn run(&mut self, sql: &str) -> Result<Outcome, Failure> {
        match self.session.rows(sql) {
            Ok(_) => Ok(Outcome::Done),
            Err(failure) if REFUSALS.contains(&failure.code.as_str()) => {
                self.recover();
                Ok(Outcome::Refused(failure))
            }
            Err(failure) => Err(failure),
        }
    }

    /// After an error: back to the last savepoint, or out of the transaction.
    pub fn recover(&mut self) {
        let statement = match self.transaction.as_ref().and_then(|points| points.last()) {
            Some(name) => format!("ROLLBACK TO SAVEPOINT {name}"),
            None => {
                self.transaction = None;
                "ROLLBACK".to_owned()
            }
        };
        self.session.must(&statement);
    }
}
