//! The command line.

use crate::server::Server;
use std::path::PathBuf;
use std::time::Duration;

const USAGE: &str = "\
usage: tests/stress/run [--seconds N] [--seed N] [--scenarios N] [--keep-going] [TEST]...
  differential  random calls by one client in three transactions at a time; every answer against
                the same without snapshots, and against the naive model of the engine's tests
  stress        concurrent writers, readers and snapshot takers; every read against the plain sum
                under the same MVCC snapshot
  flat          idle transactions do not lengthen what a read touches
  late          neither does usage that comes half a day late
  arrivals      rows that come by COPY, a restore, logical replication, or in an odd order
  hammer        64 clients spend on one ledger or on ten, quietly or while others take of the
                credit too, and the server is killed; each spend against the naive model
  (none)        all of these
  --seconds N     how long `differential`, `stress` and both modes of `hammer` run, each (default 60)
  --seed N        of the random numbers; with it a differential run repeats exactly
  --scenarios N   ends `differential` after so many scenarios
  --keep-going    `stress` goes on after the first mismatch";

/// What was asked for.
pub struct Options {
    /// The server to work on.
    pub server: Server,
    /// How long the open-ended tests run, each.
    pub duration: Duration,
    /// What all random choices derive from.
    pub seed: u64,
    /// The most scenarios of the differential test.
    pub scenarios: Option<u64>,
    /// Whether the stress goes on after a mismatch.
    pub keep_going: bool,
    tests: Vec<String>,
}

impl Options {
    /// Reads the arguments; the error is what to tell the user.
    pub fn from_args(
        mut args: impl Iterator<Item = String>,
        tests: &[&str],
    ) -> Result<Options, String> {
        let mut options = Options {
            server: Server { socket_dir: String::new(), port: 0, bin: PathBuf::new() },
            duration: Duration::from_secs(60),
            seed: fastrand::u64(..1 << 32),
            scenarios: None,
            keep_going: false,
            tests: Vec::new(),
        };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} takes a value\n{USAGE}"));
            match arg.as_str() {
                "--host" => options.server.socket_dir = value()?,
                "--port" => options.server.port = number(&value()?)?,
                "--bin" => options.server.bin = PathBuf::from(value()?),
                "--seconds" => options.duration = Duration::from_secs(number(&value()?)?),
                "--seed" => options.seed = number(&value()?)?,
                "--scenarios" => options.scenarios = Some(number(&value()?)?),
                "--keep-going" => options.keep_going = true,
                test if tests.contains(&test) => options.tests.push(arg),
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(options)
    }

    /// Whether a test was asked for.
    pub fn wants(&self, test: &str) -> bool {
        self.tests.is_empty() || self.tests.iter().any(|wanted| wanted == test)
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number\n{USAGE}"))
}
