//! The private cluster, and what it must never say.

use crate::options::Options;
use crate::session::Session;
use std::io::{Read, Seek, SeekFrom};
use std::str::FromStr;
use std::sync::{Arc, Mutex};

/// Warnings that tell of something left behind. PostgreSQL has no SQLSTATE for them.
const LEFT_BEHIND: [&str; 8] = [
    "leak",
    "still active",
    "still referenced",
    "still open",
    "not closed",
    "not popped",
    "out of order",
    "AbortTransaction while in",
];

/// What makes a line of the server's log a finding.
const FATAL: [&str; 6] =
    ["PANIC:", "TRAP:", "was terminated by signal", "panicked at", "XX000", "corrupt"];

/// Internal errors of PostgreSQL's own functions, which sqlsmith calls too.
const NOT_OURS: [&str; 1] = ["invalid INTERVAL typmod"];

/// The cluster, with all that its sessions were warned of.
#[derive(Clone)]
pub struct Server {
    host: String,
    port: u16,
    log: String,
    log_start: u64,
    started: String,
    warnings: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// The cluster of the options, from now on.
    pub fn new(options: &Options) -> Server {
        let log_start = std::fs::metadata(&options.log).map_or(0, |log| log.len());
        let mut server = Server {
            host: options.host.clone(),
            port: options.port,
            log: options.log.clone(),
            log_start,
            started: String::new(),
            warnings: Arc::default(),
        };
        server.started = server.start_time();
        server
    }

    fn start_time(&self) -> String {
        self.connect("postgres").value("SELECT pg_postmaster_start_time()")
    }

    /// What libpq and the client crate connect by.
    pub fn connection_string(&self, database: &str) -> String {
        let Server { host, port, .. } = self;
        format!("host={host} port={port} user=postgres dbname={database}")
    }

    /// A new session, or why there is none.
    pub fn try_connect(&self, database: &str) -> Result<Session, String> {
        let mut config = postgres::Config::from_str(&self.connection_string(database))
            .map_err(|error| error.to_string())?;
        let warnings = Arc::clone(&self.warnings);
        config.notice_callback(move |notice| {
            if LEFT_BEHIND.iter().any(|words| notice.message().contains(words)) {
                warnings.lock().expect("no panic").push(notice.message().to_owned());
            }
        });
        let client = config.connect(postgres::NoTls).map_err(|error| error.to_string())?;
        Session::new(client).map_err(|error| error.to_string())
    }

    /// A new session; failing to connect ends the program, because nothing can be tested then.
    pub fn connect(&self, database: &str) -> Session {
        self.try_connect(database).unwrap_or_else(|error| panic!("no connection: {error}"))
    }

    /// A database of this name, made anew, with the extension in it. Its sessions log no ordinary
    /// errors: clients are told of them.
    pub fn fresh_credit(&self, name: &str) -> Session {
        let mut admin = self.connect("postgres");
        self.end_prepared(name);
        admin.must(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        admin.must(&format!("CREATE DATABASE {name} TEMPLATE template0"));
        admin.must(&format!("ALTER DATABASE {name} SET log_min_messages = log"));
        let mut session = self.connect(name);
        session.must("CREATE EXTENSION credit");
        session
    }

    /// Rolls back what is left prepared in a database; says how many.
    pub fn end_prepared(&self, database: &str) -> usize {
        let left = format!("SELECT gid FROM pg_prepared_xacts WHERE database = '{database}'");
        let left = self.connect("postgres").must(&left);
        for row in &left {
            self.connect(database).must(&format!("ROLLBACK PREPARED '{}'", row.text(0)));
        }
        left.len()
    }

    /// An error if the server has died, or said what it must not.
    pub fn check(&self) -> Result<(), String> {
        let started = self.start_time();
        if started != self.started {
            return Err(format!("the server restarted at {started}"));
        }
        let warnings = self.warnings.lock().expect("no panic");
        if let Some(warning) = warnings.first() {
            return Err(format!("{} warnings such as: {warning}", warnings.len()));
        }
        let mut log = String::new();
        let mut file = std::fs::File::open(&self.log).map_err(|error| error.to_string())?;
        file.seek(SeekFrom::Start(self.log_start)).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        log.push_str(&String::from_utf8_lossy(&bytes));
        let has = |line: &str, any: &[&str]| any.iter().any(|words| line.contains(words));
        let fatal = log.lines().find(|line| has(line, &FATAL) && !has(line, &NOT_OURS));
        match fatal {
            Some(line) => Err(format!("the server's log says: {line}")),
            None => Ok(()),
        }
    }
}
