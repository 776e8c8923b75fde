//! The examples that the design was agreed on, with their exact numbers.

use crate::book::{Book, amount, at, grant, lasting, monthly, months, original, remaining};
use credit_engine::{Amount, Grant, Timeline, Usage, replay};

#[test]
fn three_grants_burn_in_the_order_of_their_expiry() {
    let expiring =
        |id, value, day| Grant { expires_at: Some(at(day)), ..grant(id, value, "01-01") };
    let book = Book::of([
        expiring(3, "10", "03-01"),
        expiring(2, "100", "03-02"),
        expiring(1, "100", "03-03"),
    ])
    .used("01-10", "30");
    assert_eq!(book.state("01-11"), "1:100 2:80 3:0 = 180, used 30, owed 0");
}

#[test]
fn the_next_grant_pays_what_is_owed() {
    let book = Book::of([grant(1, "10", "01-01"), grant(2, "100", "01-05")]).used("01-02", "30");
    assert_eq!(book.state("01-03"), "1:0 = 0, used 30, owed 20");
    assert_eq!(book.state("01-05"), "1:0 2:80 = 80, used 30, owed 0");
    assert_eq!(
        book.history("01-01", "01-06"),
        [
            "01-01 GRANT 1 10 (10) 0 (0)",
            "01-05 GRANT_USAGE 1 -10 (0) 0 (0)",
            "01-05 OVERAGE - 0 (0) 20 (20)",
            "01-05 GRANT 2 100 (100) 0 (20)",
            "01-05 GRANT_USAGE 2 -20 (80) -20 (0)",
        ]
    );

    let mut grants = book.facts.grants;
    grants.push(grant(3, "-5", "01-06"));
    let book = Book::of(grants).used("01-02", "30");
    assert_eq!(book.state("01-06"), "1:0 2:75 3:0 = 75, used 30, owed 0");
    assert_eq!(
        book.history("01-06", "01-07"),
        [
            "01-06 GRANT 3 -5 (75) 0 (0)",
            "01-06 GRANT_USAGE 2 -5 (70) -5 (-5)",
            "01-06 GRANT_USAGE 3 5 (75) 5 (0)",
        ]
    );
}

#[test]
fn usage_is_paid_by_who_was_active_then() {
    let book = Book::of([
        grant(1, "100", "01-01 00:03"),
        Grant { priority: 0, ..grant(2, "100", "01-01 01:00") },
    ])
    .used("01-01 00:03:01", "1");
    assert_eq!(book.state("01-01 01:01"), "1:99 2:100 = 199, used 1, owed 0");
}

#[test]
fn rollover_is_capped_and_never_raised() {
    for (rollover, used, state) in [
        (remaining(Some("50")), "100", "10:0 = 0, used 0, owed 0"),
        (remaining(Some("50")), "20", "10:50 = 50, used 0, owed 0"),
        (remaining(Some("50")), "70", "10:30 = 30, used 0, owed 0"),
        (original(Some("50")), "20", "10:50 = 50, used 0, owed 0"),
        (original(Some("500")), "20", "10:100 = 100, used 0, owed 0"),
        (original(None), "100", "10:100 = 100, used 0, owed 0"),
        (None, "20", "= 0, used 0, owed 0"),
    ] {
        let book = Book::of([Grant { rollover, ..grant(1, "100", "01-01") }]);
        let book = book.used("01-10", used).reset("02-01");
        assert_eq!(book.state("02-01"), state, "{rollover:?}");
    }
}

#[test]
fn a_grant_that_expires_at_the_reset_does_not_roll_over() {
    let allowance = Grant { rollover: remaining(None), ..grant(1, "100", "01-01") };
    let book = Book::of([lasting(allowance, months(1))]).used("01-10", "40").reset("02-01");
    assert_eq!(book.facts.grants.len(), 1);
    assert_eq!(book.state("02-01"), "= 0, used 0, owed 0");
    assert_eq!(book.history("02-01", "02-02"), ["02-01 EXPIRATION 1 -60 (0) 0 (0)"]);
}

#[test]
fn late_usage_reduces_what_rolled_over() {
    let allowance = Grant { rollover: remaining(None), ..grant(1, "100", "01-01") };
    let book = Book::of([lasting(allowance, months(2))]).used("01-10", "40").reset("02-01");
    assert_eq!(book.state("02-10"), "10:60 = 60, used 0, owed 0");
    assert_eq!(book.grant(10).expires_at, Some(at("04-01")));

    let book = book.used("01-20", "15");
    assert_eq!(book.state("02-10"), "10:45 = 45, used 0, owed 0");
    assert_eq!(
        book.history("01-01", "03-01"),
        [
            "01-01 GRANT 1 100 (100) 0 (0)",
            "02-01 GRANT_USAGE 1 -55 (45) 0 (0)",
            "02-01 ROLLOVER 1 -45 (0) 0 (0) by reset",
            "02-01 ROLLOVER 10 45 (45) 0 (0) by reset",
        ]
    );
    assert_eq!(book.history("04-01", "04-02"), ["04-01 EXPIRATION 10 -45 (0) 0 (0)"]);
}

