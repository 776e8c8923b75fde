//! Instants and amounts that coincide often, by a generator that can be seeded.

use credit_engine::Time;
use std::time::SystemTime;

const MICROS_PER_HOUR: i64 = 3_600_000_000;
/// 24 hours.
pub const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

/// Random choices.
pub struct Dice(fastrand::Rng);

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

    /// A number of a range.
    pub fn below(&mut self, end: i64) -> i64 {
        self.0.i64(0..end.max(1))
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        self.0.i64(least..=most.max(least))
    }

    /// The index of one of some weights.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut rest = self.0.u32(..weights.iter().sum::<u32>());
        for (index, weight) in weights.iter().enumerate() {
            match rest.checked_sub(*weight) {
                Some(less) => rest = less,
                None => return index,
            }
        }
        unreachable!("the rest is below the sum")
    }

    /// An amount: halves mostly, so that balances meet exactly; sometimes twelve decimals.
    pub fn amount(&mut self) -> String {
        match self.below(20) {
            0 => "0.000000000001".to_owned(),
            1 => "33.333333333333".to_owned(),
            _ => {
                let halves = self.between(1, 60);
                format!("{}{}", halves / 2, if halves % 2 == 0 { "" } else { ".5" })
            }
        }
    }

    /// An instant of [from, to]: whole days mostly, or hours, or the microsecond beside one, or any.
    pub fn instant(&mut self, from: Time, to: Time) -> Time {
        let (from, to) = (from.unix_micros(), to.unix_micros());
        let any = self.between(from, to);
        let micros = match self.below(20) {
            0 => any,
            1 => any.div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY - 1,
            2 => any.div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY + 1,
            3..8 => any.div_euclid(MICROS_PER_HOUR) * MICROS_PER_HOUR,
            _ => any.div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY,
        };
        at(micros.clamp(from, to))
    }
}

/// The instant of so many microseconds since 1970.
pub fn at(unix_micros: i64) -> Time {
    Time::from_unix_micros(unix_micros).expect("tests stay far from the years 1 and 9999")
}

/// The instant so many microseconds later.
pub fn plus(time: Time, micros: i64) -> Time {
    at(time.unix_micros() + micros)
}

/// The beginning of this day, UTC.
pub fn today() -> Time {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    at(now.as_micros() as i64 / MICROS_PER_DAY * MICROS_PER_DAY)
}
