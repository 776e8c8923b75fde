//! One client: calls by themselves and in transactions of every shape, again where others were in
//! the way or the server died.

use super::calls::Request;
use super::log::{Entry, Kind};
use super::round::{DATABASE, Round};
use crate::grid::Dice;
use crate::session::{Failure, Session};
use std::time::{Duration, Instant};

/// Rules of the extension.
const REFUSALS: [&str; 6] = ["UC202", "UC203", "UC204", "UC205", "UC206", "UC301"];
/// What the snapshot of a transaction does not see yet.
const UNSEEN: [&str; 2] = ["UC003", "UC005"];
/// The connection is gone, or cannot be had yet.
const LOST: [&str; 4] = ["08006", "57P01", "57P02", "57P03"];
const PATIENCE: Duration = Duration::from_secs(60);

const ISOLATIONS: [&str; 3] = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];

/// Works until the round is over and every call with keys has been answered.
pub fn work(round: &Round, seed: u64) {
    let mut dice = Dice::new(seed);
    let Some(session) = connect(round, &mut dice) else { return };
    let mut client = Client { round, dice, session, pending: None, last: Kind::Consume };
    while !round.is_over() {
        client.go_on();
    }
    let patient = "SET default_transaction_isolation = 'read committed'; SET lock_timeout = 0";
    if let Err(failure) = client.session.rows(patient) {
        return round.unexpected(&failure, patient);
    }
    while client.pending.is_some() && client.go_on() {}
}

/// A connection, as soon as there is a server.
fn connect(round: &Round, dice: &mut Dice) -> Option<Session> {
    let isolation = ISOLATIONS[dice.weighted(&[60, 20, 20])].to_lowercase();
    let lock_timeout = dice.one_of(&["0", "0", "0", "20ms"]);
    let settings = format!(
        "SET credit.namespace = '{}'; SET synchronous_commit = on; SET deadlock_timeout = '50ms';
         SET default_transaction_isolation = '{isolation}'; SET lock_timeout = '{lock_timeout}'",
        round.namespace
    );
    let started = Instant::now();
    loop {
        let session = round.server.try_connect(DATABASE);
        match session.and_then(|mut session| session.rows(&settings).map(|_| session)) {
            Ok(session) => return Some(session),
            Err(error) if started.elapsed() > PATIENCE => {
                round.wrong(format!("no connection: {error}"));
                return None;
            }
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

struct Client<'a> {
    round: &'a Round<'a>,
    dice: Dice,
    session: Session,
    /// A call with keys that is not answered yet.
    pending: Option<Request>,
    /// What was called last.
    last: Kind,
}

impl Client<'_> {
    /// The next call or transaction; false if nothing more can be done.
    fn go_on(&mut self) -> bool {
        let (outcome, sql) = match self.pending.clone() {
            Some(request) => (self.single(&request), request.sql),
            None if self.dice.chance(82) => {
                let request = self.request();
                if request.has_keys() {
                    self.round.remember(&request);
                    self.pending = Some(request.clone());
                }
                (self.single(&request), request.sql)
            }
            None => (self.transaction(), "a transaction".to_owned()),
        };
        match outcome {
            Ok(()) => true,
            Err(failure) => self.recover(&failure, &sql),
        }
    }

    fn request(&mut self) -> Request {
        let again = self.dice.chance(6).then(|| self.round.repeat(&mut self.dice)).flatten();
        again.unwrap_or_else(|| Request::any(self.round, &mut self.dice))
    }

    /// A call that is a transaction of its own.
    fn single(&mut self, request: &Request) -> Result<(), Failure> {
        let entries = self.call(request)?;
        self.pending = None;
        self.commit(entries);
        Ok(())
    }

    /// Sends a call; gives what it did.
    fn call(&mut self, request: &Request) -> Result<Vec<Entry>, Failure> {
        self.round.sent();
        self.last = request.kind;
        let began = self.round.tick();
        let results = self.session.all(&request.statements())?;
        Ok(request.entries(results, began).unwrap_or_else(|wrong| {
            self.round.wrong(wrong);
            Vec::new()
        }))
    }

    fn commit(&mut self, mut entries: Vec<Entry>) {
        let ended = self.round.tick();
        entries.iter_mut().for_each(|entry| entry.ended = ended);
        self.round.acknowledge(entries);
    }

    /// Some calls together, a few of them taken back.
    fn transaction(&mut self) -> Result<(), Failure> {
        let isolation = ISOLATIONS[self.dice.weighted(&[60, 20, 20])];
        self.session.rows(&format!("BEGIN ISOLATION LEVEL {isolation}"))?;
        let mut done = Vec::new();
        for _ in 0..self.dice.between(1, 3) {
            let request = self.request();
            match self.dice.below(4) {
                0 => {
                    self.session.rows("SAVEPOINT s")?;
                    match self.call(&request) {
                        Ok(entries) => self.round.forget(entries),
                        Err(failure) if self.is_refusal(&failure) => {
                            self.round.count(failure.code);
                        }
                        Err(failure) => return Err(failure),
                    }
                    self.session.rows("ROLLBACK TO SAVEPOINT s")?;
                    self.round.count("savepoints rolled back");
                }
                1 => {
                    self.session.rows("SAVEPOINT s")?;
                    done.extend(self.call(&request)?);
                    self.session.rows("RELEASE SAVEPOINT s")?;
                }
                _ => done.extend(self.call(&request)?),
            }
        }
        if self.dice.chance(20) {
            self.session.rows("ROLLBACK")?;
            self.round.count("transactions rolled back");
            self.round.forget(done);
        } else {
            self.session.rows("COMMIT")?;
            self.round.count("transactions committed");
            self.commit(done);
        }
        Ok(())
    }

    fn is_refusal(&self, failure: &Failure) -> bool {
        let code = failure.code.as_str();
        // By the time that the lock was had, the grant's expiry had passed; or it is a debit, which
        // is not voided at any time.
        let bad = code == "22023" && matches!(self.last, Kind::Grant | Kind::Void);
        REFUSALS.contains(&code) || UNSEEN.contains(&code) || bad
    }

    /// After an error: out of the transaction, or to a new connection.
    fn recover(&mut self, failure: &Failure, sql: &str) -> bool {
        let code = failure.code.as_str();
        if LOST.contains(&code) && self.round.plan.kill {
            self.round.count("connections lost");
            return match connect(self.round, &mut self.dice) {
                Some(session) => {
                    self.session = session;
                    true
                }
                None => false,
            };
        }
        if failure.is_of_isolation() {
            self.round.count(code);
        } else if self.is_refusal(failure) {
            self.round.count(code);
            self.pending = None;
        } else {
            self.round.unexpected(failure, sql);
            self.pending = None;
        }
        match self.session.rows("ROLLBACK") {
            Ok(_) => true,
            Err(failure) if LOST.contains(&failure.code.as_str()) => self.recover(&failure, sql),
            Err(failure) => {
                self.round.unexpected(&failure, "ROLLBACK");
                false
            }
        }
    }
}
