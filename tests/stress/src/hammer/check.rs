//! What must be true after a round, however it went.

use super::log::{Entry, Kind};
use super::past::{self, Past};
use super::replay::{self, Compared};
use super::round::{FEATURES, Plan, now, subject};
use super::{laws, order};
use crate::answers::Question;
use crate::facts;
use crate::grid;
use crate::oracle;
use crate::session::{Row, Session};
use credit_engine::{Amount, Window};
use std::collections::{BTreeMap, HashMap, HashSet};

/// All checks of one round; gives all that is wrong.
pub fn all(
    session: &mut Session,
    plan: &Plan,
    entries: &[Entry],
    gone: &[String],
    compared: &mut Compared,
) -> Vec<String> {
    let namespace = format!("round {}", plan.number);
    session.must(&format!("SET credit.namespace = '{namespace}'"));
    let pasts: Vec<Past> =
        (0..plan.ledgers).map(|ledger| past::load(session, &namespace, &subject(ledger))).collect();
    let mut wrong = acknowledged(session, &pasts, entries);
    wrong.extend(keys(&pasts, entries));
    wrong.extend(rolled_back(&pasts, gone));
    wrong.extend(order::broken(session, &pasts, entries));
    // The entry of the call that did it, not of one that repeated it.
    let mut first: HashMap<&str, &Entry> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.kind.spends() && !entry.replayed) {
        if let Some(other) = first.insert(&entry.id, entry) {
            wrong.push(format!("spent by two calls: {entry:?}\nand {other:?}"));
        }
    }
    for (ledger, past) in pasts.iter().enumerate() {
        wrong.extend(replay::spends(past, &first, compared).err());
        for (name, .., most_overdraft) in FEATURES {
            let overlaps = name == "all";
            if plan.noisy || !overlaps {
                let feature = past.features.iter().find(|feature| feature.name == name);
                let least = Amount::whole(-most_overdraft);
                let until = grid::plus(now(), 3_600_000_000);
                wrong.extend(replay::floor(feature.expect("a feature"), least, until).err());
            }
        }
        wrong.extend(laws::broken(session, &namespace, ledger));
        if laws::features(session, ledger) == 0 {
            wrong.push(format!("no feature of {} adds up", subject(ledger)));
        }
        wrong.extend(answers(session, &namespace, &subject(ledger)));
    }
    wrong
}

/// The reading functions, when all is over, against the naive model.
fn answers(session: &mut Session, namespace: &str, subject: &str) -> Option<String> {
    let at = grid::plus(now(), 2 * 3_600_000_000);
    let question = Question {
        subject: subject.to_owned(),
        features: FEATURES.iter().map(|(name, ..)| (*name).to_owned()).collect(),
        at,
        window: Window { from: grid::plus(at, -3 * 3_600_000_000 + 60_000_000), to: at },
        granularity: None,
    };
    let answers = question.ask(session).expect("answers").by_feature();
    let features = facts::load(session, namespace, subject).expect("facts");
    let model = oracle::answer(&question, &features).by_feature();
    let difference = answers.difference(&model).map(|text| format!("and the model: {text}"));
    difference.or_else(|| oracle::wrong_children(&features))
}

