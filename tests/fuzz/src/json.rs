//! `jsonb` of any shape: what the extension reads in place must be what PostgreSQL itself reads.

use crate::options::Options;
use crate::report::{Report, ensure};
use crate::server::Server;
use crate::values::Dice;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Instant;

const DATABASE: &str = "credit_fuzz_json";

/// Sends generated JSON to every argument that takes some.
pub fn run(options: &Options, server: &Server, report: &mut Report) {
    let mut session = server.fresh_credit(DATABASE);
    session.must(
        "SELECT credit_create_meter('m', group_by => '{a,b}'), credit_create_feature('f', 'm'),
                credit_create_ledger('s', measure_from => '2024-01-01'),
                credit_create_grant('s', 'f', 1000000)",
    );
    let mut dice = Dice::new(options.seed);
    let until = Instant::now() + options.duration / 5;
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    let mut outcome = Ok(());
    while Instant::now() < until && outcome.is_ok() {
        let (sql, wanted) = question(&mut dice);
        let answer = session.rows(&sql);
        let code = answer.as_ref().err().map_or("", |error| &error.code).to_owned();
        outcome = match &answer {
            // What was stored or counted is what PostgreSQL sees.
            Ok(rows) => {
                ensure(rows.iter().all(|row| row.text(0) == "t"), || format!("not the same: {sql}"))
            }
            Err(error) if wanted.contains(&error.code.as_str()) => Ok(()),
            Err(error) => Err(format!("{error}\nin: {sql}")),
        };
        *codes.entry(code).or_default() += 1;
    }
    report.note(format!("json: {} calls; by SQLSTATE {codes:?}", codes.values().sum::<u64>()));
    report.outcome("json: every shape is read as PostgreSQL reads it, or refused", outcome);
}

/// A query that gives true where the extension has read what was sent, and its refusals.
fn question(dice: &mut Dice) -> (String, Vec<&'static str>) {
    let literal = |json: &str| format!("'{}'::jsonb", json.replace('\'', "''"));
    match dice.0.u32(..5) {
        0 => {
            let json = literal(&any_json(dice, 0));
            let sql = format!(
                "SELECT metadata = {json} FROM credit_create_grant('s', 'f', 1, metadata => {json})"
            );
            (sql, vec!["22023", "54000"])
        }
        1 => {
            let json = literal(&string_map(dice));
            let sql = format!(
                "SELECT metadata = {json} FROM credit_create_grant('s', 'f', 1, metadata => {json}) AS g"
            );
            (sql, vec!["22023"])
        }
        2 => {
            let json = literal(&any_json(dice, 0));
            (
                format!("SELECT credit_ingest_batch({json}) = 0"),
                vec!["22023", "22003", "22004", "UC004"],
            )
        }
        3 => {
            // Values that are sums of what PostgreSQL itself makes of the numbers.
            let (mut events, mut sum) = (Vec::new(), Vec::new());
            for _ in 0..dice.0.u32(1..6) {
                let number = number(dice);
                let shown = if dice.chance(20) { format!("\"{number}\"") } else { number.clone() };
                let rest = match dice.0.u32(..3) {
                    0 => ", \"dimensions\": {\"a\": \"1\", \"b\": \"\"}",
                    1 => ", \"occurred_at\": null, \"idempotency_key\": null",
                    _ => "",
                };
                events.push(format!(
                    "{{\"value\": {shown}, \"subject\": \"t\", \"meter\": \"m\"{rest}}}"
                ));
                sum.push(format!("{number}::numeric"));
            }
            let (count, events, sum) = (events.len(), events.join(", "), sum.join(" + "));
            let sql = format!(
                "WITH sent AS MATERIALIZED (SELECT credit_ingest_batch('[{events}]') AS n)
                 SELECT n = {count} FROM sent;
                 SELECT sum(e.value) = {sum} FROM credit.usage_events AS e
                  WHERE e.xid = (SELECT max(xid) FROM credit.usage_events)"
            );
            (sql, vec!["22003", "22023"])
        }
        _ => {
            let name = dice.one_of(&["spends", "events"]);
            let function =
                if name == "spends" { "credit_consume_batch" } else { "credit_ingest_batch" };
            let json = literal(&almost_batch(dice, name == "spends"));
            (
                format!("SELECT count(*) >= 0 FROM {function}({json})"),
                vec!["22023", "22003", "22004", "UC001", "UC002", "UC004", "UC104", "UC301"],
            )
        }
    }
}

