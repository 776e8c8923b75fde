//! What the random calls find: namespaces, meters, features, ledgers, roles.

use crate::server::Server;
use crate::session::Session;
use crate::values::{Known, SUBJECTS};

/// Roles with every level of rights; the superuser is `postgres`.
pub const ROLES: [&str; 3] = ["fuzz_reader", "fuzz_spender", "fuzz_administrator"];

/// A database with ledgers in two namespaces, every one with grants and usage, and the roles.
pub fn create(server: &Server, database: &str) -> Session {
    let mut session = server.fresh_credit(database);
    for (role, level) in ROLES.into_iter().zip(["read", "spend", "administer"]) {
        session.must(&format!(
            "DO $$ BEGIN
                IF to_regrole('{role}') IS NULL THEN CREATE ROLE {role} LOGIN; END IF;
             END $$;
             SELECT credit.allow('{role}', '{level}')"
        ));
    }
    session.must(
        "DO $$ BEGIN
            IF to_regrole('fuzz_victim') IS NULL THEN CREATE ROLE fuzz_victim; END IF;
         END $$",
    );
    for namespace in ["default", "other"] {
        session.must(&format!(
            "SET credit.namespace = '{namespace}';
             SELECT credit_create_meter('tokens', group_by => '{{model,region}}');
             SELECT credit_create_meter('calls', 'COUNT');
             SELECT credit_create_feature('chat', 'tokens');
             SELECT credit_create_feature('large', 'tokens', '{{\"model\": \"large\"}}');
             SELECT credit_create_feature('calls', 'calls');
             SELECT credit_create_feature('old', 'tokens');
             SELECT credit_create_ledger('s' || n, measure_from => date_trunc('day', now()) - interval '40 days'),
                    credit_create_grant('s' || n, 'chat', 1000, effective_at => now() - interval '40 days' + n * interval '1 hour',
                        recurs_every => CASE n % 3 WHEN 0 THEN interval '1 day' END,
                        rollover_type => CASE n % 2 WHEN 0 THEN 'REMAINING_AMOUNT' END),
                    credit_create_grant('s' || n, 'calls', 50, rollover_type => 'ORIGINAL_AMOUNT')
               FROM generate_series(0, {SUBJECTS} - 1) AS n;
             SELECT credit_ingest_arrays(array_agg('s' || n % {SUBJECTS}), array_agg('tokens'::text), array_agg(0.5), array_agg(now() - n * interval '1 minute'))
               FROM generate_series(1, 5000) AS n;
             RESET credit.namespace"
        ));
    }
    session
}

/// The ids of some things that exist now.
pub fn known(session: &mut Session) -> Known {
    let ids = session.rows(
        "(SELECT id FROM credit.grants ORDER BY random() LIMIT 100) UNION ALL
         (SELECT id FROM credit.features ORDER BY random() LIMIT 10) UNION ALL
         (SELECT id FROM credit.ledgers ORDER BY random() LIMIT 20) UNION ALL
         (SELECT id FROM credit.holds ORDER BY random() LIMIT 100)",
    );
    Known { ids: ids.unwrap_or_default().iter().map(|row| row.text(0).to_owned()).collect() }
}
