//! What meets at one instant, and what is owed, given back or dropped at the edges of phases.

use crate::book::{Book, amount, at, grant, lasting, monthly, months, original, remaining};
use credit_engine::{Ending, Grant, Time, Timeline, Unit, Window};

#[test]
fn everything_at_one_instant_has_its_order() {
    let rolls = |id, rollover| Grant { rollover, ..grant(id, "10", "01-01") };
    let book = Book::of([
        Grant { expires_at: Some(at("02-01")), ..rolls(1, remaining(None)) },
        rolls(2, remaining(None)),
        rolls(3, remaining(Some("4"))),
        rolls(4, original(None)),
        rolls(5, None),
        Grant { recurrence: monthly("01-01"), ..rolls(6, original(Some("9"))) },
        grant(7, "30", "02-01"),
        grant(8, "-2", "02-01"),
    ])
    .voided(2, "02-01")
    .used("01-31 12:00", "-3")
    .used("02-01", "1")
    .reset("02-01");
    assert_eq!(
        book.history("01-31", "02-01 00:01"),
        [
            "02-01 OVERAGE - 0 (60) -3 (-3)",
            "02-01 EXPIRATION 1 -10 (50) 0 (-3)",
            "02-01 VOID 2 -10 (40) 0 (-3)",
            "02-01 RESET - 0 (40) 3 (0) by reset",
            "02-01 ROLLOVER 3 -4 (36) 0 (0) by reset",
            "02-01 ROLLOVER 30 4 (40) 0 (0) by reset",
            "02-01 ROLLOVER 4 -10 (30) 0 (0) by reset",
            "02-01 ROLLOVER 40 10 (40) 0 (0) by reset",
            "02-01 FORFEITURE 3 -6 (34) 0 (0) by reset",
            "02-01 FORFEITURE 5 -10 (24) 0 (0) by reset",
            "02-01 FORFEITURE 6 -1 (23) 0 (0) by reset",
            "02-01 EXPIRATION 6 -9 (14) 0 (0)",
            "02-01 GRANT 6 10 (24) 0 (0)",
            "02-01 GRANT 7 30 (54) 0 (0)",
            "02-01 GRANT 8 -2 (52) 0 (0)",
            "02-01 GRANT_USAGE 30 -2 (50) -2 (-2)",
            "02-01 GRANT_USAGE 8 2 (52) 2 (0)",
            "02-01 00:01 GRANT_USAGE 30 -1 (51) 0 (0)",
        ]
    );
}

#[test]
fn expiry_comes_before_void_and_void_before_reset() {
    let allowance = Grant { rollover: remaining(None), ..grant(1, "9", "01-01") };
    let ending = |book: &Book| book.outcome(at("02-01"), &[], None).grants[0].ended;

    let book = Book::of([allowance.clone()]).voided(1, "02-01").reset("02-01");
    assert_eq!(ending(&book), Some((at("02-01"), Ending::Voided)));
    let book = Book::of([lasting(allowance, months(1))]).voided(1, "02-01").reset("02-01");
    assert_eq!(ending(&book), Some((at("02-01"), Ending::Expired)));
    assert_eq!(book.facts.grants.len(), 1, "neither has a child");
}

#[test]
fn usage_in_the_instant_of_expiry_is_the_next_grants() {
    let book = Book::of([
        lasting(grant(1, "10", "01-01"), months(1)),
        Grant { priority: 9, ..grant(2, "10", "01-01") },
    ]);
    let book = book.used("01-31 23:59:59", "1").used("02-01", "2");
    assert_eq!(book.state("02-01"), "2:10 = 10, used 1, owed 0");
    assert_eq!(book.state("02-01 00:01"), "2:8 = 8, used 3, owed 0");
}

#[test]
fn original_amount_refills_a_recurring_grant_at_the_reset() {
    let rollover = original(Some("80"));
    let book =
        Book::of([Grant { recurrence: monthly("01-15"), rollover, ..grant(1, "100", "01-15") }]);
    let book = book.used("01-20", "60").reset("02-01");
    assert_eq!(book.state("02-01"), "1:80 = 80, used 0, owed 0");
    assert_eq!(
        book.history("02-01", "03-01"),
        [
            "02-01 ROLLOVER 1 40 (80) 0 (0) by reset",
            "02-15 EXPIRATION 1 -80 (0) 0 (0)",
            "02-15 GRANT 1 100 (100) 0 (0)",
        ]
    );
    // What it burned before the reset is not given back to it: it would hold more than it may.
    let book = book.used("02-02", "5").used("02-03", "-50");
    assert_eq!(book.state("02-04"), "1:80 = 80, used -45, owed -45");
}

