//! The errors that Rust raises; those of meters, features and ledgers that SQL
//! raises stand beside their functions in `sql/`.

use super::Error;
use crate::account::{HighWatermark, WatermarkOf};
use crate::document::number;
use credit_engine::{Amount, Time};
use pgrx::prelude::*;
use serde_json::json;

impl Error {
    /// 40001: the transaction's snapshot is older than what the lock shows.
    pub fn stale_snapshot(subject: &str) -> Error {
        let code = PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE;
        Error::known(
            code,
            "could not serialize access due to a concurrent change of the ledger".into(),
            format!("The ledger of \"{subject}\" was changed after this transaction's snapshot."),
        )
        .hint("Run the transaction again.")
    }

    /// 25001: snapshots are taken in transactions that see what others commit.
    pub fn not_read_committed() -> Error {
        Error::old_state("snapshots are taken in READ COMMITTED only")
            .hint("Call credit_maintain in a READ COMMITTED transaction.")
    }

    /// 25001: so is a namespace sealed.
    pub fn sealed_in_old_state() -> Error {
        Error::old_state("a namespace is sealed in READ COMMITTED only")
            .hint("Set default_transaction_isolation to \"read committed\" and call credit_retire.")
    }

    fn old_state(message: &str) -> Error {
        Error::known(
            PgSqlErrorCode::ERRCODE_ACTIVE_SQL_TRANSACTION,
            message.into(),
            "This transaction is REPEATABLE READ or SERIALIZABLE, and sees an old state.".into(),
        )
    }

    /// 55000: an UPDATE, DELETE or TRUNCATE by hand of a table of schema `credit`.
    pub fn append_only(table: &str) -> Error {
        let hint = match table {
            "usage_events" => "Correct usage with an event of a negative value.",
            "grants" | "grant_voids" => "Void a grant with credit_void_grant.",
            "holds" => "Release a hold with credit_release.",
            "spends" => "Refund with a spend of a negative amount.",
            "features" => "Archive a feature with credit_delete_feature.",
            _ => "Write another row instead: what is there stays.",
        };
        Error::known(
            PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("table \"credit.{table}\" is append-only"),
            "Balances are derived from its rows, so they are never changed or removed.".into(),
        )
        .hint(hint)
    }

    /// XX001: a row that no function of ours wrote.
    pub fn foreign_row(what: &str) -> Error {
        Error::known(
            PgSqlErrorCode::ERRCODE_DATA_CORRUPTED,
            "a table of schema credit holds what credit did not write".into(),
            format!("It holds {what}."),
        )
        .hint("Find out who wrote it by hand; no balance can be computed from it.")
    }

    /// 42501: the row that every change of a ledger locks is hidden from the owner of the schema.
    pub fn ledger_not_lockable(subject: &str) -> Error {
        Error::known(
            PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!("ledger \"{subject}\" cannot be locked"),
            "The owner of schema credit does not see its row in credit.ledgers.".into(),
        )
        .hint("Let row-level policies on credit.ledgers pass the owner of schema credit.")
    }

    /// 42501: a negative amount of a caller who may spend only.
    pub fn may_not_refund(amount: Amount, name: &str) -> Error {
        Error::known(
            PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!("permission denied for a negative \"{name}\""),
            format!("It is {amount}, which makes credit."),
        )
        .hint("Who may refund is granted EXECUTE on function credit.may_refund().")
    }

    /// 42501: a seal by a caller whom row-level policies bind.
    pub fn may_not_seal() -> Error {
        Error::known(
            PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
            "permission denied to seal a namespace".into(),
            "Row-level policies on credit.ledgers bind the caller, and a seal is of all ledgers."
                .into(),
        )
        .hint("Call credit_retire as a role that none binds: a superuser, or one with BYPASSRLS.")
    }

    /// 54000: more phases than one call computes.
    pub fn too_many_phases() -> Error {
        Error::known(
            PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            "too many phases".into(),
            format!(
                "Recurrences or the granularity cut the time asked for into more than {} pieces.",
                credit_engine::MAX_POINTS
            ),
        )
        .hint("Ask for an earlier time, a shorter interval or a coarser granularity.")
    }

    /// UC001.
    pub fn ledger_not_found(ledger: &str, namespace: &str) -> Error {
        Error::own(
            "UC001",
            "ledger_not_found",
            format!("ledger \"{ledger}\" not found"),
            json!({ "ledger": ledger, "namespace": namespace }),
        )
        .hint("Create it with credit_create_ledger.")
    }