fn any_json(dice: &mut Dice, depth: u32) -> String {
    match dice.0.u32(..if depth < 4 { 9 } else { 6 }) {
        0 => "null".to_owned(),
        1 => dice.one_of(&["true", "false"]).to_owned(),
        2 => number(dice),
        3..6 => string(dice),
        6 => {
            let elements: Vec<String> =
                (0..dice.0.u32(..5)).map(|_| any_json(dice, depth + 1)).collect();
            format!("[{}]", elements.join(", "))
        }
        _ => {
            let members: Vec<String> = (0..dice.0.u32(..5))
                .map(|_| format!("{}: {}", string(dice), any_json(dice, depth + 1)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

fn string_map(dice: &mut Dice) -> String {
    let count = if dice.chance(3) { 400 } else { dice.0.u32(..8) };
    let members: Vec<String> =
        (0..count).map(|_| format!("{}: {}", string(dice), string(dice))).collect();
    format!("{{{}}}", members.join(", "))
}

/// An element that is nearly right: members left out, of the wrong type, or twice.
fn almost_batch(dice: &mut Dice, of_spends: bool) -> String {
    let names: &[(&str, &str)] = match of_spends {
        true => &[
            ("ledger", "\"s\""),
            ("feature", "\"f\""),
            ("amount", "0.001"),
            ("idempotency_key", "null"),
            ("overdraft", "0"),
            ("dimensions", "{}"),
            ("metadata", "{}"),
        ],
        false => &[
            ("subject", "\"s\""),
            ("meter", "\"m\""),
            ("value", "0.001"),
            ("occurred_at", "\"2024-02-29T12:00:00Z\""),
            ("dimensions", "{\"a\": \"1\"}"),
        ],
    };
    let elements: Vec<String> = (0..dice.0.u32(1..4))
        .map(|_| {
            let mut members = Vec::new();
            for (name, value) in names {
                match dice.0.u32(..25) {
                    0 => {}
                    1 => members.push(format!("\"{name}\": {}", any_json(dice, 2))),
                    2 => members.push(format!("\"{name}\": {value}, \"{name}\": {}", string(dice))),
                    _ => members.push(format!("\"{name}\": {value}")),
                }
            }
            if dice.chance(5) {
                members.push(format!("{}: {}", string(dice), any_json(dice, 3)));
            }
            format!("{{{}}}", members.join(", "))
        })
        .collect();
    format!("[{}]", elements.join(", "))
}

fn number(dice: &mut Dice) -> String {
    let sign = dice.one_of(&["", "", "-"]);
    match dice.0.u32(..12) {
        0 => "0".to_owned(),
        1 => format!("{sign}{}", 10_u64.pow(dice.0.u32(..18))),
        2 => format!("{sign}0.{}1", "0".repeat(dice.0.usize(..14))),
        3 => format!("{sign}1.{}", "0".repeat(dice.0.usize(1..30))),
        4 => format!("{sign}{}e{}", dice.0.u32(1..99), dice.0.i32(-14..14)),
        5 => format!("{sign}999999999999999.999999999999"),
        6 => format!("{sign}1{}", "0".repeat(dice.0.usize(..900))),
        _ => format!("{sign}{}.{}", dice.0.u32(..), dice.0.u32(..)),
    }
}

fn string(dice: &mut Dice) -> String {
    const PARTS: [&str; 14] = [
        "a",
        "b",
        "1",
        " ",
        "\\\"",
        "\\\\",
        "\\n",
        "\\u0001",
        "\\ud83d\\ude00",
        "é",
        "\u{202e}",
        "\u{10ffff}",
        "$serde_json::private::Number",
        "'",
    ];
    let mut text = String::from('"');
    let count = match dice.0.u32(..30) {
        0 => 3000,
        other => other % 4,
    };
    for _ in 0..count {
        write!(text, "{}", dice.one_of(&PARTS)).expect("a string takes all");
    }
    text.push('"');
    text
}
