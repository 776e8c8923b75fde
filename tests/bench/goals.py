"""What a row wants of its two sides. A ratio is always ours to the baseline, or the other way round for `Faster`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AtMost:
    """Ours is at most so many times the baseline."""

    limit: float

    def ratio(self, ours, baseline):
        return ours / baseline

    def met(self, ratio):
        return ratio <= self.limit

    def __str__(self):
        return f"≤ {self.limit:g} ×"


@dataclass(frozen=True)
class AtLeast(AtMost):
    """Ours is at least so many times the baseline."""

    def met(self, ratio):
        return ratio >= self.limit

    def __str__(self):
        return f"≥ {self.limit:g} ×"


@dataclass(frozen=True)
class Faster(AtLeast):
    """Ours takes at most the so-manieth part of the time of the baseline."""

    def ratio(self, ours, baseline):
        return baseline / ours

    def __str__(self):
        return f"≥ {self.limit:g} × faster"


@dataclass(frozen=True)
class NoMoreThan(AtMost):
    """Ours, which stands against nothing, is at most so much."""

    def __str__(self):
        return f"≤ {self.limit:g}"


@dataclass(frozen=True)
class NoGoal(AtMost):
    """Told for what it is."""

    limit: float = float("nan")

    def met(self, ratio):
        return None

    def __str__(self):
        return "–"


@dataclass(frozen=True)
class Row:
    """What is measured against what, and how it should come out."""

    name: str
    ours: object
    against: str = ""
    baseline: object = None
    goal: object = NoGoal()