    /// UC002.
    pub fn feature_not_found(feature: &str, namespace: &str) -> Error {
        Error::own(
            "UC002",
            "feature_not_found",
            format!("feature \"{feature}\" not found"),
            json!({ "feature": feature, "namespace": namespace }),
        )
        .hint("Create it with credit_create_feature; an archived feature is found by its id only.")
    }

    /// UC002: it was found by its id, but is of no use any more.
    pub fn feature_archived(feature: &str, namespace: &str) -> Error {
        Error::own(
            "UC002",
            "feature_archived",
            format!("feature \"{feature}\" is archived"),
            json!({ "feature": feature, "namespace": namespace }),
        )
        .hint("An archived feature takes no grant and no spend; create another one.")
    }

    /// UC003.
    pub fn grant_not_found(grant: uuid::Uuid, namespace: &str) -> Error {
        Error::own(
            "UC003",
            "grant_not_found",
            format!("grant \"{grant}\" not found"),
            json!({ "grant": grant.to_string(), "namespace": namespace }),
        )
    }

    /// UC004.
    pub fn meter_not_found(meter: &str, namespace: &str) -> Error {
        Error::own(
            "UC004",
            "meter_not_found",
            format!("meter \"{meter}\" not found"),
            json!({ "meter": meter, "namespace": namespace }),
        )
        .hint("Create it with credit_create_meter.")
    }

    /// UC005.
    pub fn hold_not_found(hold: uuid::Uuid, namespace: &str) -> Error {
        Error::own(
            "UC005",
            "hold_not_found",
            format!("hold \"{hold}\" not found"),
            json!({ "hold": hold.to_string(), "namespace": namespace }),
        )
    }

    /// UC104: `argument` is the first that differs.
    pub fn idempotency_conflict(key: &str, argument: &str) -> Error {
        Error::own(
            "UC104",
            "idempotency_conflict",
            format!("idempotency key \"{key}\" was used with another \"{argument}\""),
            json!({ "key": key, "argument": argument }),
        )
        .hint("Repeat a call with the arguments of the first one, or use a new key.")
    }

    /// UC202: a grant or a void at `at`, before the high watermark of the ledger of `subject`.
    pub fn before_high_watermark(at: Time, subject: &str, watermark: HighWatermark) -> Error {
        Error::watermark("time is before", at, subject, watermark)
    }

    /// UC202: a reset at `at`, before the high watermark or at it.
    pub fn not_after_high_watermark(at: Time, subject: &str, watermark: HighWatermark) -> Error {
        Error::watermark("time is not after", at, subject, watermark)
    }

    /// UC202: a reset at the time of the last one, but with another `preserve_overage`.
    pub fn other_reset(at: Time, subject: &str, watermark: HighWatermark) -> Error {
        Error::not_after_high_watermark(at, subject, watermark)
            .hint("The last reset has this time and another \"preserve_overage\".")
    }

    /// UC202: a read at `at`, before the start of measurement.
    pub fn before_measurement(at: Time, subject: &str, measure_from: Time) -> Error {
        let watermark = HighWatermark { at: measure_from, of: WatermarkOf::Measurement };
        Error::watermark("time is before", at, subject, watermark)
    }

    /// UC202: a read at `at`, before the seal.
    pub fn before_seal(at: Time, subject: &str, sealed_at: Time) -> Error {
        let watermark = HighWatermark { at: sealed_at, of: WatermarkOf::Seal };
        Error::watermark("time is before", at, subject, watermark)
    }

    fn watermark(relation: &str, at: Time, subject: &str, watermark: HighWatermark) -> Error {
        let (name, key, hint) = match watermark.of {
            WatermarkOf::Reset => (
                "high watermark",
                "highWatermark",
                "Nothing changes before the last reset; late usage is counted all the same.",
            ),
            WatermarkOf::Measurement => (
                "start of measurement",
                "measureFrom",
                "The start of measurement is chosen when the ledger is created.",
            ),
            WatermarkOf::Seal => (
                "seal",
                "sealedAt",
                "What was before is closed by credit_retire: nothing changes there or is asked.",
            ),
        };
        let mut detail = json!({ "at": at.to_string(), "subject": subject });
        detail[key] = json!(watermark.at.to_string());
        let message = format!("{relation} the {name}");
        Error::own("UC202", "high_watermark_before", message, detail).hint(hint)
    }

