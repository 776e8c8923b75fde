//! Statements broken off in the middle, at any microsecond: nothing is half done, and the session
//! that goes on is what it was.

use crate::aftermath;
use crate::options::Options;
use crate::report::{Report, ensure};
use crate::server::Server;
use crate::session::{Failure, Session};
use crate::values::Dice;
use crate::world::ROLES;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const DATABASE: &str = "credit_fuzz_interrupts";

/// The message of a cancellation that PL/pgSQL caught.
const CAUGHT: &str = "caught in PL/pgSQL";

/// A statement and, where it is known, how many events it writes if it comes to its end.
struct Work {
    name: &'static str,
    sql: String,
    events: Option<u64>,
    /// Whether it commits by itself.
    is_procedure: bool,
}

/// How a statement is broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    Timeout,
    Cancel,
    Terminate,
}

/// What the statement is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    /// Usage, a savepoint, the statement, usage, the end.
    Savepoint,
    /// The same in PL/pgSQL, which catches the cancellation and goes on.
    Exception,
}

/// Rows of every table, the usage of `marker` apart, and that.
type Counts = (Vec<u64>, u64);

/// Fills a database, then breaks off one statement after another, for the time of the options.
pub fn run(options: &Options, server: &Server, report: &mut Report) {
    let mut session = server.fresh_credit(DATABASE);
    fill(&mut session, options);
    report.note("interrupts: filled");
    let mut test = Test {
        server: server.clone(),
        works: works(options),
        dice: Dice::new(options.seed),
        admin: server.connect(DATABASE),
        tally: BTreeMap::new(),
    };
    let until = Instant::now() + options.duration / 5;
    let mut outcome = Ok(());
    let mut round = 0;
    // At least once each, by any means.
    while outcome.is_ok() && (Instant::now() < until || round < test.works.len()) {
        outcome = test.round(round);
        round += 1;
    }
    for (name, (broken, ended)) in &test.tally {
        report.note(format!("interrupts: {name}: {broken} broken off, {ended} not"));
    }
    let broken: u64 = test.tally.values().map(|(broken, _)| broken).sum();
    report.note(format!("interrupts: {broken} of {round} statements were broken off"));
    report.outcome("interrupts: nothing is half done", outcome);
    let few = ensure(broken * 4 > round as u64, || format!("{broken} of {round} only"));
    report.outcome("interrupts: a quarter was broken off", few);
    let half: u64 = session.value(
        "SELECT count(*) FROM (
            SELECT r.id FROM credit.resets AS r JOIN credit.ledgers AS l ON l.id = r.ledger_id
              LEFT JOIN credit.grants AS g ON g.reset_id = r.id
             WHERE l.subject LIKE 'l%' GROUP BY r.id HAVING count(g.id) <> 1) AS half",
    );
    let whole = ensure(half == 0, || format!("{half} resets without the child of their grant"));
    report.outcome("interrupts: every reset is whole", whole);
    aftermath::run(
        &mut session,
        report,
        "WHERE subject IN ('heavy', 'phases', 'marker')
            OR random() < 100.0 / (SELECT count(*) FROM credit.ledgers)",
    );
}

