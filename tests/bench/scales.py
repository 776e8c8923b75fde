"""How much data, and how long each measurement takes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    name: str
    histories: tuple[int, ...]  # events in each of the ledgers that differ in nothing else
    small: int  # one of them: what a short history is
    usual: int  # one of them: a ledger as it is after a year
    large: int  # one of them: what a long history is
    users: int  # ledgers beside them
    user_events: int  # events in those, all together
    bulk_events: int  # events in one bulk call
    sized_events: int  # events written to find out what one takes on disk
    rounds: int  # measurements of each side of a row
    duration: tuple[str, ...]  # of one measurement: options of pgbench
    behind_snapshot: tuple[str, ...]  # the same of one behind an old snapshot


SCALES = {
    scale.name: scale
    for scale in (
        Scale(
            "long",
            histories=(1_000, 3_162, 10_000, 31_623, 100_000, 316_228, 1_000_000, 3_162_278),
            small=1_000, usual=100_000, large=1_000_000,
            users=10_000, user_events=10_000_000, bulk_events=200_000, sized_events=200_000,
            rounds=5, duration=("-T", "2"), behind_snapshot=("-T", "60"),
        ),
        Scale(
            "short",
            histories=(1_000, 10_000, 100_000, 1_000_000),
            small=1_000, usual=100_000, large=1_000_000,
            users=1_000, user_events=200_000, bulk_events=50_000, sized_events=50_000,
            rounds=3, duration=("-T", "1"), behind_snapshot=("-T", "5"),
        ),
        Scale(
            "smoke",
            histories=(100, 1_000),
            small=100, usual=1_000, large=1_000,
            users=10, user_events=1_000, bulk_events=1_000, sized_events=1_000,
            rounds=1, duration=("-t", "20"), behind_snapshot=("-t", "20"),
        ),
    )
}
