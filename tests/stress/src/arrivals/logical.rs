//! Logical replication, from one database of the cluster to another: first the tables one by one,
//! then what is written meanwhile.

use super::{ask, next_xid, same, settled, source, stamped_since};
use crate::cache;
use crate::report::ensure;
use crate::server::Server;
use crate::session::{Row, Session};
use std::time::{Duration, Instant};

const SOURCE: &str = "credit_publisher";
const TARGET: &str = "credit_subscriber";
const SLOT: &str = "credit_stress";

/// Publishes the facts.
pub fn facts(server: &Server) -> Result<(), String> {
    replicated(
        server,
        "DO $$ BEGIN
            EXECUTE (SELECT 'CREATE PUBLICATION everything FOR TABLE ' || string_agg(oid::regclass::text, ', ')
                FROM pg_class WHERE relnamespace = 'credit'::regnamespace AND relkind = 'r'
                AND relname <> 'snapshots');
         END $$",
    )
}

/// Publishes the snapshots too, which are of no use elsewhere and must do no harm.
pub fn all_tables(server: &Server) -> Result<(), String> {
    replicated(server, "CREATE PUBLICATION everything FOR ALL TABLES")
}

fn replicated(server: &Server, publish: &str) -> Result<(), String> {
    drop_old(server);
    let mut source = source::fill(server, SOURCE);
    source.must(publish);
    let mut target = server.fresh_credit(TARGET);
    let outcome = replicate(server, &mut source, &mut target);
    drop_old(server);
    outcome
}

fn replicate(server: &Server, source: &mut Session, target: &mut Session) -> Result<(), String> {
    let before = next_xid(target);
    // A subscription to the same cluster would wait for itself if it made its slot.
    source.must(&format!("SELECT pg_create_logical_replication_slot('{SLOT}', 'pgoutput')"));
    target.must(&format!(
        "CREATE SUBSCRIPTION everything CONNECTION '{}' PUBLICATION everything
         WITH (create_slot = false, slot_name = '{SLOT}')",
        server.connection_string(SOURCE)
    ));
    cache::set_interval(target, 1);
    for round in 0..40 {
        write(source, round);
        // Before everything has come there may be no ledger yet, or one without its usage.
        let _ = cache::maintain(target, source::NAMESPACE);
    }
    wait_for_equal_counts(source, target)?;
    stamped_since(before, target)?;
    let wanted = ask(source);
    same("in the publisher", &wanted, source)?;
    target.must("ALTER SUBSCRIPTION everything DISABLE");
    settled(&wanted, target)?;
    keys_protect(target)
}

/// What the publisher has done under a key is not done again, whether it came at first or later.
fn keys_protect(target: &mut Session) -> Result<(), String> {
    let replays = [
        "SELECT NOT credit_ingest('acme', 'tokens', 3.5, '2024-01-15Z', '{\"model\": \"big\"}', 'late')",
        "SELECT replayed FROM credit_consume('acme', 'chat', 1.5, 'spend 7', '{\"region\": \"r1\"}', 1000000)",
        "SELECT count(*) = 1 FROM credit_list_holds('acme', 'chat') AS h
          WHERE h.id = credit_reserve('acme', 'chat', 1, '10 years', 'hold 7', overdraft => 1000000)",
    ];
    for replay in replays {
        ensure(target.holds(replay), || format!("the subscriber does it a second time: {replay}"))?;
    }
    Ok(())
}

/// Usage of new and old streams, late, on time and to come, and a grant.
fn write(source: &mut Session, round: i32) {
    source.must(&format!(
        "SELECT credit_ingest('acme', 'tokens', {round}, '2024-01-01'::timestamptz + {round} * interval '3 days',
             '{{\"model\": \"big\", \"region\": \"new {round}\"}}');
         SELECT credit_ingest('acme', 'calls', 1, '2024-05-01');
         SELECT credit_ingest('newcomer {round}', 'tokens', 1, '2024-05-01');
         SELECT credit_create_grant('acme', 'calls', 2, effective_at => '2024-04-01');
         SELECT credit_consume('acme', 'chat', 1.5, 'spend {round}', '{{\"region\": \"r1\"}}', 1000000);
         SELECT credit_settle(credit_reserve('acme', 'all', 2, overdraft => 1000000), 1,
             overdraft => 1000000);
         SELECT credit_reserve('acme', 'chat', 1, '10 years', 'hold {round}', overdraft => 1000000)"
    ));
}

fn wait_for_equal_counts(source: &mut Session, target: &mut Session) -> Result<(), String> {
    let facts = source.must(
        "SELECT relname FROM pg_class WHERE relnamespace = 'credit'::regnamespace
           AND relkind = 'r' AND relname <> 'snapshots' ORDER BY 1",
    );
    let count = |row: &Row| format!("(SELECT count(*) AS {0} FROM credit.{0})", row.text(0));
    let counts = format!("SELECT {}", facts.iter().map(count).collect::<Vec<_>>().join(", "));
    let started = Instant::now();
    let wanted = source.must(&counts);
    loop {
        let found = target.must(&counts);
        if found == wanted {
            return Ok(());
        }
        if started.elapsed() > Duration::from_secs(60) {
            return Err(format!("{} has not become {}", found[0], wanted[0]));
        }
        let _ = cache::maintain(target, source::NAMESPACE);
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A subscription, and the slot that outlives the publisher's connections.
fn drop_old(server: &Server) {
    let mut admin = server.connect("postgres");
    let holds = |admin: &mut Session, name: &str| {
        admin.holds(&format!("SELECT count(*) > 0 FROM pg_database WHERE datname = '{name}'"))
    };
    if holds(&mut admin, TARGET) {
        let mut target = server.connect(TARGET);
        if target.holds("SELECT count(*) > 0 FROM pg_subscription WHERE subname = 'everything'") {
            target.must("ALTER SUBSCRIPTION everything DISABLE");
            target.must("ALTER SUBSCRIPTION everything SET (slot_name = NONE)");
            target.must("DROP SUBSCRIPTION everything");
        }
    }
    let slots = format!("SELECT active_pid FROM pg_replication_slots WHERE slot_name = '{SLOT}'");
    while let Some(row) = admin.must(&slots).first() {
        match row.option::<i32>(0) {
            Some(_) => std::thread::sleep(Duration::from_millis(20)),
            None => drop(admin.must(&format!("SELECT pg_drop_replication_slot('{SLOT}')"))),
        }
    }
}