fn fill(session: &mut Session, options: &Options) {
    let (events, ledgers) = (options.scaled(500_000), options.scaled(10_000));
    let (phases, administrator) = (options.scaled(100_000), ROLES[2]);
    for role in ROLES {
        session.must(&format!(
            "DO $$ BEGIN
                IF to_regrole('{role}') IS NULL THEN CREATE ROLE {role} LOGIN; END IF;
             END $$"
        ));
    }
    session.must(&format!(
        "SET statement_timeout = 0;
         SET credit.snapshot_interval = 0;
         SELECT credit.allow('{administrator}', 'administer');
         SELECT credit_create_meter('unused'), -- an archived feature stays in all balances of its meter's users
                credit_create_meter('tokens', group_by => '{{model}}'), credit_create_feature('all', 'tokens'),
                credit_create_ledger('heavy', measure_from => '2024-01-01'),
                credit_create_grant('heavy', 'all', 900000000, effective_at => '2024-01-01', rollover_type => 'REMAINING_AMOUNT'),
                credit_create_ledger('phases', measure_from => now() - {phases} * interval '1 hour'),
                credit_create_grant('phases', 'all', 2, effective_at => now() - {phases} * interval '1 hour', recurs_every => '1 hour'),
                credit_create_ledger('marker', measure_from => '2024-01-01'),
                credit_create_grant('marker', 'all', 900000000, effective_at => '2024-01-01');
         SELECT credit_ingest('marker', 'tokens', 1);
         SELECT count(credit_create_ledger('l' || n, measure_from => '2024-01-01')),
                count(credit_create_grant('l' || n, 'all', 1000, effective_at => '2024-01-01', rollover_type => 'ORIGINAL_AMOUNT'))
           FROM generate_series(1, {ledgers}) AS n;
         SELECT credit_ingest_arrays(array_agg('heavy'::text), array_agg('tokens'::text), array_agg(0.5), array_agg('2024-01-01'::timestamptz + n * interval '10 seconds'))
           FROM generate_series(1, {events}) AS n;
         SELECT credit_ingest_arrays(array_agg('l' || 1 + n % {ledgers}), array_agg('tokens'::text), array_agg(0.25), array_agg('2024-01-01'::timestamptz + n * interval '10 seconds'))
           FROM generate_series(1, {events} - {events} / 10) AS n;
         SELECT credit_ingest_arrays(array_agg('phases'::text), array_agg('tokens'::text), array_agg(1), array_agg(now() - n * interval '7 hours'))
           FROM generate_series(1, {phases} / 7) AS n;
         DELETE FROM credit.snapshots;
         ANALYZE"
    ));
}

