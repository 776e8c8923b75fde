"""psql and pgbench on the private cluster; the environment says where it is."""

import contextlib
import os
import re
import subprocess

CORES = os.cpu_count() or 1


class Failed(Exception):
    """A statement or a measurement that gave an error."""


def psql(sql, database=None):
    """Runs statements, each in its own transaction; gives the rows of the last as lists of text."""
    command = ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    output = run(command + (["-d", database] if database else []), sql)
    return [line.split("\t") for line in output.splitlines()]


def pgbench(script, options, clients=1, database=None):
    """Runs a script through the socket with prepared statements; gives how often in a second."""
    command = ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, CORES))]
    output = run([*command, *options, "-f", "/dev/stdin", *([database] if database else [])], script)
    return float(re.search(r"tps = ([\d.]+) \(without initial connection time\)", output)[1])


@contextlib.contextmanager
def old_snapshot():
    """A transaction elsewhere that has taken its snapshot and keeps it."""
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
        session.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 'taken' FROM pg_class LIMIT 1;\n")
        session.stdin.flush()
        if session.stdout.readline().strip() != "taken":
            raise Failed("no transaction could be opened")
        yield


def run(command, text):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        raise Failed((errors or done.stderr.splitlines() or ["no output"])[0].strip())
    return done.stdout
