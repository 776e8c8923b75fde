"""A day of the shop: what it says, it has checked.

Wants examples/setup.sql in a fresh database, and DATABASE_URL, say postgresql://shop@localhost/shop
"""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from decimal import Decimal

import psycopg

from credit import HoldNotOpen, IdempotencyConflict, InsufficientCredit, call, in_transaction, open_pool
from shop import ask_model, place_order, send_usage, spend_once, spend_up_to, standing


def expect(kind, work, *arguments):
    try:
        work(*arguments)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def orders(pool):
    spend = in_transaction(pool, lambda tx: place_order(tx, "1", "acme", Decimal("60")))
    assert (spend.amount, spend.available) == (60, 40)
    second = lambda tx: place_order(tx, "2", "acme", Decimal("60"))
    error = expect(InsufficientCredit, in_transaction, pool, second)
    detail = [error.detail[key] for key in ("requested", "available", "overdraft")]
    assert detail == [60, 40, 0]
    assert call(pool, "SELECT array_agg(id) FROM orders") == (["1"],)
    print(f"order 1 took {spend.amount}; order 2 is not there: {error.detail['available']} are left")


def lost_answer(pool):
    first, again = (spend_once(pool, "acme", Decimal("2.50"), "job 7") for _ in range(2))
    assert (first.replayed, again.replayed) == (False, True) and first.spend_id == again.spend_id
    error = expect(IdempotencyConflict, spend_once, pool, "acme", Decimal("2.51"), "job 7")
    assert error.detail["argument"] == "amount"
    assert standing(pool, "acme") == (Decimal("37.5"), 0, Decimal("37.5"))
    print(f"job 7, called twice, took {again.amount} once; as 2.51 it is another {error.detail['argument']}")


def model_calls(pool):
    def model():
        assert standing(pool, "acme") == (Decimal("37.5"), 30, Decimal("7.5"))
        return "42", Decimal("7.25")

    def broken():
        raise TimeoutError

    answer, hold = ask_model(pool, "acme", 30, model)
    expect(TimeoutError, ask_model, pool, "acme", 30, broken)
    assert standing(pool, "acme") == (Decimal("30.25"), 0, Decimal("30.25"))
    error = expect(HoldNotOpen, call, pool, "SELECT credit_settle(%s, 8)", hold)
    assert (error.detail["state"], error.detail["settled"]) == ("SETTLED", Decimal("7.25"))
    print(f"the model said {answer} for 7.25 of 30; the call that broke cost nothing")


def part(pool):
    some, none = spend_up_to(pool, "acme", 40), spend_up_to(pool, "acme", 40)
    assert (some.allowed, some.amount, some.available) == (True, Decimal("30.25"), 0)
    assert (none.allowed, none.amount, none.spend_id) == (False, 0, None)
    print(f"of 40 there were {some.amount}, and then nothing")


def run_again(pool):
    """Another session spends after our snapshot was taken: 40001, and the transaction is run again."""
    snapshots = []

    def work(tx):
        tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        snapshots.append(tx.execute("SELECT credit_available('globex', 'assistant')").fetchone()[0])
        if len(snapshots) == 1:
            spend_once(pool, "globex", 1, "from elsewhere")
        return place_order(tx, "3", "globex", 1)

    spend = in_transaction(pool, work)
    assert snapshots == [10, 9] and spend.available == 8
    print(f"a spend was tried {len(snapshots)} times: it saw {snapshots[0]}, then {snapshots[1]}")


def all_at_once(pool):
    """Eight connections spend tenths until there is nothing left."""

    def customer(worker):
        for n in range(1000):
            try:
                order = f"{worker}/{n}"
                in_transaction(pool, lambda tx: place_order(tx, order, "globex", Decimal("0.1")))
            except InsufficientCredit:
                return n

    with ThreadPoolExecutor(8) as threads:
        placed = sum(threads.map(customer, range(8)))
    (sold,) = call(pool, "SELECT sum(credits) FROM orders WHERE credits = 0.1")
    assert (placed, sold, standing(pool, "globex")) == (80, 8, (0, 0, 0))
    print(f"8 connections placed {placed} orders of 0.1, and {sold} is what there was")


def exact(pool):
    largest, smallest = Decimal("999999999999999.999999999999"), Decimal("0.000000000001")
    assert standing(pool, "initech")[0] == Decimal("1000000000000000.000000000000")
    spend = in_transaction(pool, lambda tx: place_order(tx, "4", "initech", largest))
    assert (spend.amount, spend.available) == (largest, smallest)
    # A float is not an amount: there is no credit_consume(…, double precision).
    expect(psycopg.errors.UndefinedFunction, spend_once, pool, "initech", 0.1, "a float")
    (document,) = call(pool, "SELECT credit_balance('initech')")
    assert [grant["amount"] for grant in document["grantBalances"]] == [largest, smallest]
    print(f"of {largest} + {smallest:f}, {spend.available:f} is left: nothing was rounded")


def usage(pool):
    now = datetime.now(timezone.utc)
    events = [("acme", Decimal("0.001"), now, "small", f"request {n}") for n in range(1000)]
    assert (send_usage(pool, events), send_usage(pool, events[:10])) == (1000, 0)
    assert standing(pool, "acme") == (0, 0, -1)
    print("1000 events in one call; ten of them again are replays: 1 is owed")


if __name__ == "__main__":
    with open_pool(os.environ["DATABASE_URL"], size=8) as shared:
        for story in (orders, lost_answer, model_calls, part, run_again, all_at_once, exact, usage):
            story(shared)
