"""The rows: name, ours, what it stands against, the baseline, the goal. A new one is added here and nowhere else.

Scripts are pgbench's. Rows with the same `ours` are measured together. Tables of schema plain: see data.sql.
"""

import spends
from data import customer, history
from goals import AtLeast, AtMost, Faster, NoMoreThan, Row
from probes import BytesPerEvent, Latency, Rate


def available(events):
    return Latency(f"SELECT credit_available('{history(events)}', 'assistant');")


def naive_sum(scale, events):
    # the customer as a literal: the planner then knows how many events there are, and takes its best plan
    return Latency(f"SELECT sum(value) FROM plain.usage WHERE customer = {customer(scale, events)};")


def rows(scale):
    user = f"\\set n random(1, {scale.users})\n"
    event = f"{user}\\set v random(1, 99999)\n"
    wallet = f"{user}SELECT balance FROM plain.wallets WHERE subject = 'user-' || :n AND feature = 'assistant';"
    ingest = f"{event}SELECT credit_ingest('user-' || :n, 'tokens', 0.001 * :v);"
    insert = f"{event}INSERT INTO plain.events (stream_id, occurred_at, value) VALUES (:n, now(), 0.001 * :v);"
    ingest_key = (
        f"{event}\\set k random(1, 9000000000000000000)\n"
        "SELECT credit_ingest('user-' || :n, 'tokens', 0.001 * :v, dimensions => '{\"model\": \"m1\"}',"
        " idempotency_key => 'key ' || :k);"
    )
    insert_key = (
        f"{event}\\set k random(1, 9000000000000000000)\n"
        "WITH key AS (INSERT INTO plain.keys VALUES ('key ' || :k) ON CONFLICT DO NOTHING RETURNING key)"
        " INSERT INTO plain.events (stream_id, occurred_at, dims_id, value) SELECT :n, now(), 1, 0.001 * :v FROM key;"
    )
    bulk = scale.bulk_events
    insert_select = Rate(
        "INSERT INTO plain.events (stream_id, occurred_at, value) SELECT customer, occurred_at, value FROM plain.bulk;",
        events=bulk, once=True,
    )
    month = "now() - interval '2 months', now() - interval '1 month'"
    # for the size: a thousand events a subject, as events come
    sized = f"\\set n random(1, {max(1, scale.sized_events // 1000)})\n\\set v random(1, 99999)\n"

    return [
        Row(f"credit_available, {scale.large:,} events", available(scale.large),
            f"the same, {scale.small:,} events", available(scale.small), AtMost(1.5)),
        Row(f"credit_available, {scale.large:,} events", available(scale.large),
            "SELECT sum(value), index-only", naive_sum(scale, scale.large), Faster(500)),
        Row(f"credit_available, {scale.large:,} events", available(scale.large),
            "primary-key SELECT", Latency(f"{user}SELECT subject FROM plain.customers WHERE id = :n;"), AtMost(3)),
        Row(f"credit_available, {scale.large:,} events", available(scale.large),
            "SELECT of a balance column", Latency(wallet)),
        Row(f"credit_available, any of {scale.users:,} ledgers, 4 clients",
            Latency(f"{user}SELECT credit_available('user-' || :n, 'assistant');", clients=4),
            "SELECT of a balance column", Latency(wallet, clients=4)),
        Row(f"credit_available as of half a year ago, {scale.large:,} events",
            Latency(f"SELECT credit_available('{history(scale.large)}', 'assistant', now() - interval '180 days');"),
            "the same now", available(scale.large)),
        Row(f"credit_ledger_balances, {scale.users:,} ledgers with {scale.user_events:,} events",
            Latency("SELECT sum(available) FROM credit_ledger_balances('assistant');", once=True),
            "SELECT sum(value) … GROUP BY customer",
            Latency("SELECT sum(used) FROM (SELECT stream_id, sum(value) AS used FROM plain.events"
                    " GROUP BY stream_id) AS u;", once=True)),
        Row("credit_ingest, 1 client", Rate(ingest), "INSERT", Rate(insert), AtLeast(0.7)),
        Row("credit_ingest, 4 clients", Rate(ingest, clients=4), "INSERT", Rate(insert, clients=4), AtLeast(0.7)),
        Row("credit_ingest with dimensions and key, 1 client", Rate(ingest_key),
            "INSERT, and of the key", Rate(insert_key)),
        Row(f"credit_ingest_arrays, {bulk:,} events",
            Rate("SELECT credit_ingest_arrays(array_agg(subject), array_agg(meter), array_agg(value),"
                 " array_agg(occurred_at)) FROM plain.bulk;", events=bulk, once=True),
            "INSERT … SELECT", insert_select, AtLeast(0.5)),
        Row(f"credit_ingest_batch, {bulk:,} events",
            Rate("SELECT credit_ingest_batch(events::jsonb) FROM plain.bulk_document;", events=bulk, once=True),
            "INSERT … SELECT", insert_select, AtLeast(0.5)),
        Row("an event on disk, with index",
            BytesPerEvent(f"{sized}SELECT credit_ingest('user-' || :n, 'tokens', 0.001 * :v);", scale.sized_events),
            goal=NoMoreThan(100)),
        Row(f"credit_balance, {scale.usual:,} events, 12 resets",
            Latency(f"SELECT credit_balance('{history(scale.usual)}');"),
            f"the same, {scale.small:,} events", Latency(f"SELECT credit_balance('{history(scale.small)}');")),
        Row(f"credit_history of a month by day, {scale.usual:,} events",
            Latency(f"SELECT * FROM credit_history('{history(scale.usual)}', {month}, granularity => 'DAY');"),
            "sums by day, index-only",
            Latency("SELECT date_trunc('day', occurred_at), sum(value) FROM plain.usage"
                    f" WHERE customer = {customer(scale, scale.usual)} AND occurred_at >= now() - interval '2 months'"
                    " AND occurred_at < now() - interval '1 month' GROUP BY 1;")),
        *spends.rows(scale),
    ]
