//! What clients see of the factors at a workplace and of their measurements.

use async_graphql::{Context, ID, Object};
use domain::ids::FactorCode;
use domain::roles::{Action, Resource};
use domain::rule_set::RuleSet;
use domain::trace::Trace;
use domain::{factors, grade};
use entity::scope::Scope;
use entity::{factor_assignment, measurement};
use futures::FutureExt;
use uuid::Uuid;

use crate::areas::factors::loaders::{FactorsOfWorkplace, MeasurementsOfFactor, MeasurementsOfWorkplace};
use crate::areas::factors::newest::NewestOfFactor;
use crate::areas::factors::observation::Observation;
use crate::areas::factors::store::{self, Filter};
use crate::areas::reference::{ConditionClass, HarmfulFactor};
use crate::areas::workplaces::Workplace;
use crate::error::{Error, Result};
use crate::graphql::children::{CountOf, page_of};
use crate::graphql::connection::{Connection, connection};
use crate::graphql::explanation::Explanation;
use crate::graphql::page::PageArgs;
use crate::graphql::scalars::{Date, Moment};
use crate::graphql::{Ask, id};

/// A harmful factor present at a workplace.
pub struct FactorAssignment {
    /// The row.
    pub row: factor_assignment::Model,
}

impl From<factor_assignment::Model> for FactorAssignment {
    fn from(row: factor_assignment::Model) -> Self {
        Self { row }
    }
}

/// A harmful factor present at a workplace. Requires permission `factor_assignment:read`.
#[Object]
impl FactorAssignment {
    /// Opaque id.
    pub(crate) async fn id(&self) -> ID {
        id::encode("FactorAssignment", self.row.id)
    }

    /// The workplace. Null when the caller may not see it. Requires permission `workplace:read`.
    async fn workplace(&self, ctx: &Context<'_>) -> Option<Result<Workplace>> {
        Workplace::load(ctx, self.row.workplace_id).boxed().await.transpose()
    }

    /// Code in the catalogue of the rule set.
    async fn factor_code(&self) -> &str {
        &self.row.factor_code
    }

    /// The entry of the catalogue in force today. Null when the catalogue no longer holds the factor.
    /// Requires permission `reference:read`.
    async fn factor(&self, ctx: &Context<'_>) -> Option<Result<HarmfulFactor>> {
        let rules = ctx.app().library.book().rules_on(ctx.today());
        entry(ctx, rules.as_deref(), &self.row.factor_code).transpose()
    }

    /// Exposure in a shift, minutes, 0..1440.
    async fn exposure_minutes(&self) -> i32 {
        self.row.exposure_minutes
    }

    /// Raised by every change of the exposure; `factorAssign` asks for the version that was read.
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// The measurement that counts in an assessment: the newest day, of one day the last recorded. Null while the factor
    /// has not been measured here. Requires permission `measurement:read`.
    async fn latest_measurement(&self, ctx: &Context<'_>) -> Option<Result<Measurement>> {
        self.newest(ctx).boxed().await.transpose()
    }

    /// Measurements of this factor at this workplace, newest day first.
    /// Requires permission `measurement:read`.
    #[allow(clippy::too_many_arguments)] // the four arguments of every list
    async fn measurements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<Measurement, MeasurementCount>>> {
        Some(self.history(ctx, PageArgs { first, after, last, before }).boxed().await)
    }

    /// When the factor was assigned.
    async fn created_at(&self) -> Moment {
        Moment(self.row.created_at)
    }
}

impl FactorAssignment {
    async fn newest(&self, ctx: &Context<'_>) -> Result<Option<Measurement>> {
        let scope = ctx.allow(Action::Read, Resource::Measurement)?;
        let row = ctx.load(NewestOfFactor { assignment: self.row.id, scope }).await?;
        Ok(row.map(Measurement::from))
    }

    async fn history(&self, ctx: &Context<'_>, args: PageArgs) -> Result<Connection<Measurement, MeasurementCount>> {
        let scope = ctx.allow(Action::Read, Resource::Measurement)?;
        let rows = page_of::<MeasurementsOfFactor>(ctx, self.row.id, scope.clone(), args).await?;
        let count = MeasurementCount::OfFactor(CountOf::new(self.row.id, scope));
        Ok(connection(rows, count, Measurement::from))
    }
}

/// One measured or certified exposure to a factor. It is never changed: a newer one stands beside it.
pub struct Measurement {
    /// The row.
    pub row: measurement::Model,
}

impl From<measurement::Model> for Measurement {
    fn from(row: measurement::Model) -> Self {
        Self { row }
    }
}

/// One measured or certified exposure to a factor. It is never changed: a newer one stands beside it.
/// Requires permission `measurement:read`.
#[Object]
impl Measurement {
    /// Opaque id.
    pub(crate) async fn id(&self) -> ID {
        id::encode("Measurement", self.row.id)
    }

