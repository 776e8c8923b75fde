//! The JSON documents, in the words of the seed package: absent values are left out, numbers are
//! exact, times are RFC 3339 in UTC.

use crate::account::ResetRecord;
use crate::convert::json::StringMap;
use crate::feature::Feature;
use crate::grant::{Derived, GrantRecord, rollover_name};
use crate::ledger::Ledger;
use credit_engine::{Amount, GrantOutcome, Outcome, Period, Recurrence, Rollover, Time};
use serde::{Serialize, Serializer};
use serde_json::Number;
use uuid::Uuid;

/// Writes what is shown by `Display` as a JSON string.
fn as_text<S: Serializer>(value: &impl ToString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_string())
}

/// The same, where there is a value.
fn as_text_if<S: Serializer>(
    value: &Option<impl ToString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => as_text(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// An amount as an exact JSON number.
pub fn number(amount: Amount) -> Number {
    amount.to_string().parse().expect("a plain decimal is a JSON number")
}

/// The answer of `credit_balance`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BalanceDocument {
    #[serde(serialize_with = "as_text")]
    id: Uuid,
    subject: String,
    metadata: StringMap,
    feature_balances: Vec<FeatureBalance>,
    grant_balances: Vec<GrantBalance>,
}

impl BalanceDocument {
    /// The balances of a ledger.
    pub fn new(
        ledger: &Ledger,
        feature_balances: Vec<FeatureBalance>,
        grant_balances: Vec<GrantBalance>,
    ) -> BalanceDocument {
        BalanceDocument {
            id: ledger.id,
            subject: ledger.subject.clone(),
            metadata: ledger.metadata.clone(),
            feature_balances,
            grant_balances,
        }
    }
}

/// A feature with its balance.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeatureBalance {
    #[serde(serialize_with = "as_text")]
    id: Uuid,
    name: String,
    meter_slug: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    meter_group_by_filters: Option<StringMap>,
    archived: bool,
    #[serde(serialize_with = "as_text")]
    created_at: Time,
    #[serde(serialize_with = "as_text")]
    updated_at: Time,
    balance: Number,
    usage: Number,
    overage: Number,
    held: Number,
    available: Number,
}

impl FeatureBalance {
    /// The balance of a feature.
    pub fn new(
        feature: &Feature,
        outcome: &Outcome,
        held: Amount,
        available: Amount,
    ) -> FeatureBalance {
        FeatureBalance {
            id: feature.id,
            name: feature.name.clone(),
            meter_slug: feature.meter_slug.clone(),
            meter_group_by_filters: feature.filters.clone(),
            archived: feature.archived_at.is_some(),
            created_at: feature.created_at,
            updated_at: feature.updated_at,
            balance: number(outcome.balance),
            usage: number(outcome.usage),
            overage: number(outcome.overage),
            held: number(held),
            available: number(available),
        }
    }
}

/// A grant with its balance.
#[derive(Serialize)]
pub struct GrantBalance {
    #[serde(flatten)]
    grant: GrantDocument,
    balance: Number,
}

impl GrantBalance {
    /// The balance of a grant of a ledger at a time.
    pub fn new(
        ledger: &Ledger,
        record: &GrantRecord,
        outcome: &GrantOutcome,
        at: Time,
    ) -> GrantBalance {
        GrantBalance {
            grant: GrantDocument::new(ledger, record, &outcome.into(), at),
            balance: number(outcome.balance),
        }
    }
}

/// A grant as it stands at a time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantDocument {
    #[serde(serialize_with = "as_text")]
    id: Uuid,
    #[serde(rename = "parentID", skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "as_text_if")]
    parent_id: Option<Uuid>,
    #[serde(rename = "ledgerID", serialize_with = "as_text")]
    ledger_id: Uuid,
    r#type: &'static str,
    #[serde(rename = "featureID", serialize_with = "as_text")]
    feature_id: Uuid,
    amount: Number,
    priority: u8,
    #[serde(serialize_with = "as_text")]
    effective_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<PeriodDocument>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text_if")]
    expires_at: Option<Time>,
    metadata: StringMap,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollover: Option<RolloverDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<RecurrenceDocument>,
    void: bool,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text_if")]
    voided_at: Option<Time>,
    #[serde(serialize_with = "as_text")]
    created_at: Time,
    #[serde(serialize_with = "as_text")]
    updated_at: Time,
}

