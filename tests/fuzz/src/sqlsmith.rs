//! Debian's sqlsmith: random queries over the catalogue, by a role that may do everything but
//! harm the server.

use crate::aftermath;
use crate::options::Options;
use crate::report::{Report, ensure};
use crate::server::Server;
use crate::world;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const DATABASE: &str = "credit_fuzz_sqlsmith";

/// Runs it for the time of the options.
pub fn run(options: &Options, server: &Server, report: &mut Report) {
    let mut session = world::create(server, DATABASE);
    session.must(
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA credit TO fuzz_administrator;
         GRANT SELECT ON ALL TABLES IN SCHEMA credit TO fuzz_administrator",
    );
    // It tells no SQLSTATE: the log does, which is looked at in the end.
    session.must(&format!(
        "ALTER DATABASE {DATABASE} SET log_min_messages = error;
         ALTER DATABASE {DATABASE} SET log_min_error_statement = error;
         ALTER DATABASE {DATABASE} SET log_error_verbosity = verbose"
    ));
    let target = server.connection_string(DATABASE).replace("=postgres ", "=fuzz_administrator ");
    let until = Instant::now() + options.duration;
    let mut seed = options.seed;
    let (mut runs, mut last) = (0, String::new());
    while Instant::now() < until {
        (seed, runs) = (seed + 1, runs + 1);
        let child = Command::new("sqlsmith")
            .args(["--verbose", "--max-queries=5000", &format!("--seed={}", seed % (1 << 31))])
            .arg(format!("--target={target} options='-c statement_timeout=2s -c lock_timeout=500'"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) => return report.outcome("sqlsmith", Err(format!("{error}"))),
        };
        let stderr = child.stderr.take().expect("piped");
        let reader =
            std::thread::spawn(move || std::io::read_to_string(stderr).unwrap_or_default());
        while Instant::now() < until && matches!(child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(200));
        }
        let _ = child.kill();
        let _ = child.wait();
        last = reader.join().unwrap_or_default();
        if last.contains("connection") && last.contains("terminat") {
            break;
        }
    }
    let told = last.lines().rfind(|line| line.contains("queries:"));
    report.note(format!("sqlsmith: {runs} runs; of the last: {:?}", told));
    report.outcome(
        "sqlsmith: it ran",
        ensure(last.contains("queries:"), || last.chars().take(2000).collect()),
    );
    aftermath::run(&mut session, report, "");
}
