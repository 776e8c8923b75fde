// A day of the shop: what it says, it has checked.
// Wants examples/setup.sql in a fresh database, and DATABASE_URL, say postgresql://shop@localhost/shop
import assert from 'node:assert/strict'
import pg from 'pg'
import { HoldNotOpen, IdempotencyConflict, InsufficientCredit, call, inTransaction } from './credit.js'
import { askModel, placeOrder, sendUsage, spendOnce, spendUpTo, standing } from './shop.js'

/** The error, which must be of that kind. */
async function expect(kind, promise) {
  const error = await promise.then(() => assert.fail('an error was expected'), (error) => error)
  if (!(error instanceof kind)) throw error
  return error
}

async function orders(pool) {
  const spend = await inTransaction(pool, (tx) => placeOrder(tx, '1', 'acme', '60'))
  assert.deepEqual([spend.amount, spend.available], ['60', '40'])
  const second = inTransaction(pool, (tx) => placeOrder(tx, '2', 'acme', '60'))
  const { detail } = await expect(InsufficientCredit, second)
  assert.deepEqual([detail.requested, detail.available, detail.overdraft], ['60', '40', '0'])
  assert.deepEqual(await call(pool, 'SELECT array_agg(id) AS ids FROM orders'), { ids: ['1'] })
  console.log(`order 1 took ${spend.amount}; order 2 is not there: ${detail.available} are left`)
}

async function lostAnswer(pool) {
  const first = await spendOnce(pool, 'acme', '2.50', 'job 7')
  const again = await spendOnce(pool, 'acme', '2.50', 'job 7')
  assert.deepEqual({ ...first, replayed: true }, again)
  assert.equal(first.replayed, false)
  const error = await expect(IdempotencyConflict, spendOnce(pool, 'acme', '2.51', 'job 7'))
  assert.equal(error.detail.argument, 'amount')
  assert.deepEqual(await standing(pool, 'acme'), ['37.5', '0', '37.5'])
  console.log(`job 7, called twice, took ${again.amount} once; as 2.51 it is another ${error.detail.argument}`)
}

async function modelCalls(pool) {
  const { answer, hold } = await askModel(pool, 'acme', '30', async () => {
    assert.deepEqual(await standing(pool, 'acme'), ['37.5', '30', '7.5'])
    return { answer: '42', cost: '7.25' }
  })
  await expect(RangeError, askModel(pool, 'acme', '30', async () => { throw new RangeError() }))
  assert.deepEqual(await standing(pool, 'acme'), ['30.25', '0', '30.25'])
  const { detail } = await expect(HoldNotOpen, call(pool, 'SELECT credit_settle($1, 8)', hold))
  assert.deepEqual([detail.state, detail.settled], ['SETTLED', '7.25'])
  console.log(`the model said ${answer} for 7.25 of 30; the call that broke cost nothing`)
}

async function part(pool) {
  const some = await spendUpTo(pool, 'acme', '40')
  const none = await spendUpTo(pool, 'acme', '40')
  assert.deepEqual([some.allowed, some.amount, some.available], [true, '30.25', '0'])
  assert.deepEqual([none.allowed, none.amount, none.spend_id], [false, '0', null])
  console.log(`of 40 there were ${some.amount}, and then nothing`)
}

/** Another session spends after our snapshot was taken: 40001, and the transaction is run again. */
async function runAgain(pool) {
  const snapshots = []
  const spend = await inTransaction(pool, async (tx) => {
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    const { rows } = await tx.query("SELECT credit_available('globex', 'assistant') AS seen")
    snapshots.push(rows[0].seen)
    if (snapshots.length === 1) await spendOnce(pool, 'globex', '1', 'from elsewhere')
    return placeOrder(tx, '3', 'globex', '1')
  })
  assert.deepEqual([...snapshots, spend.available], ['10', '9', '8'])
  console.log(`a spend was tried ${snapshots.length} times: it saw ${snapshots.join(', then ')}`)
}

/** Eight connections spend tenths until there is nothing left. */
async function allAtOnce(pool) {
  const customer = async (worker) => {
    for (let n = 0; ; n++) {
      try {
        await inTransaction(pool, (tx) => placeOrder(tx, `${worker}/${n}`, 'globex', '0.1'))
      } catch (error) {
        if (error instanceof InsufficientCredit) return n
        throw error
      }
    }
  }
  const counts = await Promise.all([...Array(8).keys()].map(customer))
  const placed = counts.reduce((a, b) => a + b)
  const { sold } = await call(pool, 'SELECT sum(credits) AS sold FROM orders WHERE credits = 0.1')
  assert.deepEqual([placed, sold, ...await standing(pool, 'globex')], [80, '8.0', '0', '0', '0'])
  console.log(`8 connections placed ${placed} orders of 0.1, and ${sold} is what there was`)
}

async function exact(pool) {
  const [largest, smallest] = ['999999999999999.999999999999', '0.000000000001']
  const spend = await inTransaction(pool, (tx) => placeOrder(tx, '4', 'initech', largest))
  assert.deepEqual([spend.amount, spend.available], [largest, smallest])
  // A sum of floats is refused, not rounded: 0.1 + 0.2 is 0.30000000000000004. Let the database add.
  const error = await expect(pg.DatabaseError, spendOnce(pool, 'initech', 0.1 + 0.2, 'floats'))
  assert.equal(error.code, '22003')
  const { document } = await call(pool, "SELECT credit_balance('initech') AS document")
  assert.deepEqual(document.grantBalances.map((grant) => grant.amount), [largest, smallest])
  console.log(`of ${largest} + ${smallest}, ${spend.available} is left: nothing was rounded`)
}

async function usage(pool) {
  const time = new Date()
  const event = (n) => ({ customer: 'acme', tokens: '0.001', time, model: 'small', key: `request ${n}` })
  const events = [...Array(1000).keys()].map(event)
  assert.deepEqual([await sendUsage(pool, events), await sendUsage(pool, events.slice(0, 10))], ['1000', '0'])
  assert.deepEqual(await standing(pool, 'acme'), ['0', '0', '-1'])
  console.log('1000 events in one call; ten of them again are replays: 1 is owed')
}

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 })
for (const story of [orders, lostAnswer, modelCalls, part, runAgain, allAtOnce, exact, usage]) await story(pool)
await pool.end()