    /// UC203.
    pub fn grant_used(grant: uuid::Uuid, paid: Amount, voided_at: Time) -> Error {
        Error::own(
            "UC203",
            "grant_used",
            "grant has been used, cannot void",
            json!({
                "grant": grant.to_string(),
                "paid": number(paid),
                "voidedAt": voided_at.to_string(),
            }),
        )
        .hint("Call with forfeit_remaining => true to forfeit what is left of it.")
    }

    /// UC204.
    pub fn grant_void(grant: uuid::Uuid, voided_at: Time) -> Error {
        Error::own(
            "UC204",
            "grant_void",
            "grant is void already",
            json!({ "grant": grant.to_string(), "voidedAt": voided_at.to_string() }),
        )
    }

    /// UC205: `settled` is what it was settled for, if that was how it ended.
    pub fn hold_not_open(
        hold: uuid::Uuid,
        state: &str,
        settled: Option<Amount>,
        ended_at: Time,
    ) -> Error {
        let mut detail = json!({
            "hold": hold.to_string(), "state": state, "endedAt": ended_at.to_string(),
        });
        if let Some(settled) = settled {
            detail["settled"] = json!(number(settled));
        }
        let error = Error::own("UC205", "hold_not_open", "hold is no longer open", detail);
        match state {
            "EXPIRED" => error.hint("Its time is over: spend with credit_consume."),
            _ => error,
        }
    }

    /// UC206: `child` is the grant that took over at a reset.
    pub fn grant_ended(
        grant: uuid::Uuid,
        at: Time,
        reason: &str,
        child: Option<uuid::Uuid>,
    ) -> Error {
        let mut detail = json!({
            "grant": grant.to_string(), "endedAt": at.to_string(), "reason": reason,
        });
        if let Some(child) = child {
            detail["child"] = json!(child.to_string());
        }
        let error = Error::own("UC206", "grant_ended", "grant has ended", detail);
        match child {
            Some(_) => error.hint("Void its child instead."),
            None => error,
        }
    }

    /// UC207.
    pub fn event_sealed(occurred_at: Time, subject: &str, sealed_at: Time) -> Error {
        Error::own(
            "UC207",
            "event_sealed",
            "event is dated before the seal",
            json!({
                "subject": subject,
                "occurredAt": occurred_at.to_string(),
                "sealedAt": sealed_at.to_string(),
            }),
        )
        .hint("Set credit.events_before_seal to at_seal to have such events dated at the seal.")
    }

    /// 22023: a seal before the one that there is.
    pub fn seal_must_grow(at: Time, sealed_at: Time) -> Error {
        let message = "\"before\" is earlier than the seal";
        Error::bad_argument(message, format!("It is {at}, the namespace is sealed at {sealed_at}."))
            .hint("Give the time of the seal to go on with it, or a later one.")
    }

    /// 55000: a hold that was made before the seal could become usage before it.
    pub fn hold_before_seal(subject: &str, hold: uuid::Uuid, held_at: Time, at: Time) -> Error {
        Error::known(
            PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("a hold on ledger \"{subject}\" is open from before the seal"),
            format!("Hold {hold} is open since {held_at}, the seal is at {at}."),
        )
        .hint(
            "Settle or release it or wait for its end, and call again, or seal at an earlier time.",
        )
    }

    /// 55000: a step of a seal before the one that must come first.
    pub fn seal_not_ready(at: Time, reason: &str) -> Error {
        Error::known(
            PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("the seal at {at} is not that far"),
            reason.to_owned(),
        )
        .hint("Call credit_retire, which does one after the other.")
    }

    /// UC301: `requested` is more than `available` and `overdraft` together.
    pub fn insufficient_credit(
        subject: &str,
        feature: &str,
        (requested, available, overdraft): (Amount, Amount, Amount),
    ) -> Error {
        Error::own(
            "UC301",
            "insufficient_credit",
            format!("not enough credit for feature \"{feature}\""),
            json!({
                "subject": subject,
                "feature": feature,
                "requested": number(requested),
                "available": number(available),
                "overdraft": number(overdraft),
            }),
        )
        .hint("Grant more, spend at most what is available, or allow an overdraft.")
    }
}
