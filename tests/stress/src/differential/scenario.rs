//! One scenario: random steps of three connections, with questions in between.

use super::actor::{Actor, Outcome};
use super::check::{self, Checked};
use super::world::World;
use super::{calls, check::check};
use crate::cache;
use crate::grid::{self, Dice};
use crate::server::Server;
use crate::session::Failure;

const STEPS: i64 = 250;

/// A scenario of one seed, in a namespace of its own.
pub struct Scenario {
    seed: u64,
    dice: Dice,
    world: World,
    actors: [Actor; 3],
    /// Prepared transactions that are to be ended.
    prepared: Vec<String>,
    log: Vec<String>,
}

impl Scenario {
    /// A scenario with its catalogue.
    pub fn new(server: &Server, database: &str, seed: u64) -> Scenario {
        let mut dice = Dice::new(seed);
        let (world, meters) = World::new(format!("seed {seed}"), &mut dice);
        let actors = ["a", "b", "c"].map(|name| {
            let mut session = server.connect(database);
            cache::set_interval(&mut session, dice.one_of(&[1, 1, 3, 10, 50, 0]));
            Actor::new(name, session, &world.namespace)
        });
        let mut scenario =
            Scenario { seed, dice, world, actors, prepared: Vec::new(), log: Vec::new() };
        scenario.run_for_certain(0, meters);
        let features: Vec<String> =
            std::iter::from_fn(|| scenario.world.create_feature()).take(3).collect();
        let ledger = scenario.world.create_ledger(&mut scenario.dice);
        for call in features.into_iter().chain(ledger) {
            scenario.run_for_certain(0, call);
        }
        scenario
    }

    fn run_for_certain(&mut self, actor: usize, sql: String) {
        self.actors[actor].session().must(&sql);
        self.note(actor, sql);
    }

    fn note(&mut self, actor: usize, text: String) {
        self.log.push(format!("/* {} */ {text};", self.actors[actor].name));
    }

    /// All calls so far, as a file; gives its path.
    pub fn write_log(&self) -> String {
        let path = std::env::temp_dir().join(format!("credit-differential-{}.sql", self.seed));
        match std::fs::write(&path, self.log.join("\n")) {
            Ok(()) => path.display().to_string(),
            Err(error) => format!("{}: {error}", path.display()),
        }
    }

    /// Takes all steps; the error says what is wrong.
    pub fn run(&mut self, checked: &mut Checked) -> Result<(), String> {
        let outcome = (0..STEPS).try_for_each(|step| {
            self.world.pass(STEPS);
            checked.steps += 1;
            self.step(checked).map_err(|reason| format!("step {step}: {reason}"))
        });
        self.leave();
        outcome
    }

    /// Ends every transaction, prepared ones too.
    fn leave(&mut self) {
        for actor in &mut self.actors {
            actor.session().must("ROLLBACK");
        }
        for name in std::mem::take(&mut self.prepared) {
            self.actors[0].session().must(&format!("ROLLBACK PREPARED '{name}'"));
        }
    }

    fn step(&mut self, checked: &mut Checked) -> Result<(), String> {
        let actor = self.dice.below(3) as usize;
        const WEIGHTS: [u32; 12] = [30, 6, 11, 5, 4, 14, 4, 2, 18, 6, 3, 12];
        let call = match self.dice.weighted(&WEIGHTS) {
            0 => calls::ingest(&self.world, &mut self.dice),
            1 => calls::ingest_many(&self.world, &mut self.dice),
            3 => calls::void(&self.world, &mut self.dice),
            4 if self.world.has_resets => calls::reset(&self.world, &mut self.dice),
            2 | 4 => calls::grant(&self.world, &mut self.dice),
            5 => match self.transaction_step(actor) {
                Some(statement) => statement,
                None => return Ok(()),
            },
            6 => self.snapshot_step(),
            7 => match self.catalogue_step(actor) {
                Some(statement) => statement,
                None => return Ok(()),
            },
            8 => return self.ask(actor, checked),
            10 if self.world.is_retired => return self.seal(actor, checked),
            10 => return Ok(()),
            11 => calls::look(&self.world, &mut self.dice),
            _ => match calls::spend(&self.world, &mut self.dice) {
                Some(call) => call,
                None => return Ok(()),
            },
        };
        let by_balance =
            ["credit_void_grant", "credit_reset", "consume", "credit_settle", "credit_reserve"];
        let mutates = by_balance.iter().any(|name| call.contains(name));
        if mutates && self.actors[actor].is_in_transaction() {
            check::try_twice(&mut self.actors[actor], &call, checked)
                .map_err(|failure| failure.to_string())??;
        }
        match self.actors[actor].run(&call) {
            Ok(Outcome::Done) => self.note(actor, call),
            Ok(Outcome::Refused(failure)) => {
                checked.refused += 1;
                self.prepared.retain(|name| !call.starts_with("PREPARE") || !call.contains(name));
                self.note(actor, format!("{call} -- {}", failure.code));
            }
            Err(failure) => return Err(format!("{failure}\nin: {call}")),
        }
        Ok(())
    }

