"""Builds what is measured: histories that differ in length only, many users, and the plain tables."""

import pathlib
import sys
import time

from server import psql

DATA_SQL = pathlib.Path(__file__).with_name("data.sql")


def history(events):
    """The subject of the ledger with so many events."""
    return f"history-{events}"


def spender(events):
    """The subject of the ledger with so many events and 20 active grants."""
    return f"spender-{events}"


def customer(scale, events):
    """The same in plain.customers: the users come first, numbered from 1, then the histories."""
    return scale.users + 1 + scale.histories.index(events)


def build(scale):
    """Builds it all; gives the seconds that each step took."""
    psql(DATA_SQL.read_text())
    seconds = {}
    for events in scale.histories:
        step(seconds, history(events), f"CALL bench.load_history('{history(events)}', {events})")
    for events in (scale.small, scale.large):
        step(seconds, spender(events), f"CALL bench.load_spender('{spender(events)}', {events})")
    step(seconds, "users", f"CALL bench.load_users({scale.users}, {scale.user_events})")
    step(seconds, "plain", f"CALL bench.copy_to_plain({scale.bulk_events})")
    step(seconds, "vacuum", "VACUUM (ANALYZE); CHECKPOINT")
    return seconds


def step(seconds, name, sql):
    started = time.monotonic()
    psql(sql + ";")
    seconds[name] = time.monotonic() - started
    print(f"  data: {name}, {seconds[name]:.1f} s", file=sys.stderr, flush=True)
