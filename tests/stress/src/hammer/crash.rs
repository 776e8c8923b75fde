//! The whole server dies at once, as by a power cut that spares the disk, and is started again.

use crate::server::Server;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// Kills the postmaster and all its children with SIGKILL, and starts the server again with the
/// options that it had.
pub fn kill_and_restart(server: &Server) -> Result<(), String> {
    let data: String = server.connect("postgres").value("SHOW data_directory");
    let data = Path::new(&data);
    let pid_file = data.join("postmaster.pid");
    let lines =
        fs::read_to_string(&pid_file).map_err(|error| format!("postmaster.pid: {error}"))?;
    let postmaster = lines.lines().next().unwrap_or_default().trim().to_owned();
    // A stopped parent makes no more children.
    signal("STOP", std::slice::from_ref(&postmaster))?;
    let mut all = children_of(&postmaster);
    all.push(postmaster.clone());
    signal("KILL", &all)?;
    let killed = Instant::now();
    while all.iter().any(|pid| state_and_parent(pid).is_some_and(|(state, _)| state != 'Z')) {
        if killed.elapsed() > PATIENCE {
            return Err(format!("not all of {all:?} are dead"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    if state_and_parent(&postmaster).is_some() {
        // Nobody reaps it, as in some containers: a server would take the corpse for a living one.
        let socket = format!("{}/.s.PGSQL.{}.lock", server.socket_dir, server.port);
        fs::remove_file(&pid_file).and_then(|()| fs::remove_file(socket)).map_err(text)?;
    }
    start(server, data)
}

/// `pg_ctl restart` takes the options of the server that has gone, as the user that it ran as.
fn start(server: &Server, data: &Path) -> Result<(), String> {
    let log = data.parent().unwrap_or(data).join("server.log");
    let mut command = Command::new(server.bin.join("pg_ctl"));
    command.arg("restart").arg("-D").arg(data).arg("-l").arg(log).args(["-w", "-t", "60"]);
    command.env("RUST_BACKTRACE", "0").current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let owner = fs::metadata(data).map_err(text)?;
    if fs::metadata("/proc/self").map_err(text)?.uid() == 0 {
        command.uid(owner.uid()).gid(owner.gid());
    }
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("pg_ctl: {status}")),
        Err(error) => Err(format!("pg_ctl: {error}")),
    }
}

fn text(error: std::io::Error) -> String {
    error.to_string()
}

fn signal(name: &str, pids: &[String]) -> Result<(), String> {
    // Some of them may be gone already.
    let kill =
        format!("for pid in {}; do kill -{name} $pid; done 2>/dev/null; true", pids.join(" "));
    Command::new("sh").args(["-c", &kill]).status().map(|_| ()).map_err(text)
}

fn children_of(parent: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|pid| state_and_parent(pid).is_some_and(|(_, of)| of == parent))
        .collect()
}

/// What `/proc` says of a process; the name before it is in parentheses and can hold anything.
fn state_and_parent(pid: &str) -> Option<(char, String)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut rest = stat[stat.rfind(')')? + 1..].split_whitespace();
    Some((rest.next()?.chars().next()?, rest.next()?.to_owned()))
}
