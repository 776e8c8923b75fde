//! What the threads share: the accounts in use, what is prepared, what was counted.

use super::accounts::Account;
use super::tally::Tally;
use crate::grid::Dice;
use crate::options::Options;
use crate::server::Server;
use crate::session::Session;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Instant;

/// The namespace of the stress.
pub const NAMESPACE: &str = "stress";

/// The common state of a run.
pub struct Shared {
    server: Server,
    database: &'static str,
    keep_going: bool,
    over: AtomicBool,
    numbers: AtomicU64,
    /// The accounts in use, and those in use before.
    accounts: RwLock<Vec<Arc<Account>>>,
    /// Prepared transactions and when each is to be ended.
    pub prepared: Mutex<Vec<(Instant, String)>>,
    /// What was done.
    pub tally: Tally,
}

impl Shared {
    /// Before the run.
    pub fn new(options: &Options, database: &'static str) -> Shared {
        let shared = Shared {
            server: options.server.clone(),
            database,
            keep_going: options.keep_going,
            over: AtomicBool::new(false),
            numbers: AtomicU64::new(0),
            accounts: RwLock::default(),
            prepared: Mutex::default(),
            tally: Tally::default(),
        };
        shared.tally.start();
        shared
    }

    /// A session of a worker: a wait for a lock ends soon, because deadlocks over prepared
    /// transactions are nobody's to detect.
    pub fn connect(&self) -> Session {
        let mut session = self.server.connect(self.database);
        session.must(&format!("SET credit.namespace = '{NAMESPACE}'; SET lock_timeout = '150ms'"));
        session
    }

    /// Whether to stop.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Has all stop.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Notes what is wrong, which ends the run.
    pub fn wrong(&self, what: String) {
        self.tally.wrong(what);
        if !self.keep_going {
            self.end();
        }
    }

    /// A number that nobody had.
    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Adds an account, in place of the oldest if there are `most`.
    pub fn open(&self, account: Account, most: usize) {
        let mut accounts = self.accounts.write().expect("no thread has panicked");
        if accounts.len() == most {
            accounts.remove(0);
        }
        accounts.push(Arc::new(account));
    }

    /// One of the accounts, mostly one of the newest.
    pub fn account(&self, dice: &mut Dice) -> Arc<Account> {
        let accounts = self.accounts.read().expect("no thread has panicked");
        let newest = accounts.len().saturating_sub(4);
        if dice.chance(75) { dice.one_of(&accounts[newest..]) } else { dice.one_of(&accounts) }
    }

    /// All accounts.
    pub fn accounts(&self) -> Vec<Arc<Account>> {
        self.accounts.read().expect("no thread has panicked").clone()
    }
}
