#!/usr/bin/env python3
"""Writes demo/usage.csv: the usage events of three customers, January and the first days of February 2024.

The times and the size of each event are scattered, the sum of each week is exact, so that demo/demo.sql can state its
arithmetic. The same file comes out each time; it is committed, and this script only tells how it was made.
usage: demo/make-usage.py > demo/usage.csv
"""
import csv
import datetime
import json
import random
import sys

WEEKS = ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22", "2024-01-29", "2024-02-05"]
LAST_DAY_OF_MONTH = 2  # the fifth week is cut: Monday 29 to Wednesday 31 January

# subject, meter, dimensions, (sum, number of events) of each week; sums in 1,000 tokens, to three decimals
TRAFFIC = [
    ("acme", "tokens", {"model": "large"}, [(180, 290), (170, 280), (190, 310), (160, 260), (60, 100), (75, 130)]),
    ("acme", "tokens", {"model": "small"}, [(90, 60), (80, 55), (85, 60), (70, 50), (30, 20), (40, 30)]),
    ("acme", "api-calls", {}, [(150, 150), (140, 140), (160, 160), (130, 130), (70, 70), (60, 60)]),
    ("globex", "tokens", {"model": "large"}, [(150, 170), (160, 180), (170, 190), (120, 130), (50, 60), (80, 90)]),
    ("initech", "tokens", {"model": "large"}, [(50, 90), (40, 70), (25, 45), (30, 55), (10, 20), (5, 10)]),
]


def parts(total, n, rng):
    """n positive amounts, in thousandths, that make exactly total."""
    weights = [rng.uniform(0.2, 1.8) for _ in range(n)]
    amounts = [max(1, int(total * 1000 * w / sum(weights))) for w in weights]
    amounts[-1] += total * 1000 - sum(amounts)
    assert sum(amounts) == total * 1000 and min(amounts) > 0
    return amounts


def events():
    rng = random.Random(2024)
    for subject, meter, dimensions, weeks in TRAFFIC:
        for week, (total, n) in enumerate(weeks):
            monday = datetime.datetime.fromisoformat(WEEKS[week])
            days = LAST_DAY_OF_MONTH if week == 4 else 6
            for amount in parts(total, n, rng):
                value = "1" if meter == "api-calls" else f"{amount / 1000:.3f}"
                seconds = rng.randint(8 * 3600, 20 * 3600) + rng.randint(0, days) * 86400
                yield monday + datetime.timedelta(seconds=seconds), subject, meter, value, dimensions


def main():
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["subject", "meter", "value", "occurred_at", "dimensions", "idempotency_key"])
    numbers = {}
    for at, subject, meter, value, dimensions in sorted(events(), key=lambda e: e[0]):
        numbers[subject] = numbers.get(subject, 0) + 1
        key = f"{subject}-{numbers[subject]:05}"
        out.writerow([subject, meter, value, at.strftime("%Y-%m-%dT%H:%M:%SZ"), json.dumps(dimensions), key])


main()
