"""Builds the data, measures the rows, writes the results. Started by tests/bench/run."""

import argparse
import json
import os
import pathlib
import sys
import time

import data
import machine
import measure
import plot
import report
from rows import rows
from scales import SCALES
from server import Failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", choices=SCALES, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    scale = SCALES[options.scale]
    started = time.monotonic()
    wanted = [row for row in rows(scale) if options.only in row.name]
    if not wanted:
        raise Failed(f"no row has a name with {options.only!r} in it")

    seconds = data.build(scale)
    described = machine.describe()
    results = measure.measure_rows(wanted, scale)
    curve = [] if options.only else measure.measure_curve(scale)
    described["load_after"] = os.getloadavg()[0]
    seconds["all"] = time.monotonic() - started

    text = f"{report.heading(described, scale)}\n\n{report.table(results)}\n"
    print(text)
    (options.output / "table.md").write_text(text)
    result = report.document(described, scale, results, curve, seconds)
    (options.output / "result.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    if curve:
        (options.output / "latency.svg").write_text(picture(described, curve))
    print(f"{seconds['all']:.0f} s; written to {options.output}", file=sys.stderr)
    return 1 if any("error" in result for result in results) else 0


def picture(described, curve):
    subtitle = f"{described['cores']} cores, {described['memory_gib']} GiB, PostgreSQL {described['postgresql']}"
    return plot.svg("Time of one call against the length of the history", subtitle, [
        ("credit_available", "#0b6e99", [(at["events"], at["credit_available"]) for at in curve]),
        ("SELECT sum(value)", "#c2571a", [(at["events"], at["sum"]) for at in curve]),
    ])


try:
    sys.exit(main())
except Failed as error:
    sys.exit(f"failed: {error}")