    /// The workplace. Null when the caller may not see it. Requires permission `workplace:read`.
    async fn workplace(&self, ctx: &Context<'_>) -> Option<Result<Workplace>> {
        Workplace::load(ctx, self.row.workplace_id).boxed().await.transpose()
    }

    /// Day of the measurement.
    async fn measured_on(&self) -> Date {
        Date(self.row.measured_on)
    }

    /// Code in the catalogue of the rule set.
    async fn factor_code(&self) -> &str {
        &self.row.factor_code
    }

    /// The entry of the catalogue that gave the class: that of the rule set in force on the day of the measurement. Null
    /// when that rule set is no longer loaded. Requires permission `reference:read`.
    async fn factor(&self, ctx: &Context<'_>) -> Option<Result<HarmfulFactor>> {
        let rules = ctx.app().library.book().rule_set(&self.row.rule_set_code);
        entry(ctx, rules.as_deref(), &self.row.factor_code).transpose()
    }

    /// What was observed.
    async fn observation(&self) -> Option<Result<Observation>> {
        let stored = serde_json::from_str::<factors::Observation>(&self.row.observation);
        Some(stored.map(Observation::from).map_err(Error::internal))
    }

    /// Class of working conditions by this factor alone.
    async fn condition_class(&self) -> Option<Result<ConditionClass>> {
        let stored = self.row.condition_class.parse::<grade::ConditionClass>();
        Some(stored.map(ConditionClass::from).map_err(Error::internal))
    }

    /// Grade of harmfulness of the class, 1 (best) to 5 (worst).
    async fn grade(&self) -> i32 {
        i32::from(self.row.grade)
    }

    /// How the class and the grade came about.
    async fn explanation(&self) -> Option<Result<Explanation>> {
        Some(Trace::from_json(&self.row.trace).map(Explanation::from).map_err(Error::internal))
    }

    /// Number of the laboratory's protocol.
    async fn protocol_number(&self) -> &str {
        &self.row.protocol_number
    }

    /// The laboratory that measured.
    async fn laboratory(&self) -> &str {
        &self.row.laboratory
    }

    /// When the record was made.
    async fn created_at(&self) -> Moment {
        Moment(self.row.created_at)
    }
}

/// The entry of a catalogue, if its rules are loaded and hold it.
fn entry(ctx: &Context<'_>, rules: Option<&RuleSet>, code: &str) -> Result<Option<HarmfulFactor>> {
    ctx.allow(Action::Read, Resource::Reference)?;
    let code = FactorCode::parse(code).map_err(Error::internal)?;
    Ok(rules.and_then(|rules| rules.harmful_factor(&code)).map(HarmfulFactor::from))
}

/// Counted only when asked for.
pub struct FactorAssignmentCount {
    of: CountOf<FactorsOfWorkplace>,
}

/// Counted only when asked for.
#[Object]
impl FactorAssignmentCount {
    /// Factors at the workplace, over all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Option<Result<i64>> {
        Some(self.of.count(ctx).await)
    }
}

/// Counted only when asked for.
pub enum MeasurementCount {
    /// The list at the root.
    Listed {
        /// What the caller may see.
        scope: Scope,
        /// Which ones.
        filter: Filter,
    },
    /// The measurements at one workplace.
    OfWorkplace(CountOf<MeasurementsOfWorkplace>),
    /// The measurements of one factor at a workplace.
    OfFactor(CountOf<MeasurementsOfFactor>),
}

/// Counted only when asked for.
#[Object]
impl MeasurementCount {
    /// Measurements that match, over all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Option<Result<i64>> {
        Some(match self {
            Self::Listed { scope, filter } => store::count(&ctx.db(), scope, filter).await,
            Self::OfWorkplace(children) => children.count(ctx).await,
            Self::OfFactor(children) => children.count(ctx).await,
        })
    }
}

/// The factors at a workplace, by code, batched over the request.
pub async fn of_workplace(
    ctx: &Context<'_>,
    workplace: Uuid,
    args: PageArgs,
) -> Result<Connection<FactorAssignment, FactorAssignmentCount>> {
    let scope = ctx.allow(Action::Read, Resource::FactorAssignment)?;
    let rows = page_of::<FactorsOfWorkplace>(ctx, workplace, scope.clone(), args).await?;
    Ok(connection(rows, FactorAssignmentCount { of: CountOf::new(workplace, scope) }, FactorAssignment::from))
}

/// The measurements at a workplace, newest first, batched over the request.
pub async fn measurements_of_workplace(
    ctx: &Context<'_>,
    workplace: Uuid,
    args: PageArgs,
) -> Result<Connection<Measurement, MeasurementCount>> {
    let scope = ctx.allow(Action::Read, Resource::Measurement)?;
    let rows = page_of::<MeasurementsOfWorkplace>(ctx, workplace, scope.clone(), args).await?;
    Ok(connection(rows, MeasurementCount::OfWorkplace(CountOf::new(workplace, scope)), Measurement::from))
}
