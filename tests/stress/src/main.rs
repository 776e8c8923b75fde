//! Decides whether the snapshot cache is right and spends keep what was promised: random and
//! concurrent use of the extension, every answer compared with what is computed another way. `tests/stress/run --help` says how.

mod answers;
mod arrivals;
mod cache;
mod differential;
mod facts;
mod flat;
mod grid;
mod hammer;
mod late;
#[path = "../../../src/engine/tests/naive/mod.rs"]
mod naive;
mod options;
mod oracle;
mod report;
mod server;
mod session;
mod stress;
mod work;

use options::Options;
use report::Report;
use std::process::ExitCode;

/// A test that is chosen by its name.
type Test = fn(&Options, &mut Report);

const TESTS: [(&str, Test); 6] = [
    ("differential", differential::run),
    ("stress", stress::run),
    ("flat", flat::run),
    ("late", late::run),
    ("arrivals", arrivals::run),
    ("hammer", hammer::run),
];

fn main() -> ExitCode {
    let names = TESTS.map(|(name, _)| name);
    let options = match Options::from_args(std::env::args().skip(1), &names) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let mut report = Report::new();
    for (name, test) in TESTS {
        if options.wants(name) {
            test(&options, &mut report);
        }
    }
    report.finish()
}
