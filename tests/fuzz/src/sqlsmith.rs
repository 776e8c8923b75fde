//! Debian's sqlsmith: random queries over the catalogue, by a role that may do everything but
//! harm the server.

use crate::aftermath;
use crate::options::Options;
use crate::report::Report;
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
    let target = server.connection_string(DATABASE).replace("=postgres ", "=fuzz_administrator ");
    let until = Instant::now() + options.duration;
    let mut seed = options.seed;
    let mut last = String::new();
    while Instant::now() < until {
        seed += 1;
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
    report.note(format!("sqlsmith's last words:\n{}", tail(&last)));
    let internal: Vec<&str> = last.lines().filter(|line| line.contains("XX0")).collect();
    let outcome = if internal.is_empty() { Ok(()) } else { Err(internal.join("\n")) };
    report.outcome("sqlsmith: no internal error", outcome);
    aftermath::run(&mut session, report, "");
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(25)..].join("\n")
}