#[test]
fn a_debit_covered_in_part_is_owed_for_the_rest() {
    let book = Book::of([grant(1, "3", "01-01"), grant(2, "-5", "01-02"), grant(3, "10", "01-03")]);
    assert_eq!(book.state("01-02"), "1:0 2:0 = 0, used 0, owed 2");
    assert_eq!(book.state("01-03"), "1:0 2:0 3:8 = 8, used 0, owed 0");
    assert_eq!(
        book.history("01-02", "01-04"),
        [
            "01-02 GRANT 2 -5 (-2) 0 (0)",
            "01-02 GRANT_USAGE 1 -3 (-5) -3 (-3)",
            "01-02 GRANT_USAGE 2 5 (0) 5 (2)",
            "01-03 GRANT 3 10 (10) 0 (2)",
            "01-03 GRANT_USAGE 3 -2 (8) -2 (0)",
        ]
    );
    assert_eq!(book.voided(2, "01-02").state("01-03"), "1:3 3:10 = 13, used 0, owed 0");
}

#[test]
fn negative_overage_is_credit_for_usage_to_come() {
    let book = Book::of([grant(1, "10", "01-05")]).used("01-02", "-5");
    assert_eq!(book.state("01-06"), "1:10 = 10, used -5, owed -5");
    let book = book.used("01-06", "8");
    assert_eq!(book.state("01-07"), "1:7 = 7, used 3, owed 0");
    assert_eq!(
        book.history("01-05", "01-07"),
        [
            "01-05 GRANT 1 10 (10) 0 (-5)",
            "01-07 GRANT_USAGE 1 -3 (7) 0 (-5)",
            "01-07 OVERAGE - 0 (7) 5 (0)",
        ]
    );
}

#[test]
fn a_reset_drops_overage_of_either_sign_or_preserves_it() {
    for (used, owed) in [("7", "7"), ("-7", "-7")] {
        let book = || Book::of([]).used("01-10", used);
        let preserved = book().reset_with("02-01", true);
        assert_eq!(preserved.state("02-01"), format!("= 0, used 0, owed {owed}"));
        assert_eq!(book().reset("02-01").state("02-01"), "= 0, used 0, owed 0");
    }
    // The new period's grant pays what was preserved.
    let book = Book::of([grant(1, "10", "02-01")]).used("01-10", "7").reset_with("02-01", true);
    assert_eq!(book.state("02-01"), "1:3 = 3, used 0, owed 0");
}

#[test]
fn the_most_recently_burned_is_given_back_first() {
    let of = |corrected: &str| {
        let last = Grant { priority: 2, ..grant(2, "10", "01-01") };
        // Three phases: 1 burns, then 1 and 2, then (a new one has begun) the correction.
        Book::of([grant(1, "10", "01-01"), last, Grant { priority: 3, ..grant(3, "1", "01-20") }])
            .used("01-10", "15")
            .used("01-25", corrected)
            .state("01-26")
    };
    assert_eq!(of("-3"), "1:0 2:8 3:1 = 9, used 12, owed 0");
    assert_eq!(of("-9"), "1:4 2:10 3:1 = 15, used 6, owed 0");
    assert_eq!(of("-16"), "1:10 2:10 3:1 = 21, used -1, owed -1");

    // 2 burned first in time, 1 in a later phase: 1 is given back first, whatever the order.
    let book = Book::of([
        Grant { priority: 2, ..grant(2, "10", "01-01") },
        Grant { priority: 1, ..grant(1, "10", "01-10") },
        grant(3, "1", "01-20"),
    ]);
    let book = book.used("01-05", "4").used("01-11", "4").used("01-21", "-5");
    assert_eq!(book.state("01-22"), "1:10 2:7 3:1 = 18, used 3, owed 0");
}

#[test]
fn a_correction_in_the_phase_of_its_usage_undoes_it_exactly() {
    let book = Book::of([grant(1, "10", "01-01"), grant(2, "10", "01-01")]);
    let book = book.used("01-02", "25").used("01-04", "-25");
    assert_eq!(book.state("01-03"), "1:0 2:0 = 0, used 25, owed 5");
    assert_eq!(book.state("01-05"), "1:10 2:10 = 20, used 0, owed 0");
    assert_eq!(
        book.history("01-03", "01-05"),
        [
            "01-05 GRANT_USAGE 1 10 (10) 0 (5)",
            "01-05 GRANT_USAGE 2 10 (20) 0 (5)",
            "01-05 OVERAGE - 0 (20) -5 (0)",
        ]
    );
}

#[test]
fn what_was_burned_and_given_back_in_a_phase_was_not_burned_in_it() {
    // 1 burns, then 2; in a third phase 1 again, but a correction undoes that: 2 remains the most
    // recently burned when a fourth phase gives back, wherever the third one was cut.
    let book = Book::of([
        grant(1, "10", "01-01"),
        Grant { priority: 0, ..grant(2, "3", "01-05") },
        Grant { priority: 9, ..grant(3, "1", "01-10") },
        Grant { priority: 9, ..grant(4, "1", "01-15") },
    ])
    .used("01-02", "4")
    .used("01-06", "3")
    .used("01-11", "2")
    .used("01-13", "-2")
    .used("01-16", "-5");
    assert_eq!(book.state("01-17"), "1:8 2:3 3:1 4:1 = 13, used 2, owed 0");
    let cuts = [at("01-12")];
    assert_eq!(book.outcome(at("01-17"), &cuts, None), book.outcome(at("01-17"), &[], None));
}

