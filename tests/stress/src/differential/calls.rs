//! Random calls of the functions that write, as SQL.

use super::world::{DIMENSIONS, World};
use crate::grid::{self, Dice, MICROS_PER_DAY};
use crate::session::quoted;
use credit_engine::Time;

/// One event: subject, meter, value, time, dimensions.
struct Event {
    subject: String,
    meter: &'static str,
    value: String,
    at: Time,
    dimensions: &'static str,
}

/// Mostly now, sometimes late by hours or by any time, sometimes in the future.
fn event(world: &World, dice: &mut Dice) -> Event {
    let subject = dice.one_of(&world.subjects);
    let day = MICROS_PER_DAY;
    let at = match dice.weighted(&[60, 15, 12, 8, 5]) {
        0 => dice.instant(grid::plus(world.now, -day / 24), world.now),
        1 => dice.instant(grid::plus(world.now, -day), world.now),
        2 => dice.instant(grid::plus(world.begins, -5 * day), world.now),
        3 => dice.instant(world.now, grid::plus(world.now, 2 * day)),
        _ => dice.instant(world.now, grid::plus(world.now, 60 * day)),
    };
    if dice.chance(25) {
        let value = if dice.chance(15) { "-1" } else { "1" };
        return Event { subject, meter: "calls", value: value.to_owned(), at, dimensions: "{}" };
    }
    let sign = if dice.chance(15) { "-" } else { "" };
    let value = format!("{sign}{}", dice.amount());
    Event { subject, meter: "tokens", value, at, dimensions: dice.one_of(&DIMENSIONS) }
}

/// Reads that no question compares, so that the session remembers what it measured.
pub fn look(world: &World, dice: &mut Dice) -> String {
    let subject = &dice.one_of(&world.ledgers).subject;
    format!("SELECT credit_available('{subject}', name) FROM credit_list_features()")
}

/// `credit_ingest`, with a key now and then, which can be a replay or a conflict.
pub fn ingest(world: &World, dice: &mut Dice) -> String {
    let Event { subject, meter, value, at, dimensions } = event(world, dice);
    let key = match dice.chance(10) {
        true => format!("'key {}'", dice.below(40)),
        false => "NULL".to_owned(),
    };
    format!("SELECT credit_ingest('{subject}', '{meter}', {value}, '{at}', '{dimensions}', {key})")
}

/// Events in one call: as JSON or as arrays, few or very many.
pub fn ingest_many(world: &World, dice: &mut Dice) -> String {
    let count = if dice.chance(4) { 1100 } else { dice.between(0, 25) };
    let events: Vec<Event> = (0..count).map(|_| event(world, dice)).collect();
    if dice.chance(50) {
        let elements = events.iter().map(|Event { subject, meter, value, at, dimensions }| {
            format!(
                r#"{{"subject": "{subject}", "meter": "{meter}", "value": {value}, "occurred_at": "{at}", "dimensions": {dimensions}}}"#
            )
        });
        let elements: Vec<String> = elements.collect();
        return format!("SELECT credit_ingest_batch('[{}]')", elements.join(", "));
    }
    let array = |of: &dyn Fn(&Event) -> String, of_type: &str| {
        let elements: Vec<String> = events.iter().map(|event| quoted(&of(event))).collect();
        format!("ARRAY[{}]::{of_type}[]", elements.join(", "))
    };
    format!(
        "SELECT credit_ingest_arrays({}, {}, {}, {}, NULL, {})",
        array(&|event| event.subject.clone(), "text"),
        array(&|event| event.meter.to_owned(), "text"),
        array(&|event| event.value.clone(), "numeric"),
        array(&|event| event.at.to_string(), "timestamptz"),
        array(&|event| event.dimensions.to_owned(), "jsonb"),
    )
}

/// `credit_create_grant` with any terms; half of them backdated, some to come.
pub fn grant(world: &World, dice: &mut Dice) -> String {
    let ledger = dice.one_of(&world.ledgers);
    let feature = dice.one_of(&world.features);
    let effective_at = match dice.below(6) {
        0 => dice.instant(world.now, grid::plus(world.now, 20 * MICROS_PER_DAY)),
        1 | 2 => world.now,
        _ => dice.instant(ledger.measure_from, world.now.max(ledger.measure_from)),
    };
    let subject = &ledger.subject;
    let amount = dice.amount();
    let head = format!("SELECT credit_create_grant('{subject}', '{feature}'");
    if dice.chance(12) {
        return format!("{head}, -{amount}, effective_at => '{effective_at}')");
    }
    let priority = dice.one_of(&["0", "1", "1", "1", "2"]);
    let amount = if dice.chance(30) { format!("{}", dice.between(50, 2000)) } else { amount };
    let expiry = match dice.below(6) {
        0 => format!(", expires_after => '{} days'", dice.between(1, 40)),
        1 => format!(", expires_after => '{} month'", dice.between(1, 3)),
        2 => ", expires_after => '30 years'".to_owned(), // outlives the real clock: can be voided
        _ => String::new(),
    };
    let rollover = dice.one_of(&[
        "",
        ", rollover_type => 'REMAINING_AMOUNT'",
        ", rollover_type => 'REMAINING_AMOUNT', rollover_max_amount => 7.5",
        ", rollover_type => 'ORIGINAL_AMOUNT'",
        ", rollover_type => 'ORIGINAL_AMOUNT', rollover_max_amount => 20",
    ]);
    let recurrence = match dice.below(10) {
        0 | 1 => format!(", recurs_every => '{}'", world.recurrence),
        2 => format!(", recurs_every => '1 week', recurrence_anchor => '{}'", world.begins),
        3 => ", recurs_every => '1 month', recurrence_anchor => '2026-01-31'".to_owned(),
        _ => String::new(),
    };
    format!("{head}, {amount}, {priority}, '{effective_at}'{expiry}{rollover}{recurrence})")
}

