//! Writers: single events mostly, and transactions of every shape.

use super::accounts::{Account, DIMENSIONS, FEATURES, Kind};
use super::shared::{NAMESPACE, Shared};
use super::{plain, prepared};
use crate::cache;
use crate::grid::Dice;
use crate::session::{Failure, Session};
use std::time::Duration;

/// What a call may be refused with: rules of the extension, times that are to come for the server,
/// and a snapshot that is older than the account.
const REFUSALS: [&str; 11] = [
    "UC001", "UC003", "UC104", "UC202", "UC203", "UC204", "UC206", "UC301", "22023", "25001",
    "P0002",
];

/// Writes until the run ends.
pub fn work(shared: &Shared, seed: u64) {
    let mut writer = Writer { shared, dice: Dice::new(seed), session: shared.connect() };
    while !shared.is_over() {
        if writer.dice.chance(5) {
            let interval = writer.dice.one_of(&[1, 1, 4, 16, 64]);
            cache::set_interval(&mut writer.session, interval);
        }
        if let Err(failure) = writer.transaction() {
            writer.session.must("ROLLBACK");
            match failure.code.as_str() {
                _ if failure.is_of_isolation() => shared.tally.failure(&failure.code),
                code if REFUSALS.contains(&code) => shared.tally.refused.raise(),
                _ => shared.wrong(failure.to_string()),
            }
        }
    }
}

struct Writer<'a> {
    shared: &'a Shared,
    dice: Dice,
    session: Session,
}

