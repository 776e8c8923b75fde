//! Values to call with: of every type some that are hardly ever right, and some that mostly are.

use crate::functions::{Argument, Function};
use crate::session::quoted;

/// Ids and other things that exist, as far as is known.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Of grants, holds, features, ledgers, of all namespaces.
    pub ids: Vec<String>,
}

/// Subjects with a ledger in both namespaces.
pub const SUBJECTS: usize = 24;
const FEATURES: [&str; 4] = ["chat", "large", "calls", "old"];
const METERS: [&str; 2] = ["tokens", "calls"];

const TEXTS: [&str; 16] = [
    "NULL",
    "''",
    "' '",
    "repeat('x', 255)",
    "repeat('x', 256)",
    "repeat(U&'\\+01F600', 255)",
    "repeat(U&'\\+01F600', 256)",
    "repeat('y', 1000000)",
    "U&'\\0301\\200F\\202E\\FEFF'",
    "E'a\\x01\\n\\t\\\\''\"$1%s{}'",
    "'%'",
    "'00000000-0000-0000-0000-000000000000'",
    "'NaN'",
    "'DROP TABLE credit.ledgers'",
    "chr(1114111)",
    "'REMAINING_AMOUNT'",
];

const NUMBERS: [&str; 22] = [
    "NULL",
    "0",
    "-0.0",
    "'NaN'",
    "'Infinity'",
    "'-Infinity'",
    "1e15",
    "-1e15",
    "999999999999999.999999999999",
    "-999999999999999.999999999999",
    "1e-12",
    "1e-13",
    "-1e-12",
    "1.0000000000000",
    "repeat('9', 131072)::numeric",
    "-repeat('9', 131072)::numeric",
    "('0.' || repeat('0', 16382) || '1')::numeric",
    "('1.' || repeat('0', 16383))::numeric",
    "1e131071",
    "1e-16383",
    "9999999999999999",
    "123456789012345.123456789012",
];

const TIMES: [&str; 16] = [
    "NULL",
    "'infinity'",
    "'-infinity'",
    "'0001-01-01 00:00:00+00'",
    "'0001-12-31 23:59:59.999999+00 BC'",
    "'4714-11-24 00:00:00+00 BC'",
    "'9999-12-31 23:59:59.999999+00'",
    "'10000-01-01 00:00:00+00'",
    "'294276-12-31 23:59:59.999999+00'",
    "'1970-01-01 00:00:00+00'",
    "'2000-01-01 00:00:00+00'",
    "'epoch'",
    "'2024-02-29 23:59:59.999999+14'",
    "now()",
    "clock_timestamp() + '1 microsecond'",
    "'now'",
];

const INTERVALS: [&str; 20] = [
    "NULL",
    "'0'",
    "'1 month'",
    "'1 hour'",
    "'31 days'",
    "'2 weeks'",
    "'100 years'",
    "'101 years'",
    "'1 month 1 day'",
    "'1 day 1 hour'",
    "'1 month -1 day'",
    "'-1 hour'",
    "'1 microsecond'",
    "'178000000 years'",
    "'-178000000 years'",
    "'2147483647 days'",
    "'2562047788 hours'",
    "'1 year 2 months 1 day 0.000001 seconds'",
    "'90 minutes'",
    "'2147483647 months'",
];

const JSON: [&str; 26] = [
    "NULL",
    "'null'",
    "'{}'",
    "'[]'",
    "'true'",
    "'\"x\"'",
    "'1e400'",
    "'[[]]'",
    "'[{}]'",
    "'[null]'",
    "'{\"a\": 1}'",
    "'{\"\": \"\"}'",
    "'{\"a\": null}'",
    "'{\"model\": \"large\"}'",
    "'{\"model\": \"large\", \"region\": \"eu\"}'",
    "'{\"model\": {\"model\": \"large\"}}'",
    "(repeat('[', 10000) || repeat(']', 10000))::jsonb",
    "(repeat('[', 3000) || repeat(']', 3000))::jsonb",
    "(repeat('{\"a\":', 3000) || '1' || repeat('}', 3000))::jsonb",
    "(SELECT jsonb_object_agg('k' || n, 'v' || n) FROM generate_series(1, 5000) n)",
    "(SELECT jsonb_agg(n) FROM generate_series(1, 20000) n)",
    "jsonb_build_object(repeat('k', 100000), repeat('v', 100000))",
    "jsonb_build_array(jsonb_build_object('subject', 's1', 'meter', 'tokens', 'value', 1))",
    "jsonb_build_array(jsonb_build_object('subject', 's1', 'meter', 'tokens', 'value', 'NaN'))",
    "jsonb_build_array(jsonb_build_object('ledger', 's2', 'feature', 'chat', 'amount', 0.5))",
    "jsonb_build_array(jsonb_build_object('ledger', 's3', 'feature', 'chat', 'amount', repeat('9', 131072)::numeric))",
];

