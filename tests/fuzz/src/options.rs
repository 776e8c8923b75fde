//! The command line.

use std::time::Duration;

const USAGE: &str = "\
usage: tests/fuzz/run [--seconds N] [--seed N] [--scale N] [TEST]...
  calls       random calls of every function, by several sessions at once, with maintenance beside
  snapshots   reads while the bytes of the snapshots are changed at random
  json        jsonb of any shape, as the batches and maps that functions take
  interrupts  cancel, statement_timeout and termination in the middle of every function
  memory      of a backend, over very many calls
  sqlsmith    Debian's program of that name; only when it is named
  (none)      all of these but sqlsmith
  --seconds N   how long `calls` and `sqlsmith` run, and `snapshots`, `json` and `interrupts` for a
                fifth of it each (default 60)
  --seed N      of the random numbers
  --scale N     percent of the data of `interrupts` (100: 1,000,000 events) and of the calls of
                `memory` (100: 1,000,000) (default 100)";

/// What was asked for.
pub struct Options {
    /// The directory of the server's socket.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// Where the server writes its log.
    pub log: String,
    /// How long the open-ended tests run.
    pub duration: Duration,
    /// What all random choices derive from.
    pub seed: u64,
    /// How much data, in percent.
    pub scale: u64,
    tests: Vec<String>,
}

impl Options {
    /// Reads the arguments; the error is what to tell the user.
    pub fn from_args(
        mut args: impl Iterator<Item = String>,
        tests: &[&str],
    ) -> Result<Options, String> {
        let mut options = Options {
            host: String::new(),
            port: 0,
            log: String::new(),
            duration: Duration::from_secs(60),
            seed: fastrand::u64(..1 << 32),
            scale: 100,
            tests: Vec::new(),
        };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} takes a value\n{USAGE}"));
            match arg.as_str() {
                "--host" => options.host = value()?,
                "--port" => options.port = number(&value()?)?,
                "--log" => options.log = value()?,
                "--seconds" => options.duration = Duration::from_secs(number(&value()?)?),
                "--seed" => options.seed = number(&value()?)?,
                "--scale" => options.scale = number(&value()?)?,
                test if tests.contains(&test) => options.tests.push(arg),
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(options)
    }

    /// Whether a test was asked for; sqlsmith must be named.
    pub fn wants(&self, test: &str) -> bool {
        (self.tests.is_empty() && test != "sqlsmith")
            || self.tests.iter().any(|wanted| wanted == test)
    }

    /// So much of what is done at a scale of 100.
    pub fn scaled(&self, whole: u64) -> u64 {
        (whole * self.scale / 100).max(1)
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number\n{USAGE}"))
}
