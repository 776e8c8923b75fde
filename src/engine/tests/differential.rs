//! The engine against a naive model: every number and every history row, in thousands of scenarios.

mod common;
mod naive;

use common::{Ask, Scenario, config, scenario};
use credit_engine::{Entry, Id, Time, Timeline, Unit, Window};
use naive::{Answer, Row};
use proptest::prelude::*;

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn naive_model_agrees(scenario in scenario()) {
        for ask in &scenario.asks {
            agree(&scenario, ask)?;
        }
        let last = scenario.asks.iter().map(|ask| ask.until).max().expect("a question");
        agree(&scenario, &scenario.whole(last))?;
    }

    #[test]
    fn resets_roll_the_same_grants(scenario in scenario()) {
        for reset in &scenario.facts.resets {
            let mut made: Vec<(Id, Option<Time>)> = scenario
                .facts
                .grants
                .iter()
                .filter(|grant| grant.effective_at == reset.at)
                .filter_map(|grant| Some((grant.parent?, grant.expires_at)))
                .collect();
            made.sort();
            prop_assert_eq!(made, naive::life::children(&scenario.facts, reset));
        }
    }

    #[test]
    fn calendars_agree(scenario in scenario()) {
        let Window { from, to } = scenario.asks[0].window;
        for unit in Unit::ALL {
            prop_assert_eq!(
                Timeline::calendar_cuts(unit, from, to).expect("few cuts"),
                naive::calendar::boundaries(unit, from, to)
            );
        }
    }
}

fn agree(scenario: &Scenario, ask: &Ask) -> Result<(), TestCaseError> {
    let outcome = scenario.outcome(ask);
    let Answer { balance, overage, usage, grants, rows } =
        naive::run(&scenario.facts, &scenario.usage, ask.until, &ask.cuts, ask.window);
    let mut engine_rows = outcome.entries.iter().map(row);
    for row in rows {
        prop_assert_eq!(engine_rows.next(), Some(row), "history row");
    }
    prop_assert_eq!(engine_rows.next(), None, "history has one row too many");
    prop_assert_eq!(outcome.balance, balance, "balance");
    prop_assert_eq!(outcome.overage, overage, "overage");
    prop_assert_eq!(outcome.usage, usage, "usage since the reset");
    prop_assert_eq!(outcome.grants, grants, "grants");
    Ok(())
}

fn row(entry: &Entry) -> Row {
    Row {
        at: entry.at,
        kind: entry.kind,
        grant: entry.grant,
        reset: entry.reset,
        amount: entry.amount,
        balance_after: entry.balance_after,
        overage: entry.overage,
        overage_after: entry.overage_after,
        period: entry.period,
    }
}
