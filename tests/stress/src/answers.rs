//! What is asked of the extension, and how.

use crate::session::{Failure, Row, Session, quoted};
use credit_engine::{Time, Unit, Window};

/// A question about one ledger.
#[derive(Debug, Clone)]
pub struct Question {
    /// Whose.
    pub subject: String,
    /// The features to ask for one by one.
    pub features: Vec<String>,
    /// As of when balances are asked for.
    pub at: Time,
    /// What history and usage cover.
    pub window: Window,
    /// At what calendar boundaries they are cut.
    pub granularity: Option<Unit>,
}

/// The answers of the reading functions, as rows of text: numbers without trailing zeros,
/// times as microseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// `credit_feature_balances`: name, balance, usage, overage, available.
    pub features: Vec<Row>,
    /// `credit_grant_balances`: feature, id, amount, balance.
    pub grants: Vec<Row>,
    /// `credit_available`: feature, number.
    pub available: Vec<Row>,
    /// `credit_history`, the feature's name in front.
    pub history: Vec<Row>,
    /// `credit_usage`: feature, from, to, usage.
    pub usage: Vec<Row>,
    /// `credit_list_grants`: id, amount, void. As of the server's clock: unknown to the model.
    pub listed: Vec<Row>,
    /// `credit_available` as of the server's clock, for which a session remembers what it measured:
    /// feature, number. Unknown to the model as well.
    pub present: Vec<Row>,
}

/// `extract(epoch)` is exact: a numeric.
fn micros(column: &str) -> String {
    format!("(extract(epoch FROM {column}) * 1000000)::bigint")
}

impl Question {
    /// The queries; `credit.namespace` must be set.
    fn sql(&self) -> String {
        let Question { at, window: Window { from, to }, .. } = self;
        let subject = quoted(&self.subject);
        let granularity = self.granularity.map_or("NULL".to_owned(), |unit| quoted(unit.name()));
        let features: Vec<String> = self.features.iter().map(|name| quoted(name)).collect();
        let features = format!("unnest(ARRAY[{}]::text[]) AS f (name)", features.join(", "));
        let (at_us, from_us, to_us) =
            (micros("h.at"), micros("h.period_from"), micros("h.period_to"));
        let voided_at = micros("voided_at");
        let (lower, upper) = (micros("lower(u.period)"), micros("upper(u.period)"));
        format!(
            "SELECT name, trim_scale(balance), trim_scale(usage), trim_scale(overage),
                    trim_scale(available) FROM credit_feature_balances({subject}, '{at}');
             SELECT feature, grant_id, trim_scale(amount), trim_scale(balance)
               FROM credit_grant_balances({subject}, '{at}');
             SELECT f.name, trim_scale(credit_available({subject}, f.name, '{at}')) FROM {features};
             SELECT coalesce(f.name, ''), {at_us}, h.type, h.grant_id, h.reset_id,
                    trim_scale(h.amount), trim_scale(h.balance_after), trim_scale(h.overage),
                    trim_scale(h.overage_after), {from_us}, {to_us}
               FROM credit_history({subject}, '{from}', '{to}', granularity => {granularity})
                    WITH ORDINALITY AS h
               LEFT JOIN credit.features f ON f.id = h.feature_id ORDER BY h.ordinality;
             SELECT f.name, {lower}, {upper}, trim_scale(u.usage) FROM {features},
                    credit_usage({subject}, f.name, '{from}', '{to}', {granularity}) AS u;
             SELECT id, trim_scale(amount), {voided_at}
               FROM credit_list_grants(ARRAY[{subject}], include_void => true);
             SELECT f.name, trim_scale(credit_available({subject}, f.name)) FROM {features}"
        )
    }

    /// Asks.
    pub fn ask(&self, session: &mut Session) -> Result<Answers, Failure> {
        let [features, grants, available, history, usage, listed, present] =
            session.all(&self.sql())?.try_into().expect("one result a query");
        Ok(Answers { features, grants, available, history, usage, listed, present })
    }
}

impl Answers {
    /// What the naive model knows, in its order: one feature at a time.
    pub fn by_feature(mut self) -> Answers {
        self.listed.clear();
        self.present.clear();
        for rows in [&mut self.features, &mut self.grants, &mut self.available, &mut self.usage] {
            rows.sort_by(|a, b| a.0[0].cmp(&b.0[0]));
        }
        self.history.sort_by(|a, b| a.0[0].cmp(&b.0[0]));
        self
    }

    /// The first rows in which two answers differ.
    pub fn difference(&self, other: &Answers) -> Option<String> {
        let parts = [
            ("credit_feature_balances", &self.features, &other.features),
            ("credit_grant_balances", &self.grants, &other.grants),
            ("credit_available", &self.available, &other.available),
            ("credit_history", &self.history, &other.history),
            ("credit_usage", &self.usage, &other.usage),
            ("credit_list_grants", &self.listed, &other.listed),
            ("credit_available without a time", &self.present, &other.present),
        ];
        parts.into_iter().find_map(|(function, ours, others)| {
            let rows = ours.len().max(others.len());
            let row = (0..rows).find(|row| ours.get(*row) != others.get(*row))?;
            let show = |rows: &[Row]| rows.get(row).map_or("none".to_owned(), Row::to_string);
            Some(format!("{function}, row {}:\n  {}\n  {}", row + 1, show(ours), show(others)))
        })
    }
}