fn works(options: &Options) -> Vec<Work> {
    let (many, batch) = (options.scaled(200_000), options.scaled(20_000));
    let calls = options.scaled(2000).max(200);
    let read =
        |name, sql: &str| Work { name, sql: sql.to_owned(), events: Some(0), is_procedure: false };
    let write = |name, sql: String, events| Work { name, sql, events, is_procedure: false };
    let many_times = |name, call: &str| Work {
        name,
        sql: format!("DO $do$ BEGIN FOR i IN 1..{calls} LOOP PERFORM {call}; END LOOP; END $do$"),
        events: None,
        is_procedure: false,
    };
    vec![
        read("credit_available", "SELECT credit_available('heavy', 'all')"),
        read("credit_balance", "SELECT credit_balance('heavy')"),
        read("credit_feature_balances", "SELECT * FROM credit_feature_balances('phases')"),
        read("credit_grant_balances", "SELECT * FROM credit_grant_balances('heavy')"),
        read("credit_history", "SELECT * FROM credit_history('phases', now() - interval '10 years', granularity => 'HOUR')"),
        read("credit_usage", "SELECT * FROM credit_usage('heavy', 'all', '2024-01-01', granularity => 'HOUR')"),
        read("credit_ledger_balances", "SELECT * FROM credit_ledger_balances('all')"),
        read("credit_ledger_balances by a cursor",
            "DO $do$ DECLARE r record; n integer := 0; BEGIN
                FOR r IN SELECT * FROM credit_ledger_balances() LOOP n := n + 1; EXIT WHEN n > 3000; END LOOP;
             END $do$"),
        read("credit_check", "SELECT * FROM credit_check('heavy')"),
        read("credit_list_grants", "SELECT * FROM credit_list_grants()"),
        read("credit_list_ledgers", "SELECT * FROM credit_list_ledgers(order_by => 'subject')"),
        write("credit_maintain", "SELECT credit_maintain()".to_owned(), Some(0)),
        write("credit_ingest_arrays", format!(
            "SELECT credit_ingest_arrays(array_agg('l' || 1 + n % 97), array_agg('tokens'::text), array_agg(0.001), idempotency_keys => array_agg(gen_random_uuid()::text))
               FROM generate_series(1, {many}) AS n"), Some(many)),
        write("credit_ingest_arrays of new subjects", format!(
            "SELECT credit_ingest_arrays(array_agg('new ' || random()), array_agg('tokens'::text), dimensions => array_agg(jsonb_build_object('model', n % 100 || '')))
               FROM generate_series(1, {batch}) AS n"), Some(batch)),
        write("credit_ingest_batch", format!(
            "SELECT credit_ingest_batch(jsonb_agg(jsonb_build_object('subject', 'heavy', 'meter', 'tokens', 'value', 0.001)))
               FROM generate_series(1, {batch}) AS n"), Some(batch)),
        write("credit_consume_batch", format!(
            "SELECT count(*) FROM credit_consume_batch((SELECT jsonb_agg(jsonb_build_object('ledger', 'l' || 1 + n % 50, 'feature', 'all', 'amount', 0.000001))
               FROM generate_series(1, {calls}) AS n))"), None),
        write("credit_consume", "SELECT credit_consume('heavy', 'all', 1)".to_owned(), Some(1)),
        write("credit_reserve", "SELECT credit_reserve('heavy', 'all', 1)".to_owned(), Some(0)),
        write("credit_reset", "SELECT credit_reset('heavy')".to_owned(), Some(0)),
        write("credit_void_grant",
            "SELECT credit_void_grant((credit_create_grant('heavy', 'all', 3)).id)".to_owned(), Some(0)),
        many_times("credit_ingest", "credit_ingest('l1', 'tokens', 0.000001, idempotency_key => i || 'k' || random())"),
        many_times("credit_try_consume", "credit_try_consume('l' || 1 + i % 20, 'all', 0.000001, partial => true)"),
        many_times("credit_settle", "credit_settle(credit_reserve('l3', 'all', 0.5), 0.000001)"),
        many_times("credit_release", "credit_release(credit_reserve('l4', 'all', 0.5))"),
        many_times("credit_create_ledger", "credit_create_ledger('made ' || random())"),
        many_times("credit_create_meter", "credit_create_feature('f' || i || random(), (credit_create_meter('m' || i || random())).slug)"),
        many_times("credit_delete_feature", "credit_delete_feature((credit_create_feature('f' || i || random(), 'unused')).id::text)"),
        many_times("credit_create_grant", "credit_create_grant('phases', 'all', 0.000001, expires_after => '1 hour', idempotency_key => random()::text)"),
        Work {
            name: "credit_reset_all",
            sql: "CALL credit_reset_all(clock_timestamp() - interval '1 millisecond', batch_size => 50)".to_owned(),
            events: Some(0),
            is_procedure: true,
        },
    ]
}

struct Test {
    server: Server,
    works: Vec<Work>,
    dice: Dice,
    admin: Session,
    /// By statement, how often it was broken off and how often not.
    tally: BTreeMap<&'static str, (u64, u64)>,
}

impl Test {
    /// Breaks off one statement, and looks at what is left.
    fn round(&mut self, number: usize) -> Result<(), String> {
        let index = match number < self.works.len() {
            true => number,
            false => self.dice.0.usize(..self.works.len()),
        };
        let means = match self.dice.0.u32(..10) {
            0..4 => Means::Timeout,
            4..9 => Means::Cancel,
            _ => Means::Terminate,
        };
        let around = match self.works[index].is_procedure {
            true => Around::Nothing,
            false => self.dice.one_of(&[Around::Nothing, Around::Savepoint, Around::Exception]),
        };
        let role = self.dice.one_of(&["postgres", ROLES[2]]);
        // Short statements are broken off early.
        let micros = match self.dice.0.u32(..3) {
            0 => self.dice.0.u64(..3000),
            _ => self.dice.0.u64(..60_000),
        };
        let mut session = self.server.connect(DATABASE);
        session.must("SET statement_timeout = 0; SET lock_timeout = '10s'");
        let interval = self.dice.one_of(&["0", "1", "64"]);
        session.must(&format!("SET credit.snapshot_interval = {interval}; SET ROLE {role}"));
        let before = counts(&mut self.admin);

        let work = &self.works[index];
        let error = attempt(&mut session, &mut self.admin, work, around, (means, micros));
        let after = counts(&mut self.admin);
        let of_work = self.tally.entry(work.name).or_default();
        let broken = matches!(&error, Some(error) if ["57014", "57P01", "08006", "58000"].contains(&error.code.as_str()));
        of_work.0 += u64::from(broken);
        of_work.1 += u64::from(!broken);
        let told = || {
            let error = error.as_ref().map_or("none".to_owned(), Failure::to_string);
            format!(
                "{} as {role}, {means:?} after {micros} us, in {around:?}; error: {error}",
                work.name
            )
        };
        if let Some(error) = &error
            && !broken
            && (error.code.starts_with("XX") || !error.code.starts_with("UC"))
        {
            return Err(told());
        }
        let markers = after.1 - before.1;
        let ended = error.is_none();
        let is_caught = error.as_ref().is_some_and(|error| error.message == CAUGHT);
        let marked = match (around, means) {
            (Around::Nothing, _) => markers == 0,
            (Around::Savepoint, Means::Terminate) => markers == 0,
            // It may have ended, and its answer been lost.
            (Around::Exception, Means::Terminate) if !ended => markers == 0 || markers == 2,
            // All of it ended, or was broken off around the statement.
            (Around::Exception, _) => markers == if ended || is_caught { 2 } else { 0 },
            (Around::Savepoint, _) => markers == 2,
        };
        let usage = after.0[0] - before.0[0];
        let is_unchanged = after.0 == before.0;
        let is_complete = work.events.is_none_or(|events| usage == events);
        let is_whole = match (means, ended) {
            _ if work.is_procedure => usage == 0,
            (Means::Terminate, true) if around == Around::Savepoint => is_unchanged,
            (_, true) => is_complete,
            // Its answer was lost, perhaps.
            (Means::Terminate, false) if around == Around::Exception && markers == 0 => {
                is_unchanged
            }
            (Means::Terminate, false) => is_unchanged || is_complete,
            (_, false) => is_unchanged,
        };
        ensure(marked && is_whole, || {
            format!("{}\n{markers} markers, tables {before:?} to {after:?}", told())
        })?;
        if means != Means::Terminate {
            is_usable(&mut session, role).map_err(|error| format!("{}\n{error}", told()))?;
        }
        Ok(())
    }
}

/// Runs a statement that is broken off after so many microseconds; gives its error, if it has one.
fn attempt(
    session: &mut Session,
    admin: &mut Session,
    work: &Work,
    around: Around,
    (means, micros): (Means, u64),
) -> Option<Failure> {
    const MARK: &str = "credit_ingest('marker', 'tokens', 1)";
    let pid: u64 = session.value("SELECT pg_backend_pid()");
    if around == Around::Savepoint {
        session.must(&format!("BEGIN; SELECT {MARK}; SAVEPOINT s"));
    }
    let statement = match around {
        Around::Exception => format!(
            "DO $outer$ BEGIN
                PERFORM {MARK};
                BEGIN EXECUTE $execute${}$execute$;
                EXCEPTION WHEN query_canceled THEN
                    PERFORM set_config('fuzz.canceled', 'yes', false);
                END;
                PERFORM {MARK};
             END $outer$",
            work.sql
        ),
        _ => work.sql.clone(),
    };
    if around == Around::Exception {
        session.must("SET fuzz.canceled = 'no'");
    }
    if means == Means::Timeout {
        session.must(&format!("SET statement_timeout = {}", 1 + micros / 1200));
    }
    let mut error = std::thread::scope(|scope| {
        let breaker = scope.spawn(|| {
            std::thread::sleep(Duration::from_micros(micros));
            match means {
                Means::Timeout => {}
                Means::Cancel => drop(admin.rows(&format!("SELECT pg_cancel_backend({pid})"))),
                Means::Terminate => {
                    drop(admin.rows(&format!("SELECT pg_terminate_backend({pid}, 5000)")));
                }
            }
        });
        let error = session.rows(&statement).err();
        breaker.join().expect("no panic");
        error
    });
    if means == Means::Terminate {
        if around == Around::Savepoint {
            // Without the session there is no end of the transaction.
            let _ = session.rows("ROLLBACK");
        }
        return error;
    }
    if around == Around::Savepoint {
        match error {
            Some(_) => insist(session, "ROLLBACK TO SAVEPOINT s; SET statement_timeout = 0"),
            None => {
                sink(session, "SAVEPOINT sink", "ROLLBACK TO SAVEPOINT sink");
                session.must("SET statement_timeout = 0; RELEASE SAVEPOINT s");
            }
        }
        session.must(&format!("SELECT {MARK}"));
        let committed = session.rows("COMMIT").err();
        error = error.or(committed);
    } else {
        sink(session, "", "");
        insist(session, "SET statement_timeout = 0");
        if around == Around::Exception && error.is_none() {
            let canceled: String = session.value("SELECT current_setting('fuzz.canceled')");
            error = (canceled == "yes")
                .then(|| Failure { code: "57014".to_owned(), message: CAUGHT.to_owned() });
        }
    }
    error
}

/// Takes a cancellation that came too late.
fn sink(session: &mut Session, before: &str, after: &str) {
    for sql in [before, "SELECT pg_sleep(0.002)", after] {
        let _ = session.rows(sql);
    }
}

/// Runs what only a cancellation that came too late, or a timeout that is still set, can break off.
fn insist(session: &mut Session, sql: &str) {
    let mut outcome = Ok(Vec::new());
    for _ in 0..20 {
        outcome = session.rows(sql);
        if outcome.is_ok() {
            return;
        }
    }
    panic!("{outcome:?}\nin: {sql}");
}

fn counts(session: &mut Session) -> Counts {
    let rows = session.must(
        "SELECT (SELECT count(*) FROM credit.usage_events
                  WHERE stream_id NOT IN (SELECT id FROM credit.streams WHERE subject = 'marker')),
                (SELECT count(*) FROM credit.usage_events
                  WHERE stream_id IN (SELECT id FROM credit.streams WHERE subject = 'marker')),
                (SELECT count(*) FROM credit.streams), (SELECT count(*) FROM credit.dimension_sets),
                (SELECT count(*) FROM credit.meters), (SELECT count(*) FROM credit.features),
                (SELECT count(archived_at) FROM credit.features),
                (SELECT count(*) FROM credit.ledgers), (SELECT count(*) FROM credit.grants),
                (SELECT count(*) FROM credit.grant_voids), (SELECT count(*) FROM credit.resets),
                (SELECT count(*) FROM credit.spends), (SELECT count(*) FROM credit.holds),
                (SELECT count(*) FROM credit.hold_ends),
                (SELECT count(*) FROM credit.idempotency_keys)",
    );
    let mut all: Vec<u64> = (0..rows[0].0.len()).map(|column| rows[0].value(column)).collect();
    let markers = all.remove(1);
    (all, markers)
}

/// Whether the session is what it was: its user, no portal, and facts that are append-only.
fn is_usable(session: &mut Session, role: &str) -> Result<(), String> {
    let user = session.rows("SELECT current_user").map_err(|error| error.to_string())?;
    ensure(user[0].text(0) == role, || format!("{role} has become {}", user[0].text(0)))?;
    // Refused within a function that runs as the owner.
    session.rows("RESET ROLE").map_err(|error| error.to_string())?;
    let open = session.must("SELECT name FROM pg_cursors");
    ensure(open.is_empty(), || format!("open portals: {open:?}"))?;
    for table in ["usage_events", "ledgers", "grants", "features", "holds", "spends"] {
        let forged = session.rows(&format!("DELETE FROM credit.{table} WHERE false"));
        ensure(forged.is_err(), || format!("{table} is not append-only any more"))?;
    }
    let taking = session.holds("SELECT credit.is_taking_snapshot()");
    ensure(!taking, || "snapshots are being taken".to_owned())?;
    session.must(&format!("SET ROLE {role}"));
    session
        .rows("SELECT credit_ingest('l1', 'tokens', 0), credit_available('l1', 'all')")
        .map_err(|error| error.to_string())?;
    Ok(())
}