/// Whatever was acknowledged is there, and is what was answered.
fn acknowledged(session: &mut Session, pasts: &[Past], entries: &[Entry]) -> Vec<String> {
    let mut ids: BTreeMap<&str, HashSet<String>> = BTreeMap::new();
    let tables = [
        ("holds", "id"),
        ("hold_ends", "hold_id"),
        ("grants", "id"),
        ("grant_voids", "grant_id"),
        ("resets", "id"),
    ];
    for (table, id) in tables {
        let rows = session.must(&format!("SELECT {id} FROM credit.{table}"));
        ids.insert(table, rows.iter().map(|row| row.text(0).to_owned()).collect());
    }
    let usage_keys = session.must(
        "SELECT key FROM credit.idempotency_keys WHERE scope = 'usage'
            AND namespace = current_setting('credit.namespace')",
    );
    let usage_keys: HashSet<&str> = usage_keys.iter().map(|row| row.text(0)).collect();
    let mut spends: HashMap<&str, Vec<&past::SpendPast>> = HashMap::new();
    for past in pasts {
        for spend in &past.spends {
            spends.entry(&spend.id).or_default().push(spend);
            // A settlement of more than was held is two spends, with one answer.
            if let Some(hold) = &spend.hold_id {
                spends.entry(hold).or_default().push(spend);
            }
        }
    }
    let missing = entries.iter().filter_map(|entry| {
        let is_there = match entry.kind {
            Kind::Reserve => ids["holds"].contains(&entry.id),
            Kind::Release => ids["hold_ends"].contains(&entry.id),
            Kind::Grant => ids["grants"].contains(&entry.id),
            Kind::Void => ids["grant_voids"].contains(&entry.id),
            Kind::Reset => ids["resets"].contains(&entry.id),
            Kind::Ingest => entry.key.as_deref().is_none_or(|key| usage_keys.contains(key)),
            Kind::Consume | Kind::Try | Kind::Batch | Kind::Settle => {
                let found = spends.get(entry.id.as_str()).and_then(|spends| spends.first());
                let rows = match found {
                    Some(past::SpendPast { hold_id: Some(hold), .. }) => &spends[hold.as_str()],
                    Some(_) => &spends[entry.id.as_str()],
                    None => return Some(format!("lost: {entry:?}")),
                };
                is_answered(entry, rows)
            }
        };
        (!is_there).then(|| format!("lost, or not as answered: {entry:?}"))
    });
    missing.collect()
}

/// Whether the rows of a spend say what was answered.
fn is_answered(entry: &Entry, rows: &[&past::SpendPast]) -> bool {
    let Row(columns) = &entry.answer;
    let number = |column: usize| columns[column].as_deref().and_then(|text| text.parse().ok());
    let (first, last) = (rows[0], rows[rows.len() - 1]);
    let amount: Amount = rows.iter().map(|row| row.amount).sum();
    let at = columns[5].as_deref().and_then(|text| text.parse().ok()).map(grid::at);
    number(1) == Some(amount)
        && number(2) == Some(last.balance)
        && number(3) == Some(last.available)
        && at == Some(first.at)
        && first.id == entry.id
        && (rows.len() > 1 || burned(columns[4].as_deref()) == first.burned)
}

/// `[{"amount": 1, "grantID": "…"}, …]`
fn burned(json: Option<&str>) -> Vec<(String, Amount)> {
    let objects = json.unwrap_or_default().split('{').skip(1);
    let member = |object: &str, name: &str| {
        let value = object.split(&format!("\"{name}\": ")).nth(1).unwrap_or_default();
        value.split([',', '}']).next().unwrap_or_default().trim_matches('"').to_owned()
    };
    let mut pairs: Vec<(String, Amount)> = objects
        .map(|object| {
            let amount = member(object, "amount").parse().unwrap_or_default();
            (member(object, "grantID"), amount)
        })
        .collect();
    pairs.sort();
    pairs
}

/// A key spends once, and every call with it was told the same.
fn keys(pasts: &[Past], entries: &[Entry]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut spent: HashSet<&str> = HashSet::new();
    for spend in pasts.iter().flat_map(|past| &past.spends) {
        if let Some(key) = &spend.key
            && !spent.insert(key)
        {
            wrong.push(format!("spent twice with key {key}: {spend}"));
        }
    }
    let mut told: HashMap<(&str, Kind), &Entry> = HashMap::new();
    for entry in entries {
        let Some(key) = &entry.key else { continue };
        if let Some(other) = told.insert((key, entry.kind), entry)
            && entry.kind != Kind::Ingest
            && entry.answer != other.answer
        {
            wrong.push(format!("told otherwise at first: {entry:?}\nand {other:?}"));
        }
    }
    wrong
}

/// What was rolled back is not there.
fn rolled_back(pasts: &[Past], gone: &[String]) -> Vec<String> {
    let gone: HashSet<&str> = gone.iter().map(String::as_str).collect();
    let stayed = pasts.iter().flat_map(|past| &past.spends);
    let stayed = stayed.filter(|spend| gone.contains(spend.id.as_str()));
    stayed.map(|spend| format!("was rolled back: {spend}")).collect()
}