    /// Begins or ends a transaction, or a savepoint of one, or a prepared one.
    fn transaction_step(&mut self, actor: usize) -> Option<String> {
        let (dice, actor) = (&mut self.dice, &mut self.actors[actor]);
        if !actor.is_in_transaction() {
            if !self.prepared.is_empty() && dice.chance(50) {
                let name =
                    self.prepared.swap_remove(dice.below(self.prepared.len() as i64) as usize);
                let how = if dice.chance(70) { "COMMIT" } else { "ROLLBACK" };
                return Some(format!("{how} PREPARED '{name}'"));
            }
            let isolation = ["READ COMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];
            return Some(actor.begin(dice.one_of(&isolation)));
        }
        match dice.below(10) {
            0 | 1 => actor.savepoint(),
            2 => actor.end_savepoint(true),
            3 => actor.end_savepoint(false),
            4 => Some(actor.end("ROLLBACK")),
            5 => {
                let name = format!("{} {}", self.seed, self.log.len());
                self.prepared.push(name.clone());
                Some(actor.end(format!("PREPARE TRANSACTION '{name}'")))
            }
            _ => Some(actor.end("COMMIT")),
        }
    }

    /// Takes snapshots, deletes all or some, or changes how often they are taken.
    fn snapshot_step(&mut self) -> String {
        let intervals = ["1", "2", "7", "30", "0"];
        match self.dice.below(8) {
            0 => cache::FORGET.to_owned(),
            1 => format!(
                "{} WHERE ctid IN (SELECT ctid FROM credit.snapshots ORDER BY ctid LIMIT 3)",
                cache::FORGET
            ),
            2 | 3 => {
                format!("SET credit.snapshot_interval = {}", self.dice.one_of(&intervals))
            }
            _ => "SELECT credit_maintain()".to_owned(),
        }
    }

    /// Another feature or ledger; committed at once, so that all can use it.
    fn catalogue_step(&mut self, actor: usize) -> Option<String> {
        if self.actors[actor].is_in_transaction() {
            return None;
        }
        match self.dice.chance(50) {
            true => self.world.create_feature(),
            false => self.world.create_ledger(&mut self.dice),
        }
    }

    /// Seals the history, or only begins to, where others are in a transaction. A feature that is
    /// made later would begin at the seal, and the model knows nothing of that.
    fn seal(&mut self, actor: usize, checked: &mut Checked) -> Result<(), String> {
        if self.actors[actor].is_in_transaction() {
            return Ok(());
        }
        while let Some(call) = self.world.create_feature() {
            self.run_for_certain(actor, call);
        }
        let call = calls::retire(&self.world, &mut self.dice);
        match self.actors[actor].run(&call) {
            Ok(Outcome::Done) => {
                checked.seals += 1;
                self.note(actor, call);
            }
            Ok(Outcome::Refused(failure)) => {
                checked.refused += 1;
                self.note(actor, format!("{call} -- {}", failure.code));
            }
            Err(failure) => return Err(format!("{failure}\nin: {call}")),
        }
        let sealed_at: i64 = self.actors[actor].session().value(calls::SEALED_AT);
        if sealed_at >= 0 {
            self.world.sealed_at = self.world.sealed_at.max(grid::at(sealed_at));
        }
        Ok(())
    }

    fn ask(&mut self, actor: usize, checked: &mut Checked) -> Result<(), String> {
        let question = check::question(&self.world, &mut self.dice);
        let actor = &mut self.actors[actor];
        match check(actor, &self.world, &question, checked) {
            Ok(answer) => answer,
            // SERIALIZABLE; or REPEATABLE READ from before the ledger was there.
            Err(Failure { code, .. }) if ["40001", "UC001", "UC002"].contains(&code.as_str()) => {
                actor.recover();
                Ok(())
            }
            Err(failure) => Err(format!("{failure}\nin: {question:?}")),
        }
    }
}