#[test]
fn a_child_keeps_an_expiry_that_was_given_as_a_date() {
    let expires_at = Some(at("03-01"));
    let allowance = Grant { rollover: remaining(None), expires_at, ..grant(1, "100", "01-01") };
    let book = Book::of([allowance]).used("01-10", "40").reset("02-01");
    assert_eq!(book.state("02-29 23:59"), "10:60 = 60, used 0, owed 0");
    assert_eq!(book.state("03-01"), "= 0, used 0, owed 0");
}

#[test]
fn a_correction_gives_back_across_phases() {
    let allowance = Grant { rollover: remaining(None), ..grant(1, "100", "01-01") };
    let alone = Book::of([allowance.clone()]);
    let with_top_up = Book::of([allowance, Grant { priority: 2, ..grant(2, "1", "01-15") }]);
    for book in [alone, with_top_up] {
        let book = book.used("01-10", "80").used("01-20", "-50").reset("02-01");
        assert_eq!(book.state("02-01"), "10:70 = 70, used 0, owed 0");
    }
}

#[test]
fn a_child_stands_where_its_root_stood() {
    let rolls = |id, value, created| Grant {
        rollover: remaining(None),
        created_at: at(created),
        ..grant(id, value, "01-03")
    };
    // A was made first; its id and its child's are the greater ones.
    let book = Book::of([rolls(2, "50", "01-01"), rolls(1, "100", "01-02")]);
    let book = book.reset("02-01").used("02-02", "60");
    assert_eq!(book.state("02-03"), "10:90 20:0 = 90, used 60, owed 0");
}

#[test]
fn recurrence_does_not_drift_from_the_month_end() {
    let book = Book::of([
        Grant { recurrence: monthly("01-31"), ..grant(1, "100", "01-31") },
        Grant { priority: 2, ..grant(2, "50", "04-01") },
    ])
    .used("02-10", "70")
    .used("03-05", "70")
    .used("04-05", "120");
    assert_eq!(book.state("02-28"), "1:30 = 30, used 70, owed 0");
    assert_eq!(book.state("03-01"), "1:100 = 100, used 70, owed 0");
    assert_eq!(book.state("03-06"), "1:30 = 30, used 140, owed 0");
    assert_eq!(book.state("04-02"), "1:100 2:50 = 150, used 140, owed 0");
    assert_eq!(book.state("04-06"), "1:0 2:30 = 30, used 260, owed 0");
    assert_eq!(
        book.history("02-01", "04-01"),
        [
            "02-29 GRANT_USAGE 1 -70 (30) 0 (0)",
            "02-29 EXPIRATION 1 -30 (0) 0 (0)",
            "02-29 GRANT 1 100 (100) 0 (0)",
            "03-31 GRANT_USAGE 1 -70 (30) 0 (0)",
            "03-31 EXPIRATION 1 -30 (0) 0 (0)",
            "03-31 GRANT 1 100 (100) 0 (0)",
        ]
    );
}

#[test]
fn a_recurring_grant_without_rollover_waits_for_its_refill() {
    let book = Book::of([Grant { recurrence: monthly("01-15"), ..grant(1, "100", "01-15") }]);
    let book = book.used("01-20", "60").reset("02-01");
    assert_eq!(book.state("02-01"), "1:0 = 0, used 0, owed 0");
    assert_eq!(book.state("02-15"), "1:100 = 100, used 0, owed 0");
    assert_eq!(book.history("02-01", "02-02"), ["02-01 FORFEITURE 1 -40 (0) 0 (0) by reset"]);
}

#[test]
fn sums_are_exact() {
    let book = Book::of([grant(1, "1", "01-01")]).used("01-02", "0.1").used("01-02", "0.2");
    assert_eq!(book.state("01-03"), "1:0.7 = 0.7, used 0.3, owed 0");

    for (events, value, sum) in
        [(10_000_000, "0.000001", "10"), (200, "999000000000000", "199800000000000000")]
    {
        let timeline = Timeline::new(&Book::of([]).facts, at("02-01"), &[]).expect("few points");
        let mut usage = Usage::none(&timeline);
        let (when, value) = (at("01-10"), amount(value));
        for _ in 0..events {
            usage.add(&timeline, when, value).expect("a sum in range");
        }
        let outcome = replay(&timeline, &usage, None);
        assert_eq!((outcome.usage, outcome.overage), (amount(sum), amount(sum)));
    }
}

#[test]
fn the_smallest_and_the_largest_amount_meet() {
    let book = Book::of([grant(1, "999999999999999.999999999999", "01-01")]);
    let book = book.used("01-02", "0.000000000001");
    assert_eq!(
        book.outcome(at("01-03"), &[], None).balance,
        amount("999999999999999.999999999998")
    );
    assert_eq!(Amount::INPUT_LIMIT, amount("1000000000000000"));
}
