"""The three things that are measured: how long a call takes, how many fit into a second, what an event takes."""

from dataclasses import dataclass

from server import old_snapshot, pgbench, psql


@dataclass(frozen=True)
class Latency:
    """Seconds a call."""

    script: str
    clients: int = 1
    once: bool = False  # one call is enough to be measured

    def measure(self, scale):
        options = ("-t", "1") if self.once else scale.duration
        return self.clients / pgbench(self.script, options, self.clients)

    @staticmethod
    def show(seconds):
        if seconds < 1e-3:
            return f"{seconds * 1e6:,.1f} µs"
        return f"{seconds * 1e3:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"


@dataclass(frozen=True)
class Rate:
    """Events a second, of which a call writes so many."""

    script: str
    clients: int = 1
    events: int = 1
    once: bool = False  # one call is enough to be measured
    behind_snapshot: bool = False  # while a transaction elsewhere keeps its snapshot, for longer than usual

    def measure(self, scale):
        if self.behind_snapshot:
            with old_snapshot():
                return self.events * pgbench(self.script, scale.behind_snapshot, self.clients)
        options = ("-t", "1") if self.once else scale.duration
        return self.events * pgbench(self.script, options, self.clients)

    @staticmethod
    def show(rate):
        return f"{rate:,.0f} /s"


@dataclass(frozen=True)
class BytesPerEvent:
    """Bytes on disk, indexes included, of events written one a transaction into an empty database and vacuumed."""

    script: str
    events: int
    table: str = "credit.usage_events"
    database: str = "credit_bench_bytes"

    def measure(self, scale):
        psql(f"DROP DATABASE IF EXISTS {self.database}; CREATE DATABASE {self.database};", "postgres")
        psql("CREATE EXTENSION credit; SELECT credit_create_meter('tokens');", self.database)
        # by one client: several leave up to 4 MB of empty pages, which are much on a few events
        pgbench(self.script, ("-t", str(self.events)), database=self.database)
        rows = psql(
            f"VACUUM {self.table}; SELECT pg_total_relation_size('{self.table}')::float8 / count(*) FROM {self.table};",
            self.database,
        )
        psql(f"DROP DATABASE {self.database};", "postgres")
        return float(rows[-1][0])

    @staticmethod
    def show(size):
        return f"{size:,.1f} bytes"
