//! What passed and what did not, counted.

use std::process::ExitCode;
use std::time::Instant;

/// Collects the outcomes of sub-tests and says them as they come.
pub struct Report {
    started: Instant,
    passed: u32,
    failed: u32,
}

impl Report {
    /// Nothing tested yet.
    pub fn new() -> Report {
        Report { started: Instant::now(), passed: 0, failed: 0 }
    }

    /// Says something worth knowing.
    pub fn note(&self, text: impl AsRef<str>) {
        for line in text.as_ref().lines() {
            println!("[{:6.1} s] {line}", self.started.elapsed().as_secs_f64());
        }
    }

    /// One sub-test has ended: rightly, or with the reason why not.
    pub fn outcome(&mut self, name: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => {
                self.passed += 1;
                self.note(format!("ok: {name}"));
            }
            Err(reason) => {
                self.failed += 1;
                self.note(format!("NOT OK: {name}\n{reason}"));
            }
        }
    }

    /// The last line, which `bin/test` reads, and the exit code.
    pub fn finish(self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        ExitCode::from(u8::from(self.failed > 0))
    }
}

/// An error unless `condition` holds.
pub fn ensure(condition: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(reason()) }
}
