//! Where the history of a feature was closed: all that must be known of what happened before, so
//! that the events before it need not be there any more.
//!
//! What a [`Snapshot`](crate::Snapshot) is for speed, for some readers, in whatever form, a seal is
//! for good: it goes on to the last digit as if nothing had been closed, at any instant, and its
//! [`Form`] is one that later versions and people can read.

use crate::burn::Account;
use crate::checkpoint::{Checkpoint, Kept, Lasting};
use crate::replay::seal_at_last;
use crate::{Amount, Facts, Id, Time, Timeline, TooManyPoints, Usage};
use serde::{Deserialize, Serialize};

/// What is known of one feature of one ledger at an instant, before anything that happens at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    checkpoint: Checkpoint,
    first_at: Option<Time>,
}

/// It is no form of a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotASeal;

impl Seal {
    /// The seal of a feature of which nothing happened before `at`.
    pub fn nothing(at: Time) -> Seal {
        let phase = Some(Lasting::default());
        Seal { checkpoint: Checkpoint { phase, ..Checkpoint::beginning(at) }, first_at: None }
    }

    /// The seal where a timeline ends; the end is the last of its cuts, and all `usage` before is
    /// there.
    pub fn take(timeline: &Timeline, usage: &Usage) -> Seal {
        debug_assert_eq!(timeline.points.last(), Some(&timeline.until));
        debug_assert!(usage.is_complete());
        Seal { checkpoint: seal_at_last(timeline, usage), first_at: usage.first_at() }
    }

    /// Where the history was closed.
    pub fn at(&self) -> Time {
        self.checkpoint.at
    }

    /// Whether the facts say all that it does.
    pub fn is_nothing(&self) -> bool {
        let nothing = Seal::nothing(self.checkpoint.at);
        let phases = self.checkpoint.phases;
        *self == Seal { checkpoint: Checkpoint { phases, ..nothing.checkpoint }, ..nothing }
    }

    /// The timeline of `facts` from the seal on; see [`Timeline::new`]. Nothing in `facts` acts
    /// before the seal that it did not see.
    ///
    /// # Errors
    /// [`TooManyPoints`].
    pub fn timeline(
        &self,
        facts: &Facts,
        until: Time,
        cuts: &[Time],
    ) -> Result<Timeline, TooManyPoints> {
        Timeline::after(self.checkpoint.clone(), facts, until, cuts)
    }

    /// Tells the usage on a timeline that it gave what it knows of the usage before.
    pub fn add_to(&self, timeline: &Timeline, usage: &mut Usage) {
        if let Some(first_at) = self.first_at {
            usage.add_first_at(timeline, first_at);
        }
    }

    /// The form that is kept.
    pub fn to_form(&self) -> Form {
        let Seal { checkpoint, first_at } = self;
        let phase = checkpoint.phase.as_ref().expect("a seal keeps its phase");
        let grants = (checkpoint.grants.iter())
            .map(|kept| GrantForm {
                id: id_to_text(kept.id),
                amount: kept.amount.to_string(),
                paid: kept.account.paid.to_string(),
                active: kept.is_active.then(|| ActiveForm {
                    balance: kept.account.balance.to_string(),
                    returnable: kept.account.returnable.to_string(),
                    last_burned_in: kept.account.last_burned_in,
                    phase_start: AccountForm::of(&phase.account(kept.id)),
                }),
            })
            .collect();
        Form {
            first_usage_at: first_at.map(|at| at.to_string()),
            usage: checkpoint.usage_since_reset.to_string(),
            overage: checkpoint.overage.to_string(),
            phase: PhaseForm {
                number: checkpoint.phases,
                owed: phase.owed.to_string(),
                used: phase.used.to_string(),
            },
            grants,
        }
    }

    /// Reads what [`Seal::to_form`] gave of a seal at `at`.
    ///
    /// # Errors
    /// [`NotASeal`].
    pub fn from_form(at: Time, form: &Form) -> Result<Seal, NotASeal> {
        let mut grants = Vec::new();
        let mut start = Vec::new();
        for grant in &form.grants {
            let id = id_from_text(&grant.id)?;
            let mut account = Account { paid: amount(&grant.paid)?, ..Account::default() };
            if let Some(active) = &grant.active {
                account.balance = amount(&active.balance)?;
                account.returnable = amount(&active.returnable)?;
                account.last_burned_in = active.last_burned_in;
                start.push((id, active.phase_start.account()?));
            }
            let is_active = grant.active.is_some();
            grants.push(Kept { id, amount: amount(&grant.amount)?, account, is_active });
        }
        grants.sort_unstable_by_key(|kept| kept.id);
        start.sort_unstable_by_key(|(id, _)| *id);
        let PhaseForm { number, owed, used } = &form.phase;
        let phase = Lasting { owed: amount(owed)?, used: amount(used)?, start };
        let first_at = form.first_usage_at.as_ref().map(|text| text.parse());
        Ok(Seal {
            checkpoint: Checkpoint {
                at,
                phases: *number,
                overage: amount(&form.overage)?,
                usage_since_reset: amount(&form.usage)?,
                grants,
                phase: Some(phase),
            },
            first_at: first_at.transpose().map_err(|_| NotASeal)?,
        })
    }
}

/// A seal in words: amounts as plain decimals, times in RFC 3339, ids as UUIDs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Form {
    /// The earliest usage ever counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_usage_at: Option<String>,
    /// Usage since the last reset.
    usage: String,
    /// What is owed.
    overage: String,
    phase: PhaseForm,
    grants: Vec<GrantForm>,
}

/// The phase that lasts at the seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PhaseForm {
    /// How many phases there were, this one included.
    number: usize,
    /// Overage carried into it, and debits.
    owed: String,
    /// Usage in it.
    used: String,
}

/// A grant that is active, has paid, or rolled over from another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GrantForm {
    id: String,
    /// What it was granted, or what rolled over.
    amount: String,
    /// What it has paid over its life, net.
    paid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    active: Option<ActiveForm>,
}

/// What else there is to know of an active grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ActiveForm {
    /// What is left of it.
    balance: String,
    /// What a correction may give back to it.
    returnable: String,
    /// The number of the phase in which it last paid.
    last_burned_in: usize,
    /// What it was when the phase began.
    phase_start: AccountForm,
}

/// A grant at another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AccountForm {
    balance: String,
    returnable: String,
    paid: String,
    last_burned_in: usize,
}

impl AccountForm {
    fn of(account: &Account) -> AccountForm {
        AccountForm {
            balance: account.balance.to_string(),
            returnable: account.returnable.to_string(),
            paid: account.paid.to_string(),
            last_burned_in: account.last_burned_in,
        }
    }

    fn account(&self) -> Result<Account, NotASeal> {
        Ok(Account {
            balance: amount(&self.balance)?,
            returnable: amount(&self.returnable)?,
            paid: amount(&self.paid)?,
            last_burned_in: self.last_burned_in,
        })
    }
}

fn amount(text: &str) -> Result<Amount, NotASeal> {
    Amount::from_shown(text).map_err(|_| NotASeal)
}

/// The 8-4-4-4-12 digits of a UUID.
fn id_to_text(id: Id) -> String {
    let digits = format!("{id:032x}");
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

fn id_from_text(text: &str) -> Result<Id, NotASeal> {
    let digits = text.replace('-', "");
    let is_plain = digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let id = Id::from_str_radix(&digits, 16).ok().filter(|_| is_plain);
    id.filter(|id| id_to_text(*id) == text).ok_or(NotASeal)
}