impl Writer<'_> {
    /// One transaction, from its beginning to its end.
    fn transaction(&mut self) -> Result<(), Failure> {
        let account = self.shared.account(&mut self.dice);
        if self.dice.chance(60) {
            let sql = self.call(&account);
            self.session.rows(&sql)?;
            self.shared.tally.ends[0].raise();
            return Ok(());
        }
        let isolation = [
            "READ COMMITTED",
            "READ COMMITTED",
            "READ COMMITTED",
            "REPEATABLE READ",
            "SERIALIZABLE",
        ];
        let isolation = self.dice.one_of(&isolation);
        self.session.rows(&format!("BEGIN ISOLATION LEVEL {isolation}"))?;
        for _ in 0..self.dice.between(1, 5) {
            let account = match self.dice.chance(70) {
                true => account.clone(),
                false => self.shared.account(&mut self.dice),
            };
            self.step(&account)?;
            self.pause();
        }
        if self.dice.chance(30) {
            self.read_own(&account)?;
        }
        self.finish()
    }

    /// A call, by itself or under a savepoint that is kept or rolled back.
    fn step(&mut self, account: &Account) -> Result<(), Failure> {
        let sql = self.call(account);
        match self.dice.below(5) {
            0 => {
                self.session.rows("SAVEPOINT s")?;
                match self.session.rows(&sql) {
                    Ok(_) => self.session.rows("RELEASE SAVEPOINT s").map(|_| ()),
                    Err(failure) if REFUSALS.contains(&failure.code.as_str()) => {
                        self.shared.tally.savepoints.raise();
                        self.session.rows("ROLLBACK TO SAVEPOINT s").map(|_| ())
                    }
                    Err(failure) => Err(failure),
                }
            }
            1 => {
                self.session.rows("SAVEPOINT s")?;
                let _ = self.session.rows(&sql);
                self.shared.tally.savepoints.raise();
                self.session.rows("ROLLBACK TO SAVEPOINT s").map(|_| ())
            }
            _ => self.session.rows(&sql).map(|_| ()),
        }
    }

    /// Most transactions are short, some long-running.
    fn pause(&mut self) {
        let millis = match self.dice.weighted(&[70, 25, 5]) {
            0 => return,
            1 => self.dice.below(10),
            _ => self.dice.below(400),
        };
        if !self.shared.is_over() {
            std::thread::sleep(Duration::from_millis(millis as u64));
        }
    }

    /// What the transaction sees, its own writes included, through the cache and beside it.
    fn read_own(&mut self, account: &Account) -> Result<(), Failure> {
        if account.kind == Kind::Plain {
            let is_past = self.dice.chance(50);
            let at = is_past.then(|| account.measured_time(&mut self.dice));
            plain::compare(self.shared, &mut self.session, account, at)?;
            self.shared.tally.own.raise();
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Failure> {
        let [committed, rolled_back, prepared] = &self.shared.tally.ends;
        match self.dice.weighted(&[65, 15, 20]) {
            0 => {
                self.session.rows("COMMIT")?;
                committed.raise();
            }
            1 => {
                self.session.rows("ROLLBACK")?;
                rolled_back.raise();
            }
            _ => {
                let name = format!("stress {}", self.shared.number());
                self.session.rows(&format!("PREPARE TRANSACTION '{name}'"))?;
                prepared.raise();
                prepared::leave(self.shared, name, &mut self.dice);
            }
        }
        Ok(())
    }

    /// Any call on an account.
    fn call(&mut self, account: &Account) -> String {
        let (dice, tally) = (&mut self.dice, &self.shared.tally);
        match dice.weighted(&[62, 10, 9, 3, 3, 5, 8]) {
            0 => {
                tally.events.raise();
                let (meter, value, at, dimensions) = event(account, dice);
                let subject = &account.subject;
                let key = match dice.chance(5) {
                    true => format!("'key {}'", dice.below(1000)),
                    false => "NULL".to_owned(),
                };
                format!(
                    "SELECT credit_ingest('{subject}', '{meter}', {value}, {at}, '{dimensions}', {key})"
                )
            }
            1 => {
                let count = if dice.chance(5) { 1200 } else { dice.between(1, 30) };
                tally.events.add(count as u64);
                batch(account, dice, count)
            }
            4 if account.has_resets => {
                tally.acts[1].raise();
                let preserve = account.kind == Kind::Plain || dice.chance(50);
                let at = account.now();
                format!("SELECT credit_reset('{}', '{at}', {preserve})", account.subject)
            }
            2 | 4 => {
                tally.acts[2].raise();
                grant(account, dice)
            }
            3 => {
                tally.acts[3].raise();
                void(account, dice)
            }
            6 => {
                tally.events.raise();
                spend(account, dice)
            }
            _ => {
                tally.maintained.raise();
                format!("SELECT credit_maintain('{NAMESPACE}')")
            }
        }
    }
}

/// Meter, value, time and dimensions of an event; a few take the server's clock.
fn event(account: &Account, dice: &mut Dice) -> (&'static str, String, String, &'static str) {
    let at = match dice.chance(3) {
        true => "NULL".to_owned(),
        false => format!("'{}'", account.some_time(dice)),
    };
    if dice.chance(25) {
        return ("calls", if dice.chance(15) { "-1" } else { "1" }.to_owned(), at, "{}");
    }
    let sign = if dice.chance(12) { "-" } else { "" };
    ("tokens", format!("{sign}{}", dice.amount()), at, dice.one_of(&DIMENSIONS))
}

fn batch(account: &Account, dice: &mut Dice, count: i64) -> String {
    let events: Vec<String> = (0..count)
        .map(|_| {
            let (meter, value, at, dimensions) = event(account, dice);
            let at = at.replace('\'', "\"").replace("NULL", "null");
            format!(
                r#"{{"subject": "{}", "meter": "{meter}", "value": {value}, "occurred_at": {at}, "dimensions": {dimensions}}}"#,
                account.subject
            )
        })
        .collect();
    format!("SELECT credit_ingest_batch('[{}]')", events.join(", "))
}

fn grant(account: &Account, dice: &mut Dice) -> String {
    let (feature, ..) = dice.one_of(&FEATURES);
    let effective_at = account.measured_time(dice);
    let amount = dice.amount();
    let head = format!("SELECT credit_create_grant('{}', '{feature}'", account.subject);
    if dice.chance(10) {
        return format!("{head}, -{amount}, effective_at => '{effective_at}')");
    }
    let terms = match account.kind {
        Kind::Plain => ", rollover_type => 'REMAINING_AMOUNT'",
        Kind::Any => dice.one_of(&[
            "",
            ", expires_after => '3 days'",
            ", expires_after => '1 month', rollover_type => 'REMAINING_AMOUNT'",
            ", rollover_type => 'ORIGINAL_AMOUNT', rollover_max_amount => 5",
            ", recurs_every => '1 week', rollover_type => 'REMAINING_AMOUNT'",
        ]),
    };
    let priority = dice.below(3);
    format!("{head}, {amount}, {priority}, '{effective_at}'{terms})")
}

/// A spend, or a hold that is settled at once: usage as any other, at the server's clock.
fn spend(account: &Account, dice: &mut Dice) -> String {
    let (feature, ..) = dice.one_of(&FEATURES);
    let amount = if feature == "calls" { "1".to_owned() } else { dice.amount() };
    let subject = &account.subject;
    match dice.below(3) {
        0 => format!(
            "SELECT credit_settle(credit_reserve('{subject}', '{feature}', {amount}), {amount})"
        ),
        _ => format!(
            "SELECT credit_consume('{subject}', '{feature}', {amount}, overdraft => 1000000)"
        ),
    }
}

/// Of a plain account only as never having happened.
fn void(account: &Account, dice: &mut Dice) -> String {
    let forfeit = account.kind == Kind::Any && dice.chance(60);
    let at = match account.kind {
        Kind::Any if dice.chance(50) => format!("'{}'", account.measured_time(dice)),
        _ => "g.effective_at".to_owned(),
    };
    format!(
        "SELECT credit_void_grant(g.id, {at}, {forfeit}) FROM (SELECT g.* FROM credit.grants g \
         JOIN credit.ledgers l ON l.id = g.ledger_id AND l.subject = '{}' \
         WHERE g.parent_id IS NULL ORDER BY g.created_at DESC OFFSET {} LIMIT 1) AS g",
        account.subject,
        dice.below(3)
    )
}
