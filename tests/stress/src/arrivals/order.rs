//! Rows that belong together and come one after the other, in every order, with snapshots taken in
//! between: of a stream, of dimensions, of a feature, of a ledger.

use crate::cache;
use crate::report::ensure;
use crate::server::Server;

const DATABASE: &str = "credit_order";

/// What comes, in what order.
type Order = [Part; 3];

/// A row, written in a transaction of its own.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    Events,
    Stream,
    Dimensions,
}

/// The orders that are not the natural one.
pub const ORDERS: [(&str, Order); 5] = [
    ("dimensions after events", [Part::Stream, Part::Events, Part::Dimensions]),
    ("a stream after its events", [Part::Dimensions, Part::Events, Part::Stream]),
    ("events, dimensions, stream", [Part::Events, Part::Dimensions, Part::Stream]),
    ("events, stream, dimensions", [Part::Events, Part::Stream, Part::Dimensions]),
    ("events after all else", [Part::Dimensions, Part::Stream, Part::Events]),
];

impl Part {
    fn sql(self) -> &'static str {
        match self {
            Part::Events => {
                "INSERT INTO credit.usage_events (stream_id, occurred_at, dims_id, value)
                 SELECT id, now() - interval '1 minute', 17, 100 FROM coming"
            }
            Part::Stream => "INSERT INTO credit.streams SELECT id, meter, 'acme' FROM coming",
            Part::Dimensions => {
                r#"INSERT INTO credit.dimension_sets SELECT 17, meter, '{"model": "large"}' FROM coming"#
            }
        }
    }
}

/// After each part, and after snapshots were taken of it, the answers are those without snapshots;
/// at the end everything is counted.
pub fn arrives(server: &Server, order: Order) -> Result<(), String> {
    let mut session = server.fresh_credit(DATABASE);
    cache::set_interval(&mut session, 1);
    session.must(
        r#"SELECT credit_create_meter('tokens', group_by => '{model}');
         SELECT credit_create_feature('all', 'tokens'),
                credit_create_feature('large', 'tokens', '{"model": "large"}');
         SELECT credit_create_ledger('acme');
         SELECT credit_create_grant('acme', 'all', 1000), credit_create_grant('acme', 'large', 1000);
         SELECT credit_ingest('acme', 'tokens', 1, dimensions => '{"model": "large"}');
         CREATE TABLE coming AS
         SELECT (id >> 32) << 32 | 4000000000 AS id, meter_id AS meter FROM credit.streams"#,
    );
    let available =
        "SELECT credit_available('acme', 'all') || ' ' || credit_available('acme', 'large')";
    for part in order {
        session.must(part.sql());
        for _ in 0..2 {
            let with: String = session.value(available);
            session.must(&format!("BEGIN; {}", cache::FORGET));
            let without: String = session.value(available);
            session.must("ROLLBACK");
            ensure(with == without, || format!("after {part:?}: {with}, without {without}"))?;
            session.must("SELECT credit_ingest('acme', 'tokens', 1)");
            cache::maintain(&mut session, "default").map_err(|failure| failure.to_string())?;
        }
    }
    let last: String = session.value(available);
    ensure(last == "893 899", || format!("at last {last}, not 893 899"))
}
