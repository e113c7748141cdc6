//! What clients see of the insurance tariff of an enterprise.

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::NaiveDate;
use domain::grade::Degree;
use domain::ids::OkedCode as Oked;
use domain::refusal::RefusalCode;
use domain::roles::{Action, Resource};
use domain::tariff;
use entity::enterprise;
use entity::scope::Scope;

use crate::areas::enterprises::{EnterpriseById, SecondaryActivities};
use crate::areas::reference::Book;
use crate::areas::tariffs::compute::{Insured, Problem, Tariff, compute};
use crate::areas::tariffs::premium::{InsurancePremium, PayBandInput, payroll, premium};
use crate::error::{Error, Result};
use crate::graphql::Ask;
use crate::graphql::explanation::{Explanation, Origin};
use crate::graphql::scalars::{Date, Decimal, OkedCode, Percent};

/// Class and rate of one activity.
#[derive(Clone, Debug, SimpleObject)]
pub struct ActivityTariff {
    /// The activity.
    pub oked: OkedCode,
    /// Its class of professional risk, 1 to 22.
    pub risk_class: i32,
    /// Rate of the class, per cent of the payroll.
    pub rate_percent: Percent,
    /// Source of the row that gave the class.
    pub class_origin: Origin,
    /// Source of the row that gave the rate.
    pub rate_origin: Origin,
}

/// What the loaded tables do not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TariffProblemCode {
    /// No row gives a class of professional risk for the main activity. No number can be given.
    ActivityClassNotLoaded,
    /// No row gives a rate for the class of one of the activities. No number can be given: the highest rate of all
    /// activities counts, and the missing one may be the highest.
    TariffRateNotLoaded,
    /// No rule set is in force on the day: there is neither a coefficient nor a premium.
    UnknownRuleSet,
    /// The minimum wage of the year is not loaded: there is no premium.
    MinimumWageNotLoaded,
}

/// Why a number cannot be given. It is never guessed or interpolated; an import of the official table mends it.
#[derive(Clone, Debug, SimpleObject)]
pub struct TariffProblem {
    /// What is missing, for programs.
    pub code: TariffProblemCode,
    /// What is missing, for people, in the language of the request.
    pub message: String,
    /// The activity without a class. Null for the other codes.
    pub oked: Option<OkedCode>,
    /// The class without a rate, 1 to 22. Null for the other codes.
    pub risk_class: Option<i32>,
}

/// Accident insurance of an enterprise: class of professional risk, rate, correction by degree, premium.
pub struct EnterpriseTariff {
    tariff: Tariff,
    as_of: NaiveDate,
}

impl EnterpriseTariff {
    /// The tariff of an enterprise on a day, today when `None`. `None` when the caller may not see it.
    pub async fn of(ctx: &Context<'_>, row: &enterprise::Model, as_of: Option<NaiveDate>) -> Result<Option<Self>> {
        let scope = ctx.allow(Action::Read, Resource::Tariff)?;
        if !reaches(ctx, &scope, row).await? {
            return Ok(None);
        }
        let as_of = as_of.unwrap_or(ctx.today());
        let secondary = ctx.load(SecondaryActivities { enterprise: row.id, scope }).await?;
        let book = ctx.app().library.book();
        Ok(Some(Self { tariff: tariff(&book, row, &secondary.unwrap_or_default(), as_of)?, as_of }))
    }
}

fn tariff(book: &Book, row: &enterprise::Model, secondary: &[String], as_of: NaiveDate) -> Result<Tariff> {
    let code = |text: &str| {
        Oked::parse(text).map_err(|error| Error::internal(format!("enterprise {}: {text}: {error}", row.id)))
    };
    let insured = Insured {
        main: code(&row.oked)?,
        secondary: secondary.iter().map(|text| code(text)).collect::<Result<_>>()?,
        headcount: u32::try_from(row.headcount).unwrap_or_default(),
        degree: Degree::numbered(row.level_rank),
    };
    compute(book.tariffs(), book.rules_on(as_of), &insured, as_of).map_err(Error::internal)
}

/// The rate that an enterprise with these secondary activities pays on a day, corrected by its degree; `None` when the
/// loaded tables do not give it. The caller has asked for permission.
pub fn payable_percent(
    book: &Book,
    row: &enterprise::Model,
    secondary: &[String],
    on: NaiveDate,
) -> Option<rust_decimal::Decimal> {
    // A fault of the tables must not stop a change of the enterprise; its field `tariff` tells of it.
    tariff(book, row, secondary, on).ok()?.payable_percent()
}

/// Whether a row that was read with `enterprise:read` lies within the tariff's scope too. The same scope needs no look.
async fn reaches(ctx: &Context<'_>, scope: &Scope, row: &enterprise::Model) -> Result<bool> {
    if ctx.allow(Action::Read, Resource::Enterprise).is_ok_and(|read| read == *scope) {
        return Ok(true);
    }
    Ok(ctx.load(EnterpriseById { id: row.id, scope: scope.clone() }).await?.is_some())
}

/// Accident insurance of an enterprise: class of professional risk, rate, correction by degree, premium.
///
/// A gap in the loaded tables is an answer, not an error of the request: the numbers it prevents are null and `problem`
/// says why, so that a list of enterprises stays whole. Requires permission `tariff:read`.
#[Object]
impl EnterpriseTariff {
    /// Day whose classes, rates, minimum wage and rule set count. The degree is always the present one.
    async fn as_of(&self) -> Date {
        Date(self.as_of)
    }

