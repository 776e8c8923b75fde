//! `credit`: prepaid usage credit kept and computed inside PostgreSQL.
//!
//! Data flows one way: an SQL call, its arguments checked ([`settings`], [`convert`]), the facts
//! read ([`account`], with all SQL text in [`queries`]), the engine (`credit-engine`, which knows
//! no PostgreSQL), rows out. One file per SQL noun; the DDL is in `sql/`, and only ordered here.

use pgrx::prelude::*;

mod account;
mod balance;
mod catalog;
mod check;
mod clock;
mod composite;
mod convert;
mod dimensions;
mod document;
mod error;
mod feature;
mod grant;
mod history;
mod hold;
mod idempotency;
mod ids;
mod ingest;
mod known;
mod ledger;
mod ledger_balances;
mod measure;
mod page;
mod queries;
mod reset;
mod reset_all;
mod rights;
mod seal;
mod settings;
mod snapshot;
mod spend;
mod spi;
mod stamp;
mod usage;

pgrx::pg_module_magic!();

/// Called when a backend loads the library.
#[pg_guard]
pub extern "C-unwind" fn _PG_init() {
    settings::define();
    known::watch();
    credit_engine::pause_with(check_for_interrupts);
}

/// Lets a cancel or a timeout end a long computation of the engine.
fn check_for_interrupts() {
    pgrx::check_for_interrupts!();
}

// The install script: the files of sql/, each after the one before.
extension_sql_file!("../sql/schema.sql", name = "schema");
extension_sql_file!("../sql/tables.sql", name = "tables", requires = ["schema"]);
extension_sql_file!("../sql/support.sql", name = "support", requires = ["tables"]);
extension_sql_file!("../sql/meters.sql", name = "meters", requires = ["support"]);
extension_sql_file!("../sql/features.sql", name = "features", requires = ["meters"]);
extension_sql_file!("../sql/ledgers.sql", name = "ledgers", requires = ["features"]);
extension_sql_file!("../sql/grants.sql", name = "grants", requires = ["ledgers"]);
extension_sql_file!("../sql/usage.sql", name = "usage", requires = ["grants"]);
extension_sql_file!("../sql/spends.sql", name = "spends", requires = ["usage"]);
extension_sql_file!("../sql/holds.sql", name = "holds", requires = ["spends"]);
extension_sql_file!("../sql/balances.sql", name = "balances", requires = ["holds"]);
extension_sql_file!("../sql/resets.sql", name = "resets", requires = ["balances"]);
extension_sql_file!("../sql/snapshots.sql", name = "snapshots", requires = ["resets"]);
extension_sql_file!("../sql/stats.sql", name = "stats", requires = ["snapshots"]);
extension_sql_file!("../sql/retention.sql", name = "retention", requires = ["stats"]);
extension_sql_file!("../sql/privileges.sql", name = "privileges", requires = ["retention"]);
