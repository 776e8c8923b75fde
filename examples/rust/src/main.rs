//! A day of the shop: what it says, it has checked.
//!
//! Wants examples/setup.sql in a fresh database, and `DATABASE_URL`, say `postgresql://shop@localhost/shop`.

mod credit;
mod shop;

use credit::{Error, Result, call, retried};
use deadpool_postgres::{Manager, Pool};
use rust_decimal::{Decimal, dec};
use shop::{
    Balance, Event, Spend, ask_model, place_order, send_usage, spend_once, spend_up_to, standing,
};
use std::cell::RefCell;
use std::time::SystemTime;
use tokio::task::JoinSet;
use tokio_postgres::{IsolationLevel, NoTls, types::Json};

async fn orders(pool: &Pool) -> Result<()> {
    let spend = retried(|| place_order(pool, "1", "acme", dec!(60))).await?;
    assert_eq!([spend.amount, spend.available], [dec!(60), dec!(40)]);
    let error = retried(|| place_order(pool, "2", "acme", dec!(60))).await.err().expect("too much");
    let Error::InsufficientCredit(detail) = &error else { return Err(error) };
    let numbers = [detail.requested, detail.available, detail.overdraft];
    assert_eq!(numbers, [dec!(60), dec!(40), dec!(0)]);
    let ids: Vec<String> = call(pool, "SELECT array_agg(id) FROM orders", &[]).await?.get(0);
    assert_eq!(ids, ["1"]);
    println!("order 1 took {}; order 2 is not there: {} are left", spend.amount, detail.available);
    Ok(())
}

async fn lost_answer(pool: &Pool) -> Result<()> {
    let first = spend_once(pool, "acme", dec!(2.50), "job 7").await?;
    let again = spend_once(pool, "acme", dec!(2.50), "job 7").await?;
    assert_eq!((first.replayed, again.replayed, first.id), (false, true, again.id));
    let error = spend_once(pool, "acme", dec!(2.51), "job 7").await.err().expect("2.51 is not 2.5");
    let Error::IdempotencyConflict(detail) = &error else { return Err(error) };
    assert_eq!((&*detail.key, &*detail.argument), ("job 7", "amount"));
    assert_eq!(standing(pool, "acme").await?, [dec!(37.5), dec!(0), dec!(37.5)]);
    println!(
        "job 7, called twice, took {} once; as 2.51 it is another {}",
        again.amount, detail.argument
    );
    Ok(())
}

async fn model_calls(pool: &Pool) -> Result<()> {
    let model = async || {
        assert_eq!(standing(pool, "acme").await?, [dec!(37.5), dec!(30), dec!(7.5)]);
        Ok::<_, Error>(("42", dec!(7.25)))
    };
    let (answer, hold) = ask_model(pool, "acme", dec!(30), model).await?;
    let broken = async || Err::<((), Decimal), Box<dyn std::error::Error>>("timeout".into());
    assert!(
        ask_model(pool, "acme", dec!(30), broken).await.is_err_and(|e| e.to_string() == "timeout")
    );
    assert_eq!(standing(pool, "acme").await?, [dec!(30.25), dec!(0), dec!(30.25)]);
    let error = call(pool, "SELECT credit_settle($1, 8)", &[&hold]).await.expect_err("settled");
    let Error::HoldNotOpen(detail) = &error else { return Err(error) };
    assert_eq!((&*detail.state, detail.settled), ("SETTLED", Some(dec!(7.25))));
    println!("the model said {answer} for 7.25 of 30; the call that broke cost nothing");
    Ok(())
}

async fn part(pool: &Pool) -> Result<()> {
    let some = spend_up_to(pool, "acme", dec!(40)).await?;
    let none = spend_up_to(pool, "acme", dec!(40)).await?;
    assert_eq!([some.amount, some.available], [dec!(30.25), dec!(0)]);
    assert!(some.id.is_some() && none.id.is_none());
    println!("of 40 there were {}, and then nothing", some.amount);
    Ok(())
}

