"""The rows of spends. What they stand against is a balance in a column, with a log of what was taken."""

from data import spender
from goals import AtLeast, AtMost, Row
from probes import Latency, Rate

TAKE = "UPDATE plain.purses SET balance = balance - 1 WHERE id = :n AND balance >= 1"
ONE_STATEMENT = f"WITH u AS ({TAKE} RETURNING id) INSERT INTO plain.log (purse, amount) SELECT id, 1 FROM u;"
TWO_STATEMENTS = f"BEGIN;\n{TAKE};\nINSERT INTO plain.log (purse, amount) VALUES (:n, 1);\nCOMMIT;"
BATCH = 100


def consume(subject):
    return f"SELECT credit_consume({subject}, 'assistant', 1);"


def consume_batch(subject):
    """One call of BATCH spends; the subject of the n-th is an expression of n."""
    return (
        "SELECT count(*) FROM credit_consume_batch((SELECT jsonb_agg(jsonb_build_object("
        f"'ledger', {subject}, 'feature', 'assistant', 'amount', 1)) FROM generate_series(1, {BATCH}) AS n));"
    )


def rows(scale):
    any_one = f"\\set n random(1, {scale.users})\n"
    hot = "\\set n 1\n"
    found = []
    for clients in (1, 4):
        who = f"credit_consume, {scale.users:,} ledgers, {told(clients)}"
        ours = Rate(any_one + consume("'user-' || :n"), clients)
        found.append(Row(who, ours, "UPDATE and log, one statement",
                         Rate(any_one + ONE_STATEMENT, clients), AtLeast(0.5)))
        found.append(Row(who, ours, "the same, two statements",
                         Rate(any_one + TWO_STATEMENTS, clients), AtLeast(1)))
    found.append(Row(f"credit_consume, {scale.large:,} events, 20 grants",
                     Latency(consume(f"'{spender(scale.large)}'")),
                     f"the same, {scale.small:,} events", Latency(consume(f"'{spender(scale.small)}'")), AtMost(1.5)))
    for clients in (1, 4, 16):
        found.append(Row(f"credit_consume, one hot ledger, {told(clients)}",
                         Rate(consume("'user-1'"), clients),
                         "one hot row, one statement", Rate(hot + ONE_STATEMENT, clients)))
    behind = Rate(consume("'user-1'"), 4, behind_snapshot=True)
    found.append(Row("credit_consume, one hot ledger, 4 clients, behind an old snapshot", behind,
                     "the same, nothing behind", Rate(consume("'user-1'"), 4)))
    found.append(Row("credit_consume, one hot ledger, 4 clients, behind an old snapshot", behind,
                     "one hot row behind an old snapshot", Rate(hot + ONE_STATEMENT, 4, behind_snapshot=True)))
    found.append(Row(f"credit_consume_batch, {BATCH} ledgers a call, per spend",
                     Rate(consume_batch(f"'user-' || 1 + n % {scale.users}"), events=BATCH),
                     "UPDATE and log, one statement", Rate(any_one + ONE_STATEMENT)))
    found.append(Row(f"credit_consume_batch, {BATCH} of one ledger a call, per spend",
                     Rate(consume_batch("'user-1'"), events=BATCH),
                     "one hot row, one statement", Rate(hot + ONE_STATEMENT)))
    return found


def told(clients):
    return "1 client" if clients == 1 else f"{clients} clients"
