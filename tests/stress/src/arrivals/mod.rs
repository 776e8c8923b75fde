//! Rows that did not come through the functions: by COPY, from a restore, by logical replication,
//! in an odd order. They are stamped afresh, and counted, before and after snapshots are taken.

mod logical;
mod order;
mod restore;
mod source;

use crate::answers::{Answers, Question};
use crate::cache;
use crate::options::Options;
use crate::report::{Report, ensure};
use crate::session::{Row, Session};
use source::NAMESPACE;

/// All ways of arriving.
pub fn run(options: &Options, report: &mut Report) {
    let server = &options.server;
    report.outcome("arrivals: COPY", restore::copied(server));
    report.outcome("arrivals: pg_restore --disable-triggers", restore::triggers_disabled(server));
    report.outcome(
        "arrivals: pg_restore in parallel, snapshots in between",
        restore::in_parallel(server),
    );
    report.outcome("arrivals: logical replication of the facts", logical::facts(server));
    report.outcome("arrivals: logical replication of all tables", logical::all_tables(server));
    for (name, order) in order::ORDERS {
        report.outcome(&format!("arrivals: {name}"), order::arrives(server, order));
    }
}

/// The answers to a few questions about every ledger of the source.
fn ask(session: &mut Session) -> Vec<Answers> {
    session.must(&format!("SET credit.namespace = '{NAMESPACE}'"));
    let ask = |question: &Question| question.ask(session).unwrap_or_else(|error| panic!("{error}"));
    source::questions().iter().map(ask).collect()
}

/// An error where the same questions have other answers now.
fn same(what: &str, wanted: &[Answers], session: &mut Session) -> Result<(), String> {
    let found = ask(session);
    match wanted.iter().zip(&found).find_map(|(wanted, found)| wanted.difference(found)) {
        Some(difference) => Err(format!("{what}: {difference}")),
        None => Ok(()),
    }
}

/// Whether answers are as wanted as the rows came, after snapshots of them were taken, after more
/// usage and after all snapshots were deleted again.
fn settled(wanted: &[Answers], session: &mut Session) -> Result<(), String> {
    same("as it came", wanted, session)?;
    cache::set_interval(session, 1);
    cache::maintain(session, NAMESPACE).map_err(|failure| failure.to_string())?;
    let taken = cache::count(session);
    same("after credit_maintain", wanted, session)?;
    session.must(
        "SELECT credit_ingest('acme', 'tokens', 3, '2024-01-20', '{\"model\": \"big\"}');
         SELECT credit_ingest('acme', 'calls', 1, '2024-02-20')",
    );
    let with = ask(session);
    session.must(cache::FORGET);
    same("after the deletion of snapshots", &with, session)?;
    ensure(taken > 0, || "no snapshot was taken".to_owned())
}

/// An error where a fact is stamped with a transaction before `before`.
fn stamped_since(before: u64, session: &mut Session) -> Result<(), String> {
    let tables = session.must(
        "SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE c.relnamespace = 'credit'::regnamespace AND c.relkind = 'r' AND a.attname = 'xid'",
    );
    for table in tables.iter().map(|row: &Row| row.text(0)) {
        let old = format!("SELECT count(*) FROM {table} WHERE xid < '{before}'::xid8");
        let old: u64 = session.value(&old);
        ensure(old == 0, || format!("{old} rows of {table} bear the stamps of another database"))?;
        let none = session.holds(&format!("SELECT count(*) = 0 FROM {table}"));
        ensure(!none, || format!("{table} is empty: nothing was tested"))?;
    }
    Ok(())
}

/// The id that the next transaction gets, at least.
fn next_xid(session: &mut Session) -> u64 {
    session.value("SELECT pg_snapshot_xmax(pg_current_snapshot())")
}