/// Another session spends after our snapshot was taken: 40001, and the transaction is run again.
async fn run_again(pool: &Pool) -> Result<()> {
    let snapshots: RefCell<Vec<Decimal>> = RefCell::default();
    let place = async || {
        let mut client = pool.get().await?;
        let level = IsolationLevel::RepeatableRead;
        let tx = client.build_transaction().isolation_level(level).start().await?;
        let row = tx.query_one("SELECT credit_available('globex', 'assistant')", &[]).await?;
        snapshots.borrow_mut().push(row.get(0));
        if snapshots.borrow().len() == 1 {
            spend_once(pool, "globex", dec!(1), "from elsewhere").await?;
        }
        let row =
            tx.query_one("SELECT * FROM credit_consume('globex', 'assistant', 1)", &[]).await?;
        tx.commit().await?;
        Ok(Spend::from(row))
    };
    let spend = retried(place).await?;
    let snapshots = snapshots.into_inner();
    assert_eq!((&*snapshots, spend.available), (&[dec!(10), dec!(9)][..], dec!(8)));
    println!("a spend was tried 2 times: it saw {}, then {}", snapshots[0], snapshots[1]);
    Ok(())
}

/// Eight connections spend tenths until there is nothing left.
async fn all_at_once(pool: &Pool) -> Result<()> {
    let mut customers = JoinSet::new();
    for worker in 0..8 {
        let pool = pool.clone();
        customers.spawn(async move {
            for n in 0.. {
                let order = format!("{worker}/{n}");
                match retried(|| place_order(&pool, &order, "globex", dec!(0.1))).await {
                    Ok(_) => {}
                    Err(Error::InsufficientCredit(_)) => return Ok(n),
                    Err(error) => return Err(error),
                }
            }
            unreachable!()
        });
    }
    let placed = customers.join_all().await.into_iter().sum::<Result<i32>>()?;
    let sum = "SELECT sum(credits) FROM orders WHERE credits = 0.1";
    let sold: Decimal = call(pool, sum, &[]).await?.get(0);
    assert_eq!((placed, sold), (80, dec!(8)));
    assert_eq!(standing(pool, "globex").await?, [dec!(0); 3]);
    println!("8 connections placed {placed} orders of 0.1, and {sold} is what there was");
    Ok(())
}

async fn exact(pool: &Pool) -> Result<()> {
    let [largest, smallest] = [dec!(999999999999999.999999999999), dec!(0.000000000001)];
    let spend = retried(|| place_order(pool, "4", "initech", largest)).await?;
    assert_eq!([spend.amount, spend.available], [largest, smallest]);
    let row = call(pool, "SELECT credit_balance('initech')", &[]).await?;
    let Json(balance): Json<Balance> = row.get(0);
    let amounts: Vec<_> = balance.grant_balances.iter().map(|grant| grant.amount).collect();
    assert_eq!(amounts, [largest, smallest]);
    println!("of {largest} + {smallest}, {} is left: nothing was rounded", spend.available);
    Ok(())
}

async fn usage(pool: &Pool) -> Result<()> {
    let event = |n| Event {
        customer: "acme".to_owned(),
        tokens: dec!(0.001),
        time: SystemTime::now(),
        model: "small",
        key: format!("request {n}"),
    };
    let events: Vec<_> = (0..1000).map(event).collect();
    let taken = [send_usage(pool, &events).await?, send_usage(pool, &events[..10]).await?];
    assert_eq!(taken, [1000, 0]);
    assert_eq!(standing(pool, "acme").await?, [dec!(0), dec!(0), dec!(-1)]);
    println!("1000 events in one call; ten of them again are replays: 1 is owed");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL").map_err(|_| "DATABASE_URL is not set")?;
    let pool = Pool::builder(Manager::new(url.parse()?, NoTls)).max_size(8).build()?;
    orders(&pool).await?;
    lost_answer(&pool).await?;
    model_calls(&pool).await?;
    part(&pool).await?;
    run_again(&pool).await?;
    all_at_once(&pool).await?;
    exact(&pool).await?;
    usage(&pool).await?;
    Ok(())
}
