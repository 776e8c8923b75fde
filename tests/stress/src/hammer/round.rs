//! What the clients of one round share: the ledgers that they hammer, what they know of holds and
//! grants, and what they were told.

use super::calls::Request;
use super::log::{Entry, Kind};
use crate::grid::{self, Dice};
use crate::server::Server;
use crate::session::{Failure, Session};
use credit_engine::Time;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

/// The database.
pub const DATABASE: &str = "credit_hammer";

/// Name, meter, model that it is for, and how far it may be overdrawn at most.
pub const FEATURES: [(&str, &str, Option<&str>, i64); 4] = [
    ("small", "tokens", Some("small"), 0),
    ("large", "tokens", Some("large"), 40),
    ("all", "tokens", None, 10),
    ("calls", "calls", None, 0),
];

/// A spend of nothing on each ledger, at a time that is to come: as if the clock had stepped back
/// since. All that comes after it has to be later.
const CLOCK_STEPPED_BACK: &str = "
    INSERT INTO credit.spends (id, ledger_id, feature_id, requested, amount, occurred_at, metadata,
           burned, balance, available, created_at)
    SELECT gen_random_uuid(), l.id, f.id, 0, 0, t.at, '{\"clock\": \"stepped back\"}', '[]', 0, 0, t.at
      FROM credit.ledgers AS l JOIN credit.features AS f ON f.namespace = l.namespace,
           (SELECT clock_timestamp() + interval '1 second' AS at) AS t
     WHERE l.namespace = current_setting('credit.namespace') AND f.name = 'small'";

/// What is different from round to round.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Of this run.
    pub number: u64,
    pub ledgers: usize,
    /// Whether others than spends take of the credit too.
    pub noisy: bool,
    /// Whether the server dies in the middle of it.
    pub kill: bool,
    pub duration: Duration,
}

/// An open hold, as far as anybody knows.
#[derive(Clone)]
pub struct Hold {
    pub ledger: usize,
    pub id: String,
    pub amount: String,
}

/// What is shared.
pub struct Round<'a> {
    pub server: &'a Server,
    pub plan: Plan,
    pub namespace: String,
    over: AtomicBool,
    /// Whether what had to die is dead.
    killed: AtomicBool,
    calls: AtomicU64,
    sequence: AtomicU64,
    log: Mutex<Vec<Entry>>,
    /// Spends that were answered and then rolled back.
    gone: Mutex<Vec<String>>,
    holds: Mutex<Vec<Hold>>,
    grants: Mutex<Vec<String>>,
    /// The last calls with keys, for others to repeat them.
    keyed: Mutex<Vec<Request>>,
    counts: Mutex<BTreeMap<String, u64>>,
    wrong: Mutex<Vec<String>>,
}

fn open<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no thread has panicked")
}

/// What the clock shows.
pub fn now() -> Time {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    grid::at(now.as_micros() as i64)
}

