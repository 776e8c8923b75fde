"""Measures: what is compared takes turns, so that a slow minute of the machine is one for both."""

import statistics
import sys

from probes import BytesPerEvent
from rows import available, naive_sum
from server import Failed


def in_turns(probes, scale, rounds):
    """Gives each probe's numbers, one a round; every other round goes backwards."""
    numbers = {probe: [] for probe in probes}
    for turn in range(rounds):
        for probe in probes if turn % 2 == 0 else reversed(probes):
            numbers[probe].append(probe.measure(scale))
    return numbers


def measure_rows(rows, scale):
    """Gives a result for each row, in their order; a row that fails says why."""
    groups = {}
    for row in rows:
        groups.setdefault(row.ours, []).append(row)
    results = {}
    for ours, group in groups.items():
        print(f"  {group[0].name}", file=sys.stderr, flush=True)
        probes = dict.fromkeys([ours, *(row.baseline for row in group if row.baseline)])
        rounds = 1 if isinstance(ours, BytesPerEvent) else scale.rounds
        try:
            numbers = in_turns(list(probes), scale, rounds)
            results.update((row, judge(row, numbers)) for row in group)
        except Failed as error:
            results.update((row, {"row": row, "error": str(error)}) for row in group)
    return [results[row] for row in rows]


def judge(row, numbers):
    ours = numbers[row.ours]
    result = {"row": row, "ours": ours, "ours_median": statistics.median(ours)}
    if row.baseline:
        baseline = numbers[row.baseline]
        ratios = [row.goal.ratio(*pair) for pair in zip(ours, baseline)]
        result.update(
            baseline=baseline, baseline_median=statistics.median(baseline),
            ratios=ratios, ratio=statistics.median(ratios),
        )
    result["met"] = row.goal.met(result.get("ratio", result["ours_median"]))
    return result


def measure_curve(scale):
    """Gives for each length of history the median seconds of credit_available and of the sum."""
    print("  latency against history", file=sys.stderr, flush=True)
    curve = []
    for events in scale.histories:
        ours, naive = available(events), naive_sum(scale, events)
        numbers = in_turns([ours, naive], scale, scale.rounds)
        curve.append({
            "events": events,
            "credit_available": statistics.median(numbers[ours]),
            "sum": statistics.median(numbers[naive]),
        })
    return curve
