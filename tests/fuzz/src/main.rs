//! Abuses the extension: random and hostile calls, broken off anywhere, of corrupted snapshots, for as
//! long as wanted. `tests/fuzz/run --help` says how.

mod aftermath;
mod calls;
mod chaos;
mod functions;
mod interrupts;
mod json;
mod memory;
mod options;
#[allow(dead_code, reason = "shared with the stress")]
#[path = "../../stress/src/report.rs"]
mod report;
mod server;
#[allow(dead_code, reason = "shared with the stress")]
#[path = "../../stress/src/session.rs"]
mod session;
mod snapshots;
mod sqlsmith;
mod values;
mod world;

use options::Options;
use report::Report;
use server::Server;
use std::process::ExitCode;

/// A test that is chosen by its name.
type Test = fn(&Options, &Server, &mut Report);

const TESTS: [(&str, Test); 6] = [
    ("calls", calls::run),
    ("snapshots", snapshots::run),
    ("json", json::run),
    ("interrupts", interrupts::run),
    ("memory", memory::run),
    ("sqlsmith", sqlsmith::run),
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
    report.note(format!("seed {}", options.seed));
    let server = Server::new(&options);
    for (name, test) in TESTS {
        if options.wants(name) {
            test(&options, &server, &mut report);
        }
    }
    report.outcome("the server lives and never warned of anything left behind", server.check());
    report.finish()
}