/// `credit_void_grant` of any grant, back to its beginning, now, or at any time.
pub fn void(world: &World, dice: &mut Dice) -> String {
    let ledger = dice.one_of(&world.ledgers);
    let at = match dice.below(4) {
        0 | 1 => "g.effective_at".to_owned(),
        2 => quoted(&world.now.to_string()),
        _ => quoted(&world.any_time(dice, &ledger).to_string()),
    };
    let forfeit = dice.chance(60);
    let nth = dice.below(6);
    format!(
        "SELECT (credit_void_grant(g.id, {at}, {forfeit})).amount FROM (SELECT g.* FROM credit.grants g \
         JOIN credit.ledgers l ON l.id = g.ledger_id WHERE l.namespace = '{}' AND l.subject = '{}' \
         ORDER BY g.effective_at DESC, g.created_at, g.id OFFSET {nth} LIMIT 1) AS g",
        world.namespace, ledger.subject
    )
}

/// `credit_retire`, up to any time; the events stay, for the model needs them.
pub fn retire(world: &World, dice: &mut Dice) -> String {
    let at = dice.instant(world.sealed_at, world.now.max(world.sealed_at));
    let batch_size = dice.between(1, 3);
    format!("CALL credit_retire('{at}', delete_events => false, batch_size => {batch_size})")
}

/// The seal of the namespace in microseconds since 1970, if there is one.
pub const SEALED_AT: &str = "SELECT coalesce(max(extract(epoch FROM sealed_at) * 1000000)::bigint, -1) \
    FROM credit.seals WHERE namespace = current_setting('credit.namespace')";

/// `credit_reset`, mostly about now.
pub fn reset(world: &World, dice: &mut Dice) -> String {
    let ledger = dice.one_of(&world.ledgers);
    let earliest = grid::plus(world.now, -3 * MICROS_PER_DAY);
    let at = match dice.below(3) {
        0 => world.now,
        _ => dice.instant(earliest, world.now),
    };
    let preserve = dice.chance(50);
    let reset = format!("credit_reset('{}', '{at}', {preserve})", ledger.subject);
    format!("SELECT jsonb_path_query_array({reset}, '$.grants[*].amount')")
}

/// A spend, an attempt, some together, or a hold that is settled or released at once: at the time of
/// the server's clock. Gives amounts, which do not depend on the caches.
pub fn spend(world: &World, dice: &mut Dice) -> Option<String> {
    let clock = grid::today();
    let ledgers: Vec<_> = world.ledgers.iter().filter(|one| one.measure_from <= clock).collect();
    if ledgers.is_empty() {
        return None;
    }
    let subject = &dice.one_of(&ledgers).subject;
    let feature = dice.one_of(&world.features);
    let sign = if dice.chance(15) { "-" } else { "" };
    let amount = match feature {
        "calls" => "1".to_owned(),
        _ => dice.amount(),
    };
    let overdraft = dice.one_of(&["0", "0", "20", "1000000"]);
    let what = "trim_scale(amount), trim_scale(balance), trim_scale(available)";
    let hold =
        format!("credit_reserve('{subject}', '{feature}', {amount}, overdraft => {overdraft})");
    Some(match dice.below(6) {
        0 => format!(
            "SELECT allowed, {what} FROM credit_try_consume('{subject}', '{feature}', {sign}{amount}, partial => true)"
        ),
        1 => {
            let other = dice.one_of(&ledgers).subject.clone();
            let element = |subject: &str| {
                format!(
                    r#"{{"ledger": "{subject}", "feature": "{feature}", "amount": {sign}{amount}, "overdraft": {overdraft}}}"#
                )
            };
            let elements = [element(subject), element(&other), element(subject)].join(", ");
            format!("SELECT {what} FROM credit_consume_batch('[{elements}]')")
        }
        2 => format!("SELECT {what} FROM credit_settle({hold}, trunc({amount} * 0.75))"),
        3 => format!("SELECT amount FROM credit_release({hold})"),
        _ => format!(
            "SELECT {what} FROM credit_consume('{subject}', '{feature}', {sign}{amount}, overdraft => {overdraft})"
        ),
    })
}
