//! Numbers as PostgreSQL writes them, by another way than the crate's: from decimal text, as
//! `numeric.c` does (`set_var_from_str`, `make_result`). And bytes that are no numbers.

use credit_numeric::{SCALE, Unreadable, decode, encode};
use proptest::prelude::*;

/// The payload of a `numeric` that was entered as `text`: an optional sign, digits, perhaps a
/// point and digits.
fn numeric(text: &str) -> Vec<u8> {
    let unsigned = text.trim_start_matches('-');
    let (ones, places) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let ones = format!("{}{ones}", "0".repeat((4 - ones.len() % 4) % 4));
    let padded = format!("{places}{}", "0".repeat((4 - places.len() % 4) % 4));
    let all = format!("{ones}{padded}");
    let mut digits: Vec<u16> =
        all.as_bytes().chunks(4).map(|four| ascii(four).parse().expect("digits")).collect();
    let mut weight = ones.len() as i32 / 4 - 1;
    while digits.first() == Some(&0) {
        digits.remove(0);
        weight -= 1;
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    let is_negative = text.starts_with('-') && !digits.is_empty();
    if digits.is_empty() {
        weight = 0;
    }
    let scale = places.len() as u16;
    let header = if scale <= 0x3F && (-64..64).contains(&weight) {
        let sign = if is_negative { 0x2000 } else { 0 };
        vec![0x8000 | sign | scale << 7 | weight as u16 & 0x7F]
    } else {
        vec![if is_negative { 0x4000 } else { 0 } | scale, weight as u16]
    };
    header.into_iter().chain(digits).flat_map(u16::to_ne_bytes).collect()
}

fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("ASCII")
}

/// What should be read of a text: units of 10⁻¹², unless it is too long before or after the point.
fn expected(text: &str) -> Result<i128, Unreadable> {
    let unsigned = text.trim_start_matches('-');
    let (ones, places) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let (ones, places) = (ones.trim_start_matches('0'), places.trim_end_matches('0'));
    if ones.len() > 16 {
        return Err(Unreadable::TooLarge);
    }
    if places.len() > SCALE as usize {
        return Err(Unreadable::TooPrecise);
    }
    let digits = format!("{ones}{places:0<12}");
    let units: i128 = digits.parse().expect("28 digits");
    Ok(if text.starts_with('-') { -units } else { units })
}

fn decimal() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "-?[0-9]{1,16}(\\.[0-9]{1,12})?",
        2 => "-?0{0,9}[0-9]{1,20}(\\.[0-9]{1,20})?",
        1 => "-?[1-9]0{0,40}(\\.0{0,30}[0-9]{0,3})?",
        1 => "-?[0-9]{1,400}(\\.[0-9]{1,400})?",
        1 => "-?0\\.0{0,100}[0-9]{0,3}0{0,100}",
    ]
    .prop_map(|text| text.trim_end_matches('.').to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_postgresql_writes_is_read(text in decimal()) {
        prop_assert_eq!(decode(&numeric(&text)), expected(&text), "{}", text);
    }

    #[test]
    fn what_is_written_is_what_postgresql_writes(units in -10_i128.pow(28) + 1..10_i128.pow(28), zeros in 0_u32..20) {
        let units = units / 10_i128.pow(zeros);
        let sign = if units < 0 { "-" } else { "" };
        let whole = 10_u128.pow(SCALE);
        let (ones, places) = (units.unsigned_abs() / whole, units.unsigned_abs() % whole);
        let text = format!("{sign}{ones}.{places:012}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        let encoded = encode(units);
        prop_assert_eq!(encoded.payload(), numeric(text), "{}", text);
    }

    #[test]
    fn changed_bytes_are_read_or_refused(
        text in decimal(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in any::<prop::sample::Index>(),
        whole: bool,
    ) {
        let mut bytes = numeric(&text);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if !whole {
            bytes.truncate(length.index(bytes.len() + 1));
        }
        // Also where the bytes stand at an odd address, as after a header of one byte.
        for start in 0..2 {
            let mut moved = vec![0; start];
            moved.extend(&bytes);
            if let Ok(units) = decode(&moved[start..]) {
                prop_assert!(units.abs() < 10_i128.pow(29));
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(units) = decode(&bytes) {
            prop_assert!(units.abs() < 10_i128.pow(29));
        }
    }
}
