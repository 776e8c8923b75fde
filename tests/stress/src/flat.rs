//! Transactions that others forgot do not lengthen what a read touches. Measured is work, not time:
//! how many events one `credit_available` fetches, after some thousands were written one by one.

use crate::options::Options;
use crate::report::{Report, ensure};
use crate::server::Server;
use crate::session::Session;
use crate::work::events_touched;

const DATABASE: &str = "credit_flat";
const EVENTS: u32 = 3000;
/// Snapshots come every 64 events in the mean: more than this between two is one case in millions.
const MOST_TOUCHED: u64 = 1000;

/// Opens what is in the way, and gives it to be kept until the end.
type Hindrance = fn(&Server) -> Session;

const HINDRANCES: [(&str, Hindrance); 3] = [
    ("an idle writer in another database", |server| {
        let mut session = server.connect("postgres");
        session.must("BEGIN; SELECT pg_current_xact_id()");
        session
    }),
    ("a forgotten prepared transaction", |server| {
        let mut session = server.connect(DATABASE);
        session.must("BEGIN; SELECT credit_ingest('forgotten', 'tokens', 1)");
        session.must("SELECT credit_ingest('acme', 'tokens', 1)");
        session.must("PREPARE TRANSACTION 'forgotten'");
        session
    }),
    ("a running pg_dump", |server| {
        let mut session = server.connect(DATABASE);
        session.must("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        session.must("SELECT count(*) FROM credit.usage_events");
        session
    }),
];

/// Each hindrance by itself, and all of them together.
pub fn run(options: &Options, report: &mut Report) {
    for (name, hindrance) in HINDRANCES {
        let outcome = flat_behind(&options.server, &[hindrance], report);
        report.outcome(&format!("flat: {name}"), outcome);
    }
    let all = HINDRANCES.map(|(_, hindrance)| hindrance);
    let outcome = flat_behind(&options.server, &all, report);
    report.outcome("flat: all of these", outcome);
}

fn flat_behind(server: &Server, hindrances: &[Hindrance], report: &Report) -> Result<(), String> {
    let mut session = server.fresh_credit(DATABASE);
    session.must(
        "SELECT credit_create_meter('tokens'), credit_create_feature('all', 'tokens'),
                credit_create_ledger('acme'), credit_create_grant('acme', 'all', 1000000)",
    );
    write(&mut session, 10);
    let hindering: Vec<Session> = hindrances.iter().map(|hinder| hinder(server)).collect();
    let mut all_touched = Vec::new();
    for written in (100..=EVENTS).step_by(100) {
        write(&mut session, 100);
        let (answer, touched) =
            events_touched(&mut session, "SELECT credit_available('acme', 'all')").expect("a read");
        let wanted = (1_000_000 - 10 - written).to_string();
        ensure(answer[0].text(0) == wanted, || format!("{} is not {wanted}", answer[0]))?;
        all_touched.push(touched);
    }
    drop(hindering);
    server.end_prepared(DATABASE);
    let mean = all_touched.iter().sum::<u64>() as f64 / all_touched.len() as f64;
    let most = all_touched.into_iter().max().expect("reads");
    report.note(format!(
        "flat: a read touched {mean:.0} of {EVENTS} events in the mean, at most {most}"
    ));
    ensure(most <= MOST_TOUCHED, || format!("a read touched {most} of {EVENTS} events"))
}

/// Events in transactions of their own.
fn write(session: &mut Session, count: u32) {
    session.must(&format!(
        "DO $$ BEGIN FOR i IN 1..{count} LOOP
            PERFORM credit_ingest('acme', 'tokens', 1); COMMIT;
         END LOOP; END $$"
    ));
}
