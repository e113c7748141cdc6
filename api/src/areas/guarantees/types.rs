//! What clients see of guarantees.

use async_graphql::{Context, Enum, Object, SimpleObject};
use domain::{guarantee, rule_set};

use crate::graphql::explanation::{Explanation, Provenance};
use crate::graphql::scalars::Decimal;
use crate::language::{Language, LocalizedText, pick};

/// The six social guarantees of the presentation of 2023.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::GuaranteeKind")]
pub enum GuaranteeKind {
    /// Mandatory occupational pension contributions (ОППВ), paid by the employer.
    PensionContributions,
    /// Reduced working time.
    ReducedWorkingTime,
    /// Additional paid leave.
    AdditionalLeave,
    /// Therapeutic and preventive nutrition.
    TherapeuticNutrition,
    /// Milk or equal products.
    Milk,
    /// Raised pay.
    RaisedPay,
}

/// What the amounts of a guarantee count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::GuaranteeUnit")]
pub enum GuaranteeUnit {
    /// Per cent of the worker's income.
    PercentOfIncome,
    /// Hours of work a week: fewer is more of a guarantee.
    HoursPerWeek,
    /// Calendar days a year.
    DaysPerYear,
    /// Rations a shift.
    RationsPerShift,
    /// Litres a shift.
    LitresPerShift,
    /// Factor the pay is multiplied by.
    PayCoefficient,
}

/// One guarantee at the degree of a workplace.
pub struct GuaranteeDue {
    due: guarantee::GuaranteeDue,
}

impl From<guarantee::GuaranteeDue> for GuaranteeDue {
    fn from(due: guarantee::GuaranteeDue) -> Self {
        Self { due }
    }
}

/// One guarantee at the degree of a workplace. Requires permission `guarantee_due:read`.
#[Object]
impl GuaranteeDue {
    /// Which guarantee.
    async fn kind(&self) -> GuaranteeKind {
        self.due.kind.into()
    }

    /// Name in the language asked for, else in that of the request.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> &str {
        pick(self.due.names.as_str(), ctx, language)
    }

    /// Name in all three languages.
    async fn names(&self) -> LocalizedText {
        self.due.names.clone().into()
    }

    /// Whether the degree gives anything beyond the ordinary.
    async fn granted(&self) -> bool {
        self.due.granted
    }

    /// Least amount, in `unit`. Null for raised pay while no coefficient is loaded for the sector of the enterprise.
    async fn min(&self) -> Option<Decimal> {
        self.due.min.map(Decimal::from)
    }

    /// Largest amount, in `unit`; equal to `min` where there is no choice. Null where `min` is.
    async fn max(&self) -> Option<Decimal> {
        self.due.max.map(Decimal::from)
    }

    /// What the amounts count.
    async fn unit(&self) -> GuaranteeUnit {
        self.due.unit.into()
    }

    /// Kind of source the row rests on.
    async fn provenance(&self) -> Provenance {
        self.due.origin.provenance.into()
    }

    /// Citation of the source.
    async fn source(&self) -> &str {
        &self.due.origin.source
    }
}

/// The sector of raised pay an enterprise belongs to by its main activity.
#[derive(Clone, Debug, SimpleObject)]
pub struct PaySector {
    /// Stable code, such as `CONSTRUCTION`.
    pub code: String,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// Sector coefficient D1 of the pay formula.
    pub d1: Decimal,
    /// Raising coefficient D2 of the pay formula.
    pub d2: Decimal,
}

/// Social guarantees due at a workplace, by its degree of professional risk. Requires permission `guarantee_due:read`.
#[derive(SimpleObject)]
pub struct WorkplaceGuarantees {
    /// Degree of professional risk the guarantees follow from, 1 (acceptable) to 5 (very high).
    pub degree: i32,
    /// All six guarantees, granted or not.
    pub items: Vec<GuaranteeDue>,
    /// Coefficient of raised pay, K = (1 + ((A−1)/3)·(D1−1))·D2/D1 with the divisor of the rule set, A the degree. Null
    /// while no coefficient is loaded for the sector of the enterprise.
    pub pay_coefficient: Option<Decimal>,
    /// Sector of the enterprise, by the longest OKED prefix of its main activity. Null when no sector covers it.
    pub sector: Option<PaySector>,
    /// How the amounts came about.
    pub explanation: Explanation,
}