impl GrantDocument {
    /// A grant of a ledger; a void after `at` is not part of it.
    pub fn new(
        ledger: &Ledger,
        record: &GrantRecord,
        derived: &Derived,
        at: Time,
    ) -> GrantDocument {
        let grant = &record.grant;
        let voided_at = derived.voided_at.filter(|voided_at| *voided_at <= at);
        GrantDocument {
            id: record.id(),
            parent_id: grant.parent.map(Uuid::from_u128),
            ledger_id: ledger.id,
            r#type: "USAGE",
            feature_id: record.feature_id,
            amount: number(derived.amount),
            priority: grant.priority,
            effective_at: grant.effective_at,
            expiration: grant.expiration.map(PeriodDocument::from),
            expires_at: grant.expires_at,
            metadata: record.metadata.clone(),
            rollover: grant.rollover.map(RolloverDocument::from),
            recurrence: grant.recurrence.map(RecurrenceDocument::from),
            void: voided_at.is_some(),
            voided_at,
            created_at: grant.created_at,
            updated_at: voided_at.map_or(grant.created_at, |_| record.updated_at()),
        }
    }
}

#[derive(Serialize)]
struct PeriodDocument {
    count: u32,
    duration: &'static str,
}

impl From<Period> for PeriodDocument {
    fn from(period: Period) -> PeriodDocument {
        PeriodDocument { count: period.count(), duration: period.unit().name() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RolloverDocument {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_amount: Option<Number>,
}

impl From<Rollover> for RolloverDocument {
    fn from(rollover: Rollover) -> RolloverDocument {
        RolloverDocument {
            r#type: rollover_name(rollover.kind),
            max_amount: rollover.max_amount.map(number),
        }
    }
}

#[derive(Serialize)]
struct RecurrenceDocument {
    interval: PeriodDocument,
    #[serde(serialize_with = "as_text")]
    anchor: Time,
}

impl From<Recurrence> for RecurrenceDocument {
    fn from(recurrence: Recurrence) -> RecurrenceDocument {
        RecurrenceDocument { interval: recurrence.interval.into(), anchor: recurrence.anchor }
    }
}

/// The answer of `credit_reset`.
#[derive(Serialize)]
pub struct ResetAnswer {
    reset: ResetDocument,
    grants: Vec<GrantDocument>,
    replayed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResetDocument {
    #[serde(serialize_with = "as_text")]
    id: Uuid,
    #[serde(rename = "ledgerID", serialize_with = "as_text")]
    ledger_id: Uuid,
    #[serde(serialize_with = "as_text")]
    effective_at: Time,
    preserve_overage: bool,
    #[serde(serialize_with = "as_text")]
    created_at: Time,
}

impl ResetAnswer {
    /// A reset of a ledger with the children that it gave.
    pub fn new(
        ledger: &Ledger,
        record: &ResetRecord,
        grants: Vec<GrantDocument>,
        replayed: bool,
    ) -> ResetAnswer {
        ResetAnswer {
            reset: ResetDocument {
                id: Uuid::from_u128(record.reset.id),
                ledger_id: ledger.id,
                effective_at: record.reset.at,
                preserve_overage: record.reset.preserve_overage,
                created_at: record.created_at,
            },
            grants,
            replayed,
        }
    }
}

/// A document as `jsonb`.
pub fn to_jsonb(document: &impl Serialize) -> pgrx::JsonB {
    pgrx::JsonB(serde_json::to_value(document).expect("a document has text keys"))
}