const INTEGERS: [&str; 10] =
    ["NULL", "0", "1", "-1", "2", "100", "255", "256", "2147483647", "-2147483648"];

/// Random choices of values.
pub struct Dice(pub fastrand::Rng);

impl Dice {
    /// The choices of a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(fastrand::Rng::with_seed(seed))
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.0.u32(..100) < percent
    }

    /// One of some.
    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.0.usize(..choices.len())].clone()
    }

    /// The arguments of a call, by name, mostly good enough to get somewhere.
    pub fn arguments(&mut self, function: &Function, known: &Known) -> Vec<(Argument, String)> {
        let hostile = self.one_of(&[0, 0, 5, 20, 60]);
        let mut given = Vec::new();
        for argument in &function.arguments {
            if argument.has_default && self.chance(50) {
                continue;
            }
            let value = if self.chance(hostile) {
                self.any(&argument.of_type, known)
            } else {
                self.plausible(argument, known)
            };
            given.push((argument.clone(), value));
        }
        given
    }

    /// A value that an argument of this name can have.
    pub fn plausible(&mut self, argument: &Argument, known: &Known) -> String {
        let of_type = argument.of_type.as_str();
        match argument.name.as_str() {
            "ledger" | "subject" => self.subject(known),
            "feature" if of_type == "text" => match self.0.u32(..10) {
                0 => self.id(known),
                _ => quoted(self.one_of(&FEATURES)),
            },
            "name" | "slug" if self.chance(50) => self.new_name(),
            "name" => quoted(self.one_of(&FEATURES)),
            "slug" | "meter" | "meter_slug" => quoted(self.one_of(&METERS)),
            "namespace" => self.one_of(&["NULL", "NULL", "'default'", "'other'"]).to_owned(),
            "role" => "'fuzz_victim'".to_owned(),
            "level" => self.one_of(&["'read'", "'spend'", "'administer'", "'nothing'"]).to_owned(),
            "aggregation" => self.one_of(&["'SUM'", "'COUNT'"]).to_owned(),
            "rollover_type" => {
                self.one_of(&["NULL", "'REMAINING_AMOUNT'", "'ORIGINAL_AMOUNT'"]).to_owned()
            }
            "granularity" => {
                self.one_of(&["NULL", "'HOUR'", "'DAY'", "'WEEK'", "'MONTH'"]).to_owned()
            }
            "order_by" => self.one_of(&["'created_at'", "'name'", "'subject'", "'id'"]).to_owned(),
            "subject_like" => self.one_of(&["'s%'", "'_1'", "NULL", "'%'"]).to_owned(),
            "idempotency_key" => {
                (self.one_of(&["NULL", "'k1'", "'k2'", "md5(random()::text)"])).to_owned()
            }
            "row_limit" => self.one_of(&["NULL", "0", "1", "10"]).to_owned(),
            "row_offset" => self.one_of(&["0", "0", "1", "7"]).to_owned(),
            "priority" => self.0.u32(..3).to_string(),
            "batch_size" => self.one_of(&["1", "7", "100"]).to_owned(),
            "expires_after" | "recurs_every" => {
                self.one_of(&["NULL", "'1 month'", "'1 week'", "'2 days'", "'12 hours'"]).to_owned()
            }
            "expires_in" => self.one_of(&["'15 minutes'", "'1 second'", "'1 hour'"]).to_owned(),
            "dimensions" if of_type == "jsonb" => {
                self.one_of(&["'{}'", JSON[13], JSON[14]]).to_owned()
            }
            "meter_group_by_filters" => self.one_of(&["NULL", JSON[13], JSON[14]]).to_owned(),
            "metadata" => self.one_of(&["'{}'", "'{\"plan\": \"pro\"}'"]).to_owned(),
            "overdraft" => self.one_of(&["0", "0", "10"]).to_owned(),
            "events" | "spends" => self.batch(argument.name == "spends", known),
            _ => self.plausible_of(of_type, known),
        }
    }

    fn plausible_of(&mut self, of_type: &str, known: &Known) -> String {
        match of_type {
            "numeric" => match self.0.u32(..8) {
                0 => format!("-{}.5", self.0.u32(..10)),
                1 => "1".to_owned(),
                2 => "0.000000000001".to_owned(),
                _ => format!("{}.{}", self.0.u32(..200), self.0.u32(..10)),
            },
            "timestamp with time zone" => match self.0.u32(..4) {
                0 => "NULL".to_owned(),
                1 => format!("date_trunc('day', now()) - {} * interval '1 day'", self.0.u32(..30)),
                2 => {
                    format!("date_trunc('hour', now()) - {} * interval '1 hour'", self.0.u32(..50))
                }
                _ => format!("clock_timestamp() - {} * interval '1 second'", self.0.u32(..100)),
            },
            "text[]" => {
                let count = self.0.usize(..6);
                self.array("text", count, &|dice| dice.subject(known))
            }
            "uuid" => self.id(known),
            "boolean" => self.one_of(&["true", "false"]).to_owned(),
            other => self.any(other, known),
        }
    }

    fn subject(&mut self, known: &Known) -> String {
        match self.0.u32(..20) {
            0 => self.id(known),
            1 => "'s1'".to_owned(),
            _ => format!("'s{}'", self.0.usize(..SUBJECTS)),
        }
    }

    fn new_name(&mut self) -> String {
        format!("'new {}'", self.0.u32(..200))
    }

    fn id(&mut self, known: &Known) -> String {
        match known.ids.len() {
            0 => "gen_random_uuid()".to_owned(),
            count => format!("'{}'", known.ids[self.0.usize(..count)]),
        }
    }

    fn batch(&mut self, of_spends: bool, known: &Known) -> String {
        let element = |dice: &mut Dice| {
            let subject = dice.subject(known);
            let value = dice.plausible_of("numeric", known);
            let (who, what, thing, amount) = match of_spends {
                true => ("ledger", "feature", quoted(dice.one_of(&FEATURES)), "amount"),
                false => ("subject", "meter", quoted(dice.one_of(&METERS)), "value"),
            };
            format!(
                "jsonb_build_object('{who}', {subject}, '{what}', {thing}, '{amount}', {value})"
            )
        };
        let count = self.0.usize(..8);
        let elements: Vec<String> = (0..count).map(|_| element(self)).collect();
        format!("jsonb_build_array({})", elements.join(", "))
    }

    /// A value of a type, hardly ever a good one.
    pub fn any(&mut self, of_type: &str, known: &Known) -> String {
        let value = match of_type {
            "text" => match self.0.u32(..3) {
                0 => self.id(known),
                _ => self.one_of(&TEXTS).to_owned(),
            },
            "numeric" => self.one_of(&NUMBERS).to_owned(),
            "timestamp with time zone" => self.one_of(&TIMES).to_owned(),
            "interval" => self.one_of(&INTERVALS).to_owned(),
            "jsonb" => self.one_of(&JSON).to_owned(),
            "integer" | "bigint" | "smallint" => self.one_of(&INTEGERS).to_owned(),
            "boolean" => self.one_of(&["NULL", "true", "false"]).to_owned(),
            "uuid" => match self.0.u32(..3) {
                0 => "NULL".to_owned(),
                1 => "'ffffffff-ffff-ffff-ffff-ffffffffffff'".to_owned(),
                _ => self.id(known),
            },
            "regrole" => self.one_of(&["NULL", "'fuzz_victim'", "0", "4294967295"]).to_owned(),
            other => match other.strip_suffix("[]") {
                Some(element) => self.any_array(element, known),
                // a row type
                None => self.one_of(&["NULL", "ROW_OF"]).replace("ROW_OF", &row_of(other)),
            },
        };
        format!("({value})::{of_type}")
    }

    fn any_array(&mut self, element: &str, known: &Known) -> String {
        let any = |dice: &mut Dice| dice.any(element, known);
        match self.0.u32(..7) {
            0 => "NULL".to_owned(),
            1 => format!("'{{}}'::{element}[]"),
            2 => {
                let one = any(self);
                format!("array_fill({one}, '{{3, 2}}', '{{-5, 7}}')")
            }
            3 => {
                let one = any(self);
                format!("array_fill({one}, '{{100000}}')")
            }
            4 => {
                let one = any(self);
                format!("array_fill({one}, '{{5}}', '{{2147483640}}')")
            }
            5 => format!("array_fill(NULL::{element}, '{{1000}}')"),
            _ => {
                let count = self.0.usize(..5);
                self.array(element, count, &any)
            }
        }
    }

    fn array(&mut self, of: &str, count: usize, one: &dyn Fn(&mut Dice) -> String) -> String {
        let elements: Vec<String> = (0..count).map(|_| one(self)).collect();
        format!("ARRAY[{}]::{of}[]", elements.join(", "))
    }
}

/// A row of nothing but NULLs: no table holds such a one.
fn row_of(of_type: &str) -> String {
    format!("(SELECT r FROM (SELECT 1) AS one LEFT JOIN {of_type} AS r ON random() < 0.5 LIMIT 1)")
}
