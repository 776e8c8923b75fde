// What an application keeps around node-postgres: typed errors, exact numbers, transactions that are run again.
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'lossless-json'
import pg from 'pg'

// numeric arrives as a string. Numbers in jsonb, and in the DETAIL of an error, shall too: never a float.
const exactJson = (text) => parse(text, undefined, (digits) => digits)
pg.types.setTypeParser(pg.types.builtins.JSONB, exactJson)

/** An error of class UC; `detail` is the JSON object of its DETAIL. */
export class CreditError extends Error {
  constructor(error) {
    super(error.message, { cause: error })
    this.name = this.constructor.name
    this.detail = exactJson(error.detail)
  }
}

/** Nothing was spent. In detail: requested, available, overdraft, subject, feature. */
export class InsufficientCredit extends CreditError {}

/** The key was used for something else. In detail: key, argument. */
export class IdempotencyConflict extends CreditError {}

/** The hold was settled otherwise, released, or has ended. In detail: hold, state, endedAt, settled. */
export class HoldNotOpen extends CreditError {}

const bySqlstate = { UC301: InsufficientCredit, UC104: IdempotencyConflict, UC205: HoldNotOpen }

/** Gives errors of class UC their type, and leaves all others as they are. */
function typed(error) {
  if (!error.code?.startsWith('UC')) return error
  return new (bySqlstate[error.code] ?? CreditError)(error)
}

/** Calls work(client) in a transaction; again where PostgreSQL asks for it (40001, 40P01). */
export async function inTransaction(pool, work, attempts = 10) {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect()
    let broken
    try {
      await client.query('BEGIN')
      const result = await work(client)
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch((lost) => { broken = lost })
      if (!['40001', '40P01'].includes(error.code) || attempt === attempts) throw typed(error)
    } finally {
      client.release(broken)
    }
    await sleep(Math.random() * 2 ** attempt * 2)
  }
}

/** One statement, in a transaction of its own, and the first row that it gives. */
export async function call(pool, query, ...values) {
  try {
    return (await pool.query(query, values)).rows[0]
  } catch (error) {
    throw typed(error)
  }
}
