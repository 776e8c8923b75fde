//! Random calls in random circumstances, by several sessions at once.

use crate::aftermath;
use crate::chaos;
use crate::functions::{self, Function};
use crate::options::Options;
use crate::report::{Report, ensure};
use crate::server::Server;
use crate::session::{Failure, Session};
use crate::values::{Dice, Known};
use crate::world::{self, ROLES};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const DATABASE: &str = "credit_fuzz";
/// The extension is dropped and created in it all the time.
const UNSTABLE: &str = "credit_fuzz_drop";
const CALLERS: u64 = 4;

/// What PostgreSQL itself says with XX000 where a function or table goes away under its caller.
const GONE: [&str; 5] = [
    "cache lookup failed",
    "could not open relation with OID",
    "tuple concurrently",
    "no unpinned buffers",
    "could not find tuple for",
];

/// What PostgreSQL says with XX000 where two rewrite a table, or its entry in a catalogue, at once.
const AT_ONCE: &str = "tuple concurrently updated";

/// What the callers share.
pub struct Shared {
    /// How to connect.
    pub server: Server,
    /// Which database.
    pub database: &'static str,
    /// Whether the extension goes away now and then.
    pub is_unstable: bool,
    /// When to stop.
    pub until: Instant,
    /// Set at the first finding.
    pub stop: AtomicBool,
    /// What exists.
    pub known: Mutex<Known>,
    /// By SQLSTATE, how often; by function, how often it was answered and called.
    pub tally: Mutex<Tally>,
    functions: Vec<Function>,
}

/// What came of the calls.
#[derive(Default)]
pub struct Tally {
    /// By SQLSTATE; "" for an answer.
    pub codes: BTreeMap<String, u64>,
    /// By function: answers and calls.
    pub functions: BTreeMap<String, (u64, u64)>,
    /// What was said where the extension had just gone, without the numbers, how often.
    pub gone: BTreeMap<String, u64>,
    /// Findings.
    pub findings: Vec<String>,
}

impl Shared {
    /// Whether to go on.
    pub fn goes_on(&self) -> bool {
        Instant::now() < self.until && !self.stop.load(Ordering::Relaxed)
    }

