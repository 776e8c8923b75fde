// What a shop does with credits, with node-postgres. Its own tables and the credits are one database.
// Amounts are strings, as they come: never parseFloat.
import { call } from './credit.js'

/** The order stands if there is credit for it: both are of one transaction. */
export async function placeOrder(tx, order, customer, credits) {
  await tx.query('INSERT INTO orders VALUES ($1, $2, $3)', [order, customer, credits])
  const spend = "SELECT * FROM credit_consume($1, 'assistant', $2)"
  return (await tx.query(spend, [customer, credits])).rows[0]
}

/** No answer came? Call again: one key spends once. */
export function spendOnce(pool, customer, credits, key) {
  const spend = "SELECT * FROM credit_consume($1, 'assistant', $2, idempotency_key => $3)"
  return call(pool, spend, customer, credits, key)
}

/** Takes what there is. */
export function spendUpTo(pool, customer, credits) {
  const spend = "SELECT * FROM credit_try_consume($1, 'assistant', $2, partial => true)"
  return call(pool, spend, customer, credits)
}

/** Holds the most that the call can cost, makes it outside of any transaction, settles what it did cost. */
export async function askModel(pool, customer, most, model) {
  const reserve = "SELECT credit_reserve($1, 'assistant', $2, expires_in => '5 minutes') AS hold"
  const { hold } = await call(pool, reserve, customer, most)
  let reply
  try {
    reply = await model()
  } catch (error) {
    await call(pool, 'SELECT credit_release($1)', hold).catch(() => {}) // then it ends by itself
    throw error
  }
  await call(pool, 'SELECT credit_settle($1, $2)', hold, reply.cost)
  return { ...reply, hold }
}

/** Many events of { customer, tokens, time, model, key } in one call. */
export async function sendUsage(pool, events) {
  const { taken } = await call(
    pool,
    'SELECT credit_ingest_arrays($1, $2, $3, $4, $5, $6) AS taken',
    events.map((event) => event.customer),
    events.map(() => 'tokens'),
    events.map((event) => event.tokens),
    events.map((event) => event.time),
    events.map((event) => event.key),
    events.map((event) => ({ model: event.model })),
  )
  return taken
}

export async function standing(pool, customer) {
  const query = 'SELECT balance, held, available FROM credit_feature_balances($1)'
  return Object.values(await call(pool, query, customer))
}
