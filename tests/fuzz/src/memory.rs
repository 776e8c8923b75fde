//! The memory of a backend does not grow with its calls.

use crate::options::Options;
use crate::report::{Report, ensure};
use crate::server::Server;
use crate::session::Session;
use std::time::Instant;

const DATABASE: &str = "credit_fuzz_memory";
/// How often memory is measured in a run; the first measures are of a backend that warms up.
const STEPS: u64 = 10;
/// With fewer a leak of a hundred bytes a call would not be seen.
const LEAST_CALLS: u64 = 60_000;
const WARM_UP: usize = 5;
/// What may come and go of private memory: what a backend remembers of subjects, up to a bound, and
/// the allocator's own.
const TOLERATED_KIB: u64 = 1024;
/// What may come and go in PostgreSQL's contexts.
const TOLERATED_IN_CONTEXTS_KIB: u64 = 256;

/// One way of calling many times.
struct Way {
    name: &'static str,
    /// The body of a loop over `i`.
    body: &'static str,
    /// How many calls the body makes.
    calls: u64,
    /// After how many rounds it commits; 0: all in one transaction.
    commit_every: u64,
}

const WAYS: [Way; 6] = [
    Way {
        name: "one subject, many transactions",
        body: "PERFORM credit_ingest('s1', 'tokens', 0.001);
               PERFORM credit_consume('s1', 'all', 0.001);
               PERFORM credit_available('s1', 'all');
               PERFORM count(*) FROM credit_grant_balances('s1');",
        calls: 4,
        commit_every: 20,
    },
    Way {
        name: "one transaction", // which sums up its own usage at every read: so of many subjects
        body: "PERFORM credit_ingest('s' || 1 + i % 2000, 'tokens', 0.001);
               PERFORM credit_consume('s' || 1 + i % 2000, 'all', 0.001);
               PERFORM credit_available('s' || 1 + i % 2000, 'all');",
        calls: 3,
        commit_every: 0,
    },
    Way {
        name: "errors caught in PL/pgSQL",
        body: "BEGIN PERFORM credit_available('nobody', 'all'); EXCEPTION WHEN others THEN NULL; END;
               BEGIN PERFORM credit_consume('s1', 'all', 1e14); EXCEPTION WHEN others THEN NULL; END;
               BEGIN PERFORM credit_ingest('s1', 'tokens', 'NaN'); EXCEPTION WHEN others THEN NULL; END;
               BEGIN PERFORM credit_ingest_batch('[{\"subject\": 1}]'); EXCEPTION WHEN others THEN NULL; END;",
        calls: 4,
        commit_every: 0,
    },
    Way {
        name: "errors caught, many transactions",
        body: "BEGIN PERFORM credit_get_grant(gen_random_uuid()); EXCEPTION WHEN others THEN NULL; END;
               BEGIN PERFORM credit_consume('s1', 'nothing', 1); EXCEPTION WHEN others THEN NULL; END;
               PERFORM credit_ingest('s1', 'tokens', 0.001, idempotency_key => 'k' || i % 1000);",
        calls: 3,
        commit_every: 10,
    },
    Way {
        name: "different subjects",
        body: "PERFORM credit_ingest('t' || (i::bigint * 7919) % 200000, 'tokens', 0.001, dimensions => jsonb_build_object('model', i % 5000 || ''));
               PERFORM credit_available('s' || 1 + i % 2000, 'all');",
        calls: 2,
        commit_every: 20,
    },
    Way {
        name: "everything",
        body: "PERFORM credit_balance('s' || 1 + i % 2000);
               PERFORM count(*) FROM credit_history('s' || 1 + i % 2000, '2024-01-01');
               PERFORM count(*) FROM credit_list_grants(ARRAY['s' || 1 + i % 2000]);
               PERFORM credit_settle(credit_reserve('s' || 1 + i % 2000, 'all', 0.001), 0.001);
               PERFORM credit_ingest_arrays('{s1,s2,s3}', '{tokens,tokens,tokens}');
               PERFORM credit_ingest_batch('[{\"subject\": \"s1\", \"meter\": \"tokens\", \"value\": 0.1}]');",
        calls: 6,
        commit_every: 20,
    },
];

/// A million calls of every way, or so many percent of that.
pub fn run(options: &Options, server: &Server, report: &mut Report) {
    server.fresh_credit(DATABASE).must(
        "SELECT credit_create_meter('tokens', group_by => '{model}'), credit_create_feature('all', 'tokens');
         SELECT count(credit_create_ledger('s' || n, measure_from => '2024-01-01')),
                count(credit_create_grant('s' || n, 'all', 900000000, effective_at => '2024-01-01'))
           FROM generate_series(1, 2000) AS n",
    );
    for way in &WAYS {
        let mut session = server.connect(DATABASE);
        session.must("SET statement_timeout = 0");
        let calls = options.scaled(1_000_000).max(LEAST_CALLS);
        let from = Instant::now();
        let (private, contexts) = measure_way(&mut session, way, calls);
        report.note(format!(
            "memory, {}: {calls} calls in {:.0} s; KiB private {private:?}, in contexts {contexts:?}",
            way.name,
            from.elapsed().as_secs_f64()
        ));
        let grown = |kib: &[u64]| {
            let warm = kib[..WARM_UP].iter().max().expect("some");
            kib[kib.len() - 1].saturating_sub(*warm)
        };
        let (private, contexts) = (grown(&private), grown(&contexts));
        report.outcome(
            &format!("memory: flat, {}", way.name),
            ensure(private <= TOLERATED_KIB && contexts <= TOLERATED_IN_CONTEXTS_KIB, || {
                format!("{private} KiB more private memory, {contexts} KiB more in contexts")
            }),
        );
    }
}

/// Private memory and that in PostgreSQL's contexts, in KiB, after each step.
fn measure_way(session: &mut Session, way: &Way, calls: u64) -> (Vec<u64>, Vec<u64>) {
    let pid: u32 = session.value("SELECT pg_backend_pid()");
    let rounds = (calls / STEPS / way.calls).max(1);
    let commit = match way.commit_every {
        0 => String::new(),
        every => format!("IF i % {every} = 0 THEN COMMIT; END IF;"),
    };
    if way.commit_every == 0 {
        session.must("BEGIN");
    }
    let (mut private, mut contexts) = (Vec::new(), Vec::new());
    for step in 0..STEPS {
        let first = step * rounds;
        session.must(&format!(
            "DO $do$ BEGIN FOR i IN {first}..{} LOOP {} {commit} END LOOP; END $do$",
            first + rounds - 1,
            way.body
        ));
        private.push(private_kib(pid));
        contexts.push(
            session.value("SELECT sum(total_bytes)::bigint / 1024 FROM pg_backend_memory_contexts"),
        );
    }
    if way.commit_every == 0 {
        session.must("COMMIT");
    }
    (private, contexts)
}

/// Anonymous private memory of a process.
fn private_kib(pid: u32) -> u64 {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let line = text.lines().find(|line| line.starts_with("Pss_Anon:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kib.unwrap_or_else(|| panic!("{path} says nothing of Pss_Anon"))
}
