"""What an application keeps around psycopg: typed errors, exact numbers, transactions that are run again."""

import json
import random
import time
from contextlib import contextmanager
from decimal import Decimal
from functools import partial

import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool

# No number in a jsonb or in the DETAIL of an error becomes a float.
exact_json = partial(json.loads, parse_float=Decimal, parse_int=Decimal)
set_json_loads(exact_json)


class CreditError(Exception):
    """An error of class UC; detail is the JSON object of its DETAIL."""

    def __init__(self, message, detail):
        super().__init__(message)
        self.detail = detail


class InsufficientCredit(CreditError):
    """Nothing was spent. In detail: requested, available, overdraft, subject, feature."""


class IdempotencyConflict(CreditError):
    """The key was used for something else. In detail: key, argument."""


class HoldNotOpen(CreditError):
    """The hold was settled otherwise, released, or has ended. In detail: hold, state, endedAt, settled."""


BY_SQLSTATE = {"UC301": InsufficientCredit, "UC104": IdempotencyConflict, "UC205": HoldNotOpen}


@contextmanager
def credit_errors():
    """Gives errors of class UC their type, and leaves all others as they are."""
    try:
        yield
    except psycopg.Error as error:
        if not (error.sqlstate or "").startswith("UC"):
            raise
        kind = BY_SQLSTATE.get(error.sqlstate, CreditError)
        raise kind(error.diag.message_primary, exact_json(error.diag.message_detail)) from error


def in_transaction(pool, work, attempts=10):
    """Calls work(connection) in a transaction; again where PostgreSQL asks for it (40001, 40P01)."""
    for attempt in range(1, attempts + 1):
        try:
            with credit_errors(), pool.connection() as connection, connection.transaction():
                return work(connection)
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
            if attempt == attempts:
                raise
            time.sleep(random.uniform(0, 0.002 * 2**attempt))


def call(pool, query, *arguments):
    """One statement, in a transaction of its own, and the row that it gives."""
    with credit_errors(), pool.connection() as connection:
        return connection.execute(query, arguments).fetchone()


def open_pool(url, size):
    return ConnectionPool(
        url,
        min_size=1,
        max_size=size,
        open=True,
        kwargs={"autocommit": True, "row_factory": namedtuple_row},
    )
