"""What a shop does with credits, with psycopg 3. Its own tables and the credits are one database."""

from contextlib import suppress

import psycopg
from psycopg.types.json import Jsonb

from credit import call


def place_order(tx, order, customer, credits):
    """The order stands if there is credit for it: both are of one transaction."""
    tx.execute("INSERT INTO orders VALUES (%s, %s, %s)", (order, customer, credits))
    return tx.execute(
        "SELECT * FROM credit_consume(%s, 'assistant', %s)", (customer, credits)
    ).fetchone()


def spend_once(pool, customer, credits, key):
    """No answer came? Call again: one key spends once."""
    return call(
        pool,
        "SELECT * FROM credit_consume(%s, 'assistant', %s, idempotency_key => %s)",
        *(customer, credits, key),
    )


def spend_up_to(pool, customer, credits):
    """Takes what there is."""
    return call(
        pool,
        "SELECT * FROM credit_try_consume(%s, 'assistant', %s, partial => true)",
        *(customer, credits),
    )


def ask_model(pool, customer, most, model):
    """Holds the most that the call can cost, makes it outside of any transaction, settles what it did cost."""
    reserve = "SELECT credit_reserve(%s, 'assistant', %s, expires_in => '5 minutes')"
    (hold,) = call(pool, reserve, customer, most)
    try:
        answer, cost = model()
    except BaseException:
        with suppress(psycopg.Error):  # then it ends by itself
            call(pool, "SELECT credit_release(%s)", hold)
        raise
    call(pool, "SELECT credit_settle(%s, %s)", hold, cost)
    return answer, hold


def send_usage(pool, events):
    """Many events of (customer, tokens, time, model, key) in one call."""
    customers, tokens, times, models, keys = map(list, zip(*events))
    meters, dimensions = ["tokens"] * len(events), [Jsonb({"model": model}) for model in models]
    (taken,) = call(
        pool,
        "SELECT credit_ingest_arrays(%s, %s, %s, %s, %s, %s)",
        *(customers, meters, tokens, times, keys, dimensions),
    )
    return taken


def standing(pool, customer):
    query = "SELECT balance, held, available FROM credit_feature_balances(%s)"
    return tuple(call(pool, query, customer))