    /// Tells of something that must not be.
    pub fn found(&self, what: String) {
        self.tally.lock().expect("no panic").findings.push(what);
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Looks at an error: some must never be.
    pub fn judge(&self, error: &Failure, sql: &str) {
        let is_gone = self.is_unstable && GONE.iter().any(|words| error.message.contains(words))
            || is_maintenance(sql) && error.message.contains(AT_ONCE);
        let is_broken = error.code.starts_with("XX") || error.code.starts_with("08");
        if is_broken && is_gone {
            let words: String = error.message.chars().filter(|c| !c.is_numeric()).collect();
            *self.tally.lock().expect("no panic").gone.entry(words).or_default() += 1;
        } else if is_broken {
            let sql: String = sql.chars().take(2000).collect();
            self.found(format!("{error}\nin: {sql}"));
        }
    }
}

/// Whether a statement is one of PostgreSQL's own that rewrite tables.
fn is_maintenance(sql: &str) -> bool {
    ["VACUUM", "ANALYZE", "REINDEX", "ALTER", "CREATE INDEX", "DROP INDEX"]
        .iter()
        .any(|command| sql.starts_with(command))
}

/// Runs for the time of the options, then looks at what is left.
pub fn run(options: &Options, server: &Server, report: &mut Report) {
    for (database, is_unstable, duration) in
        [(UNSTABLE, true, options.duration / 10), (DATABASE, false, options.duration)]
    {
        let mut session = world::create(server, database);
        let shared = Arc::new(Shared {
            server: server.clone(),
            database,
            is_unstable,
            until: Instant::now() + duration,
            stop: AtomicBool::new(false),
            known: Mutex::new(world::known(&mut session)),
            tally: Mutex::default(),
            functions: functions::all(&mut session),
        });
        let mut threads = Vec::new();
        for number in 0..if is_unstable { 2 } else { CALLERS } {
            let (shared, seed) = (Arc::clone(&shared), options.seed + number);
            threads.push(std::thread::spawn(move || call(&shared, seed, number)));
        }
        let (of_chaos, seed) = (Arc::clone(&shared), options.seed);
        threads.push(std::thread::spawn(move || chaos::run(&of_chaos, seed)));
        while shared.goes_on() {
            std::thread::sleep(Duration::from_millis(300));
            let known = world::known(&mut session);
            if !known.ids.is_empty() {
                *shared.known.lock().expect("no panic") = known;
            }
        }
        let ended = threads.into_iter().map(std::thread::JoinHandle::join).collect::<Vec<_>>();
        let panicked = ended.iter().any(Result::is_err);
        let tally = shared.tally.lock().expect("no panic");
        note(report, &tally, database);
        report.outcome(
            &format!("{database}: no call broke anything"),
            ensure(tally.findings.is_empty() && !panicked, || tally.findings.join("\n\n")),
        );
        report.outcome(&format!("{database}: nothing is left locked"), left(server, database));
        if !is_unstable {
            let unanswered: Vec<&String> = (tally.functions.iter())
                .filter(|(_, (answered, called))| *called > 400 && *answered == 0)
                .map(|(name, _)| name)
                .collect();
            report.outcome(
                &format!("{database}: every function answered once at least"),
                ensure(unanswered.is_empty(), || format!("never: {unanswered:?}")),
            );
            aftermath::run(&mut session, report, "");
        }
    }
}

fn note(report: &Report, tally: &Tally, database: &str) {
    let calls: u64 = tally.functions.values().map(|(_, called)| called).sum();
    let answered: u64 = tally.functions.values().map(|(answered, _)| answered).sum();
    report.note(format!(
        "{database}: {calls} calls of {} functions, {answered} answered; by SQLSTATE {:?}",
        tally.functions.len(),
        tally.codes
    ));
    if !tally.gone.is_empty() {
        report.note(format!("{database}: where the extension had gone: {:?}", tally.gone));
    }
    let worst = tally.functions.iter().min_by_key(|(_, (answered, _))| answered);
    report.note(format!("{database}: least answered, of calls: {worst:?}"));
}

/// Locks that outlive their sessions' transactions, and prepared transactions.
fn left(server: &Server, database: &str) -> Result<(), String> {
    let prepared = server.end_prepared(database);
    let mut session = server.connect(database);
    let locks = session.must(
        "SELECT l.locktype, l.mode, l.relation::regclass
           FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
          WHERE l.pid IS DISTINCT FROM pg_backend_pid()
            AND coalesce(a.datname, current_database()) = current_database()
            AND a.backend_type IS DISTINCT FROM 'autovacuum worker'",
    );
    ensure(locks.is_empty() && prepared == 0, || {
        format!("{prepared} prepared transactions, locks {locks:?}")
    })
}

/// One caller: transaction after transaction in a session, and a new session now and then.
fn call(shared: &Shared, seed: u64, number: u64) {
    let mut dice = Dice::new(seed);
    while shared.goes_on() {
        let mut session = match shared.server.try_connect(shared.database) {
            Ok(session) => session,
            Err(error) => return shared.found(format!("no connection: {error}")),
        };
        let role = match dice.0.u32(..8) {
            _ if shared.is_unstable => "postgres", // privileges go with the extension
            0..5 => "postgres",
            other => ROLES[other as usize - 5],
        };
        session.must(&settings(&mut dice, role));
        for _ in 0..200 {
            if !shared.goes_on() {
                return;
            }
            transaction(shared, &mut session, &mut dice, number);
            let user = session.rows("SELECT current_user, current_setting('role')");
            match user {
                Ok(rows) if rows[0].text(0) == role => {}
                Ok(rows) => return shared.found(format!("{role} has become {}", rows[0])),
                Err(error) => return shared.found(format!("the session is broken: {error}")),
            }
        }
    }
}

fn settings(dice: &mut Dice, role: &str) -> String {
    let interval = dice.one_of(&["1", "5", "64"]);
    let parallel = dice.one_of(&["on", "off"]);
    format!(
        "SET statement_timeout = '4s'; SET lock_timeout = '500ms';
         SET idle_in_transaction_session_timeout = 0; SET work_mem = '64kB';
         SET credit.snapshot_interval = {interval};
         SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
         SET min_parallel_table_scan_size = 0; SET debug_print_plan = off;
         SELECT set_config(name, '{parallel}', false) FROM pg_settings
          WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
         SET ROLE {role}"
    )
}

/// A transaction of some calls, each of them with a savepoint of its own or not.
fn transaction(shared: &Shared, session: &mut Session, dice: &mut Dice, number: u64) {
    if dice.chance(20) {
        let is_procedure = dice.chance(15);
        step(shared, session, dice, is_procedure); // by itself: procedures commit
        return;
    }
    let level =
        dice.one_of(&["READ COMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]);
    let access = dice.one_of(&["READ WRITE", "READ WRITE", "READ WRITE", "READ ONLY"]);
    if session.rows(&format!("BEGIN ISOLATION LEVEL {level} {access}")).is_err() {
        return;
    }
    let mut has_failed = false;
    for _ in 0..1 + dice.0.u32(..6) {
        let has_savepoint = dice.chance(85);
        if has_savepoint && session.rows("SAVEPOINT s").is_err() {
            break;
        }
        let failed = !step(shared, session, dice, false);
        if has_savepoint && (failed || dice.chance(20)) {
            if let Err(error) = session.rows("ROLLBACK TO SAVEPOINT s") {
                shared.judge(&error, "ROLLBACK TO SAVEPOINT s");
            }
        } else {
            has_failed |= failed;
        }
        if has_failed {
            break;
        }
    }
    let ending = match dice.0.u32(..10) {
        0 => "ROLLBACK".to_owned(),
        1 => format!("PREPARE TRANSACTION 'fuzz {number}'"),
        _ => "COMMIT".to_owned(),
    };
    match session.rows(&ending) {
        Ok(_) if ending.starts_with('P') && !has_failed => {
            let end = format!("{} PREPARED 'fuzz {number}'", dice.one_of(&["COMMIT", "ROLLBACK"]));
            if let Err(error) = session.rows(&end) {
                // 42704: the transaction had failed, and PREPARE rolled it back
                if error.code != "42704" {
                    shared.found(format!("{error}\nin: {end}"));
                }
            }
        }
        Ok(_) => {}
        Err(error) => {
            shared.judge(&error, &ending);
            let _ = session.rows("ROLLBACK");
        }
    }
    let _ = session.rows("CLOSE ALL; DEALLOCATE ALL");
}

/// Calls a function, or a procedure, in one of many ways; whether it was answered.
fn step(shared: &Shared, session: &mut Session, dice: &mut Dice, is_procedure: bool) -> bool {
    let function = loop {
        let function = dice.one_of(&shared.functions);
        // What writes is public, and the others are asked less often.
        let percent = match function.is_stable || function.name.starts_with("credit.") {
            true => 30,
            false => 100,
        };
        if function.is_procedure == is_procedure && dice.chance(percent) {
            break function;
        }
    };
    let known = shared.known.lock().expect("no panic").clone();
    let mut arguments = dice.arguments(&function, &known);
    // What is sealed cannot be summed from its beginning any more: one namespace stays open.
    if function.name.contains("seal") || function.name.contains("retire") {
        let is_namespace =
            |given: &(crate::functions::Argument, String)| given.0.name == "namespace";
        for _ in 0..50 {
            if arguments.iter().any(is_namespace) {
                break;
            }
            arguments = dice.arguments(&function, &known); // it was left to its default
        }
        for (_, value) in arguments.iter_mut().filter(|given| is_namespace(given)) {
            "'other'".clone_into(value);
        }
    }
    let sql = statement(dice, &function, &arguments);
    let outcome = session.rows(&sql);
    {
        let mut tally = shared.tally.lock().expect("no panic");
        let code = outcome.as_ref().err().map_or(String::new(), |error| error.code.clone());
        *tally.codes.entry(code).or_default() += 1;
        let of_function = tally.functions.entry(function.name.clone()).or_default();
        of_function.0 += u64::from(outcome.is_ok());
        of_function.1 += 1;
    }
    match outcome {
        Ok(_) => true,
        Err(error) => {
            shared.judge(&error, &sql);
            false
        }
    }
}

fn statement(
    dice: &mut Dice,
    function: &Function,
    arguments: &[(crate::functions::Argument, String)],
) -> String {
    let Function { name, is_procedure, is_stable, .. } = function;
    let named: Vec<String> = arguments
        .iter()
        .map(|(argument, value)| format!("{} => {value}", quote_ident(&argument.name)))
        .collect();
    let call = format!("{name}({})", named.join(", "));
    if *is_procedure {
        return format!("CALL {call}");
    }
    match dice.0.u32(..12) {
        0 | 1 => format!("SELECT {call}"),
        2 => format!("SELECT * FROM {call} LIMIT {}", dice.0.u32(..3)),
        3 => format!(
            "DO $fuzz$ BEGIN
                FOR n IN 1..2 LOOP
                    BEGIN PERFORM {call};
                    EXCEPTION WHEN others THEN IF SQLSTATE LIKE 'XX%' THEN RAISE; END IF; END;
                END LOOP;
             END $fuzz$"
        ),
        4 => prepared(name, arguments),
        5 => format!(
            "DECLARE c{} {} CURSOR {} FOR SELECT * FROM {call}; FETCH {} FROM c{0}; MOVE 1 IN c{0}",
            dice.0.u32(..1000),
            dice.one_of(&["", "SCROLL", "NO SCROLL"]),
            dice.one_of(&["", "WITH HOLD"]),
            dice.0.u32(..3),
        )
        .replace("c{0}", "c"),
        6 => format!("SELECT n, {call} FROM generate_series(1, 3) AS n"),
        7 if *is_stable => {
            format!(
                "SELECT count(*) FROM credit.ledgers AS l, LATERAL (SELECT {call} AS r) AS f WHERE f.r IS NOT NULL"
            )
        }
        8 => format!(
            "DO $fuzz$ DECLARE r record; BEGIN
                FOR r IN SELECT * FROM {call} LOOP EXIT WHEN random() < 0.5; END LOOP;
             END $fuzz$"
        ),
        9 => format!("EXPLAIN (ANALYZE, VERBOSE, TIMING OFF) SELECT * FROM {call}"),
        10 => format!("CREATE TEMP TABLE made ON COMMIT DROP AS SELECT * FROM {call}"),
        _ => format!("SELECT * FROM {call}"),
    }
}

/// As a prepared statement, executed often enough to become a generic plan.
fn prepared(name: &str, arguments: &[(crate::functions::Argument, String)]) -> String {
    let types: Vec<&str> =
        arguments.iter().map(|(argument, _)| argument.of_type.as_str()).collect();
    let parameters: Vec<String> = (arguments.iter().enumerate())
        .map(|(index, (argument, _))| format!("{} => ${}", quote_ident(&argument.name), index + 1))
        .collect();
    let parenthesized = |list: String| if list.is_empty() { list } else { format!("({list})") };
    let values: Vec<&str> = arguments.iter().map(|(_, value)| value.as_str()).collect();
    let execute = format!("EXECUTE p{}", parenthesized(values.join(", ")));
    format!(
        "PREPARE p{} AS SELECT * FROM {name}({}); SET LOCAL plan_cache_mode = force_generic_plan;
         {execute}; {execute}; DEALLOCATE p",
        parenthesized(types.join(", ")),
        parameters.join(", ")
    )
}

fn quote_ident(name: &str) -> String {
    format!("\"{name}\"")
}
