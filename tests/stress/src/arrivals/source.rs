//! A database with some of everything, to arrive elsewhere.

use crate::answers::Question;
use crate::server::Server;
use crate::session::Session;
use credit_engine::{Time, Unit, Window};

const FILL: &str = include_str!("../../../dump/fill.sql");

/// The namespace of what is asked for.
pub const NAMESPACE: &str = "default";

/// A database filled by the test of dumps, with snapshots.
pub fn fill(server: &Server, database: &str) -> Session {
    let mut session = server.fresh_credit(database);
    crate::cache::set_interval(&mut session, 1);
    // What commits cannot share its message with other statements.
    let (before, rest) = FILL.split_once("\nCALL ").expect("a procedure is called");
    let (call, after) = rest.split_once('\n').expect("something follows");
    session.must(before);
    session.must(&format!("CALL {call}"));
    session.must(after);
    crate::cache::maintain(&mut session, NAMESPACE).expect("snapshots can be taken");
    session
}

/// What is asked in both places.
pub fn questions() -> Vec<Question> {
    let time = |text: &str| -> Time { text.parse().expect("an RFC 3339 time") };
    let window = |from: &str, to: &str| Window { from: time(from), to: time(to) };
    let question = |at: &str, window: Window, granularity: Option<Unit>| Question {
        subject: "acme".to_owned(),
        features: ["chat", "all", "calls"].map(str::to_owned).to_vec(),
        at: time(at),
        window,
        granularity,
    };
    let (start, end) = ("2024-01-01T00:00:00Z", "2024-06-01T00:00:00Z");
    vec![
        question("2024-01-10T00:00:00Z", window(start, end), Some(Unit::Week)),
        question(end, window("2024-02-10T12:00:00Z", end), None),
        question("2030-01-01T00:00:00Z", window(start, "2024-02-01T00:00:00Z"), Some(Unit::Month)),
    ]
}
