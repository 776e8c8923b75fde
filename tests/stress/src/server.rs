//! The private cluster: its databases, its connections, its programs.

use crate::session::{Failure, Session, failure};
use std::path::PathBuf;
use std::process::{Command, Output};

/// Where the cluster listens and where its programs are.
#[derive(Clone)]
pub struct Server {
    /// The directory of its socket.
    pub socket_dir: String,
    /// Its port.
    pub port: u16,
    /// The directory of pg_dump and the others.
    pub bin: PathBuf,
}

impl Server {
    /// A new session; failing to connect ends the program, because nothing can be tested then.
    pub fn connect(&self, database: &str) -> Session {
        match self.try_connect(database) {
            Ok(session) => session,
            Err(failure) => {
                panic!("no connection to {}: {failure}", self.connection_string(database))
            }
        }
    }

    /// A new session, if there is a server.
    pub fn try_connect(&self, database: &str) -> Result<Session, Failure> {
        let config = self.connection_string(database);
        let client = postgres::Client::connect(&config, postgres::NoTls);
        Session::new(client.map_err(|error| failure(&error))?)
    }

    /// What libpq and the client crate connect by.
    pub fn connection_string(&self, database: &str) -> String {
        let Server { socket_dir, port, .. } = self;
        format!("host={socket_dir} port={port} user=postgres dbname={database}")
    }

    /// A database of this name, made anew.
    pub fn fresh_database(&self, name: &str) -> Session {
        let mut admin = self.connect("postgres");
        self.end_prepared(name);
        admin.must(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        admin.must(&format!("CREATE DATABASE {name} TEMPLATE template0"));
        self.connect(name)
    }

    /// The same, with the extension in it.
    pub fn fresh_credit(&self, name: &str) -> Session {
        let mut session = self.fresh_database(name);
        session.must("CREATE EXTENSION credit");
        session
    }

    /// Rolls back what is left prepared in a database.
    pub fn end_prepared(&self, database: &str) {
        let left = format!("SELECT gid FROM pg_prepared_xacts WHERE database = '{database}'");
        let left = self.connect("postgres").must(&left);
        for row in left {
            self.connect(database).must(&format!("ROLLBACK PREPARED '{}'", row.text(0)));
        }
    }

    /// Runs a program of the server's on a database; gives its standard output.
    pub fn program(&self, name: &str, database: &str, args: &[&str]) -> Result<Vec<u8>, String> {
        let Output { status, stdout, stderr } = Command::new(self.bin.join(name))
            .args(["-h", &self.socket_dir, "-p", &self.port.to_string(), "-U", "postgres"])
            .args(["-d", database])
            .args(args)
            .output()
            .map_err(|error| format!("{name}: {error}"))?;
        match status.success() {
            true => Ok(stdout),
            false => Err(format!("{name}: {}", String::from_utf8_lossy(&stderr))),
        }
    }
}