impl Round<'_> {
    /// A round with fresh ledgers.
    pub fn prepare<'a>(server: &'a Server, session: &mut Session, plan: Plan) -> Round<'a> {
        let namespace = format!("round {}", plan.number);
        session.must(&format!(
            "SET credit.namespace = '{namespace}';
             SELECT credit_create_meter('tokens', group_by => '{{model}}'),
                    credit_create_meter('calls', 'COUNT')"
        ));
        for (feature, meter, model, _) in FEATURES {
            let filters =
                model.map_or("NULL".to_owned(), |model| format!(r#"'{{"model": "{model}"}}'"#));
            session
                .must(&format!("SELECT credit_create_feature('{feature}', '{meter}', {filters})"));
        }
        for ledger in 0..plan.ledgers {
            session.must(&format!(
                "SELECT credit_create_ledger('{}', measure_from => now() - interval '1 hour')",
                subject(ledger)
            ));
            for (feature, ..) in FEATURES {
                session.must(&format!(
                    "SELECT credit_create_grant('{}', '{feature}', 100,
                        effective_at => now() - interval '10 minutes')",
                    subject(ledger)
                ));
            }
        }
        if plan.ledgers > 1 {
            session.must(CLOCK_STEPPED_BACK);
        }
        Round {
            server,
            plan,
            namespace,
            over: AtomicBool::default(),
            killed: AtomicBool::new(!plan.kill),
            calls: AtomicU64::default(),
            sequence: AtomicU64::default(),
            log: Mutex::default(),
            gone: Mutex::default(),
            holds: Mutex::default(),
            grants: Mutex::default(),
            keyed: Mutex::default(),
            counts: Mutex::default(),
            wrong: Mutex::default(),
        }
    }

    /// The most calls that a round is checked for; the checks take longer than the calls.
    fn most_calls(&self) -> u64 {
        if self.plan.ledgers == 1 { 2500 } else { 6000 }
    }

    /// Whether the clients are to come to their end.
    pub fn is_over(&self) -> bool {
        let calls = self.calls.load(Ordering::Relaxed);
        self.over.load(Ordering::Relaxed)
            || (self.killed.load(Ordering::Relaxed) && calls >= self.most_calls())
            || !open(&self.wrong).is_empty()
    }

    /// The server was killed and runs again.
    pub fn killed(&self) {
        self.killed.store(true, Ordering::Relaxed);
    }

    /// They are.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Something happens now, after all to which this gave a smaller number.
    pub fn tick(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::SeqCst)
    }

    /// Counts a call that was sent.
    pub fn sent(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts something by its name.
    pub fn count(&self, what: impl Into<String>) {
        *open(&self.counts).entry(what.into()).or_default() += 1;
    }

    /// Something is wrong.
    pub fn wrong(&self, what: impl Into<String>) {
        open(&self.wrong).push(what.into());
    }

    /// An error that nothing here may cause.
    pub fn unexpected(&self, failure: &Failure, sql: &str) {
        self.wrong(format!("{failure}\nin: {sql}"));
    }

    /// What a committed transaction did.
    pub fn acknowledge(&self, entries: Vec<Entry>) {
        for entry in &entries {
            self.count(format!("{:?}", entry.kind));
            match entry.kind {
                Kind::Reserve => open(&self.holds).push(Hold {
                    ledger: entry.ledger,
                    id: entry.id.clone(),
                    amount: entry.answer.text(1).to_owned(),
                }),
                Kind::Grant => open(&self.grants).push(entry.id.clone()),
                _ => {}
            }
        }
        open(&self.log).extend(entries);
    }

    /// What a transaction did that was rolled back; a replay's first call may stand.
    pub fn forget(&self, entries: Vec<Entry>) {
        let spends = entries.into_iter().filter(|entry| entry.kind.spends() && !entry.replayed);
        open(&self.gone).extend(spends.map(|entry| entry.id));
    }

    /// A call with a key is sent.
    pub fn remember(&self, request: &Request) {
        const LAST_ONES: usize = 40;
        let mut keyed = open(&self.keyed);
        if keyed.len() >= LAST_ONES {
            keyed.remove(0);
        }
        keyed.push(request.clone());
    }

    /// One of the last calls with a key, perhaps still on its way.
    pub fn repeat(&self, dice: &mut Dice) -> Option<Request> {
        let keyed = open(&self.keyed);
        (!keyed.is_empty()).then(|| dice.one_of(&keyed))
    }

    /// A hold to be ended, mostly by one client only.
    pub fn hold(&self, dice: &mut Dice) -> Option<Hold> {
        let mut holds = open(&self.holds);
        let index = dice.below(holds.len() as i64) as usize;
        if dice.chance(60) {
            return holds.get(index).cloned();
        }
        (index < holds.len()).then(|| holds.swap_remove(index))
    }

    /// Any grant.
    pub fn grant(&self, dice: &mut Dice) -> Option<String> {
        let grants = open(&self.grants);
        (!grants.is_empty()).then(|| dice.one_of(&grants))
    }

    /// All that was acknowledged, what was rolled back, and what went wrong meanwhile.
    pub fn results(self) -> (Vec<Entry>, Vec<String>, BTreeMap<String, u64>, Vec<String>) {
        let Round { log, gone, counts, wrong, .. } = self;
        let inner = "no thread has panicked";
        (
            log.into_inner().expect(inner),
            gone.into_inner().expect(inner),
            counts.into_inner().expect(inner),
            wrong.into_inner().expect(inner),
        )
    }
}

/// The subject of a ledger.
pub fn subject(ledger: usize) -> String {
    format!("customer {ledger}")
}
