//! Dumps, loaded into a database that has the extension.

use super::{ask, next_xid, same, settled, source, stamped_since};
use crate::cache;
use crate::server::Server;
use crate::session::Session;
use std::sync::atomic::{AtomicBool, Ordering};

const SOURCE: &str = "credit_arrivals_source";
const TARGET: &str = "credit_arrivals_target";

/// The data as plain COPY statements in one psql session.
pub fn copied(server: &Server) -> Result<(), String> {
    arrive(server, || {
        let file = dump_file("sql");
        server.program("pg_dump", SOURCE, &["--data-only", "-f", &file])?;
        server.program("psql", TARGET, &["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", &file])?;
        Ok(())
    })
}

/// The data past all triggers.
pub fn triggers_disabled(server: &Server) -> Result<(), String> {
    arrive(server, || restore(server, &["--disable-triggers"]))
}

/// Every table in a transaction of its own, while snapshots are being taken all the time: streams
/// and dimensions come later than events.
pub fn in_parallel(server: &Server) -> Result<(), String> {
    arrive(server, || {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| keep_taking(server.connect(TARGET), &over));
            let restored = restore(server, &["-j", "2"]);
            over.store(true, Ordering::Relaxed);
            restored
        })
    })
}

fn keep_taking(mut session: Session, over: &AtomicBool) {
    cache::set_interval(&mut session, 1);
    while !over.load(Ordering::Relaxed) {
        // While a restore is half done, there can be nothing to take a snapshot of, or locks.
        let _ = cache::maintain(&mut session, source::NAMESPACE);
    }
}

fn dump_file(suffix: &str) -> String {
    let name = format!("credit-arrivals-{}.{suffix}", std::process::id());
    std::env::temp_dir().join(name).display().to_string()
}

fn restore(server: &Server, how: &[&str]) -> Result<(), String> {
    let file = dump_file("dump");
    server.program("pg_dump", SOURCE, &["-Fc", "--data-only", "-f", &file])?;
    let args = [&["--data-only", "--exit-on-error"], how, &[&file]].concat();
    server.program("pg_restore", TARGET, &args).map(|_| ())
}

/// Answers in the source and in the target must be the same.
fn arrive(server: &Server, load: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let mut source = source::fill(server, SOURCE);
    let wanted = ask(&mut source);
    let mut target = server.fresh_credit(TARGET);
    let before = next_xid(&mut target);
    load()?;
    stamped_since(before, &mut target)?;
    same("in the source", &wanted, &mut source)?;
    settled(&wanted, &mut target)
}