#[test]
fn a_chain_of_resets_carries_late_usage_through() {
    let allowance = Grant { rollover: remaining(None), ..grant(1, "100", "01-01") };
    let book = Book::of([lasting(allowance, months(2))]).reset("02-01").reset("03-01");
    let book = book.reset("04-01").used("03-10", "5").used("02-10", "30").used("01-10", "10");
    assert_eq!(book.state("04-01"), "1000:55 = 55, used 0, owed 0");
    assert_eq!(book.grant(1000).expires_at, Some(at("06-01")));
    // Usage that takes all leaves the identities, and nothing in them.
    let book = book.used("01-11", "200");
    assert_eq!(book.state("02-01"), "10:0 = 0, used 0, owed 0");
    assert_eq!(book.state("04-01"), "1000:0 = 0, used 0, owed 0");
}

#[test]
fn a_childs_original_amount_is_its_own() {
    let rollover = original(Some("60"));
    let book = Book::of([Grant { rollover, ..grant(1, "100", "01-01") }]);
    let book = book.used("01-10", "70").reset("02-01").used("02-10", "50").reset("03-01");
    assert_eq!(book.state("02-01"), "10:60 = 60, used 0, owed 0");
    assert_eq!(book.state("03-01"), "100:60 = 60, used 0, owed 0");
    assert_eq!(
        book.history("02-01", "02-02"),
        [
            "02-01 ROLLOVER 1 -30 (0) 0 (0) by reset",
            "02-01 ROLLOVER 10 30 (30) 0 (0) by reset",
            "02-01 GRANT 10 30 (60) 0 (0)",
        ]
    );
}

#[test]
fn a_void_later_than_the_reset_is_the_childs() {
    let allowance = Grant { rollover: remaining(None), ..grant(1, "100", "01-01") };
    let book = Book::of([allowance]).voided(1, "03-10").reset("02-01").reset("03-01");
    assert_eq!(book.state("03-09"), "100:100 = 100, used 0, owed 0");
    assert_eq!(book.state("03-10"), "= 0, used 0, owed 0");
    assert_eq!(book.history("03-10", "03-11"), ["03-10 VOID 100 -100 (0) 0 (0)"]);
}

#[test]
fn a_child_voided_at_its_reset_never_was() {
    let allowance = Grant { rollover: remaining(None), ..grant(1, "100", "01-01") };
    let book = Book::of([allowance]).reset("02-01").voided(10, "02-01");
    assert_eq!(book.history("02-01", "02-02"), ["02-01 FORFEITURE 1 -100 (0) 0 (0) by reset"]);
    let outcome = book.outcome(at("02-02"), &[], None);
    let child = outcome.grant(10).expect("the child");
    assert_eq!((child.amount, child.active, child.ended), (amount("100"), false, None));
}

#[test]
fn usage_before_the_first_grant_is_paid_by_it() {
    let book = Book::of([grant(1, "10", "01-05")]).used("01-02", "4");
    assert_eq!(book.state("01-05"), "1:6 = 6, used 4, owed 0");
    assert_eq!(
        book.history("01-01", "01-06"),
        [
            "01-05 OVERAGE - 0 (0) 4 (4)",
            "01-05 GRANT 1 10 (10) 0 (4)",
            "01-05 GRANT_USAGE 1 -4 (6) -4 (0)",
        ]
    );
}

#[test]
fn calendar_cuts_work_from_the_first_year_to_the_last() {
    let first = Time::from_unix_micros(Time::MIN.unix_micros() + 1).expect("the year 1");
    let last = Time::from_unix_micros(Time::MAX.unix_micros() - 1).expect("the year 9999");
    for unit in Unit::ALL {
        for (from, to) in [(Time::MIN, first), (first, first.next()), (last, Time::MAX)] {
            let cuts = Timeline::calendar_cuts(unit, from, to);
            assert_eq!(cuts.expect("no boundaries"), [], "{unit:?}");
        }
    }
}

#[test]
fn a_history_of_nothing_has_no_rows() {
    let book = Book::of([grant(1, "10", "01-05")]).used("01-05", "1");
    assert_eq!(book.history("01-05", "01-05"), [""; 0]);
    let window = Window { from: at("01-01"), to: at("01-01") };
    assert_eq!(book.outcome(at("01-01"), &[], Some(window)).entries, []);
}

#[test]
fn recurrences_in_the_first_and_last_years_are_found() {
    for (year_start, refills) in [(Time::MIN, 3), (Time::MAX, 0)] {
        let recurrence =
            Some(credit_engine::Recurrence { interval: months(1), anchor: year_start });
        let mut book = Book::of([Grant {
            effective_at: year_start,
            created_at: year_start,
            recurrence,
            ..grant(1, "10", "01-01")
        }]);
        book.facts.measure_from = year_start;
        let until = Time::from_unix_micros(year_start.unix_micros() + 100 * 86_400_000_000);
        let until = until.unwrap_or(Time::MAX);
        let window = Window { from: year_start, to: until };
        let entries = book.outcome(until, &[], Some(window)).entries;
        let granted = entries.iter().filter(|entry| entry.amount.is_positive()).count();
        assert_eq!(granted, refills + usize::from(year_start < until));
    }
}
