//! Counts of what was done, by all threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A number that many threads raise.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn raise(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What was done.
#[derive(Default)]
pub struct Tally {
    /// Answers compared.
    pub reads: Counter,
    /// Of them: with the answer after the deletion of the snapshots.
    pub deletions: Counter,
    /// Of them: those that fetched fewer events with the snapshots.
    pub cheaper: Counter,
    /// Of them: inside of transactions that had written.
    pub own: Counter,
    /// Comparisons given up because another transaction was pruning the same snapshots.
    pub given_up: Counter,
    /// Events written, rolled back ones included.
    pub events: Counter,
    /// Transactions committed, rolled back, prepared.
    pub ends: [Counter; 3],
    /// Savepoints rolled back.
    pub savepoints: Counter,
    /// Calls of `credit_maintain`.
    pub maintained: Counter,
    /// Calls refused by a rule.
    pub refused: Counter,
    /// Transactions that failed because of others: 40001, 40P01, 55P03.
    pub failures: [Counter; 3],
    /// Accounts opened, resets, grants, voids done.
    pub acts: [Counter; 4],
    /// The first wrong answers, and errors that may not be.
    wrong: Mutex<Vec<String>>,
    wrongs: Counter,
    started: Mutex<Option<Instant>>,
}

impl Tally {
    /// The clock begins to run.
    pub fn start(&self) {
        *self.started.lock().expect("no thread has panicked") = Some(Instant::now());
    }

    /// Something is wrong.
    pub fn wrong(&self, what: String) {
        const MOST_TOLD: usize = 5;
        let started = self.started.lock().expect("no thread has panicked").expect("started");
        let after = started.elapsed().as_secs_f64();
        let reads = self.reads.count();
        self.wrongs.raise();
        let mut wrong = self.wrong.lock().expect("no thread has panicked");
        if wrong.len() < MOST_TOLD {
            wrong.push(format!("after {after:.1} s and {reads} reads: {what}"));
        }
    }

    /// Counts a failure that other transactions caused.
    pub fn failure(&self, code: &str) {
        match code {
            "40001" => self.failures[0].raise(),
            "40P01" => self.failures[1].raise(),
            _ => self.failures[2].raise(),
        }
    }

    /// All in a few lines.
    pub fn summary(&self, elapsed: Duration) -> String {
        let rate = |counter: &Counter| counter.count() as f64 / elapsed.as_secs_f64();
        let [committed, rolled_back, prepared] = self.ends.each_ref().map(Counter::count);
        let [serialization, deadlocks, locks] = self.failures.each_ref().map(Counter::count);
        let [accounts, resets, grants, voids] = self.acts.each_ref().map(Counter::count);
        format!(
            "{} reads ({:.0}/s): {} against the deletion of snapshots ({} cheaper with them, {} \
             given up), {} in transactions that had written; {} mismatches\n\
             {} events ({:.0}/s); transactions: {committed} committed, {rolled_back} rolled back, \
             {prepared} prepared; {} savepoints rolled back; {accounts} accounts, {resets} resets, \
             {grants} grants, {voids} voids, {} refused\n\
             {} times credit_maintain; failures: {serialization} serialization, {deadlocks} \
             deadlocks, {locks} lock timeouts",
            self.reads.count(),
            rate(&self.reads),
            self.deletions.count(),
            self.cheaper.count(),
            self.given_up.count(),
            self.own.count(),
            self.wrongs.count(),
            self.events.count(),
            rate(&self.events),
            self.savepoints.count(),
            self.refused.count(),
            self.maintained.count(),
        )
    }

    /// Whether everything that matters was done at least once.
    pub fn is_enough(&self) -> bool {
        let [committed, rolled_back, prepared] = &self.ends;
        let Tally { reads, deletions, cheaper, own, savepoints, maintained, .. } = self;
        let all = [reads, deletions, cheaper, own, savepoints, maintained];
        all.into_iter()
            .chain([committed, rolled_back, prepared])
            .chain(&self.acts)
            .all(|counter| counter.count() > 0)
    }

    /// An error if anything was wrong.
    pub fn verdict(&self) -> Result<(), String> {
        let wrong = self.wrong.lock().expect("no thread has panicked");
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }
}