    /// Main and secondary activities with their class and rate, the main one first; at most twenty-one. Empty when a
    /// class or rate is missing (`problem`).
    async fn activities(&self) -> Vec<ActivityTariff> {
        self.tariff.choice.iter().flat_map(|choice| choice.activities.iter().map(ActivityTariff::from)).collect()
    }

    /// The activity with the highest rate, which gives class and rate; the main one when rates are equal. Null when a
    /// class or rate is missing (`problem`).
    async fn chosen(&self) -> Option<ActivityTariff> {
        self.tariff.choice.as_ref().map(|choice| (&choice.chosen).into())
    }

    /// Class of professional risk, 1 to 22. Null when a class or rate is missing (`problem`).
    async fn risk_class(&self) -> Option<i32> {
        self.tariff.choice.as_ref().map(|choice| choice.chosen.class.into())
    }

    /// Rate of the class before correction, per cent of the payroll. Null when a class or rate is missing (`problem`).
    async fn rate_percent(&self) -> Option<Percent> {
        self.tariff.choice.as_ref().map(|choice| choice.chosen.rate_percent.into())
    }

    /// Integral degree of professional risk of the enterprise that corrects the rate, 1 to 5. Null while no workplace
    /// has been assessed, and where nothing could be corrected (`problem`).
    async fn degree(&self) -> Option<i32> {
        self.tariff.corrected.as_ref().map(|corrected| corrected.degree.get().into())
    }

    /// Correction coefficient of the degree: 1.0, 1.2, 1.3, 1.4, 1.5 in the slides of 2023. Null while no workplace has
    /// been assessed, and where nothing could be corrected (`problem`).
    async fn coefficient(&self) -> Option<Decimal> {
        self.tariff.corrected.as_ref().map(|corrected| corrected.coefficient.into())
    }

    /// Rate times coefficient, per cent of the payroll, exact. Null while no workplace has been assessed (then
    /// `ratePercent` is payable), and where nothing could be corrected (`problem`).
    async fn corrected_rate_percent(&self) -> Option<Percent> {
        self.tariff.corrected.as_ref().map(|corrected| corrected.result_percent.into())
    }

    /// Secondary activities for which no class is loaded: they could raise the rate once their rows are imported. At
    /// most twenty.
    async fn unresolved_activities(&self) -> Vec<OkedCode> {
        let unresolved = self.tariff.choice.iter().flat_map(|choice| &choice.unresolved);
        unresolved.map(|oked| OkedCode(oked.to_string())).collect()
    }

    /// The first thing the loaded tables do not hold. Null when everything could be computed.
    async fn problem(&self, ctx: &Context<'_>) -> Option<Result<TariffProblem>> {
        self.tariff.problem.as_ref().map(|problem| shown(ctx, problem))
    }

    /// How class, rate and correction came about. Null when a class, a rate or the rule set is missing (`problem`).
    async fn explanation(&self) -> Option<Explanation> {
        self.tariff.trace().map(Into::into)
    }

    /// Premium of a contract: the rate times the payroll, each worker's monthly pay counted up to ten minimum wages, at
    /// least one minimum wage. The corrected rate applies where the enterprise is assessed, else that of its class.
    /// Null when something is missing in the loaded tables (`problem`).
    async fn premium(
        &self,
        #[graphql(desc = "Workers by monthly pay; 1 to 1,000 bands.")] payroll: Vec<PayBandInput>,
        #[graphql(desc = "Months of the contract, 1 to 12.", default = 12)] months: i32,
    ) -> Option<Result<InsurancePremium>> {
        let rules = self.tariff.rules.as_deref()?;
        let minimum = self.tariff.minimum.as_ref()?;
        let rate = self.tariff.payable_percent()?;
        let payroll = self::payroll(payroll, months, rules).map_err(Error::from);
        Some(payroll.and_then(|payroll| Ok(premium(rules, minimum, rate, &payroll)?)))
    }
}

impl From<&tariff::ActivityTariff> for ActivityTariff {
    fn from(activity: &tariff::ActivityTariff) -> Self {
        Self {
            oked: OkedCode(activity.oked.to_string()),
            risk_class: activity.class.into(),
            rate_percent: activity.rate_percent.into(),
            class_origin: activity.class_origin.clone().into(),
            rate_origin: activity.rate_origin.clone().into(),
        }
    }
}

fn shown(ctx: &Context<'_>, problem: &Problem) -> Result<TariffProblem> {
    let code = match problem.refusal.code {
        RefusalCode::ActivityClassNotLoaded => TariffProblemCode::ActivityClassNotLoaded,
        RefusalCode::TariffRateNotLoaded => TariffProblemCode::TariffRateNotLoaded,
        RefusalCode::UnknownRuleSet => TariffProblemCode::UnknownRuleSet,
        RefusalCode::MinimumWageNotLoaded => TariffProblemCode::MinimumWageNotLoaded,
        other => return Err(Error::internal(format!("undeclared tariff problem {other}"))),
    };
    Ok(TariffProblem {
        code,
        message: problem.refusal.message(ctx.language(None)),
        oked: problem.oked.as_ref().map(|oked| OkedCode(oked.to_string())),
        risk_class: problem.class.map(Into::into),
    })
}
