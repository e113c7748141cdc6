//! Assigning factors and recording measurements.

use async_graphql::{Context, Object};
use domain::roles::{Action, Resource};

use crate::areas::factors::assign::{FactorAssignInput, FactorAssignPayload, assign};
use crate::areas::factors::record::{MeasurementRecordInput, MeasurementRecordPayload, record};
use crate::error::Result;
use crate::graphql::Ask;
use crate::graphql::user_error::{Stop, user_errors};

/// Assigning factors and recording measurements.
#[derive(Default)]
pub struct FactorMutation;

#[Object]
impl FactorMutation {
    /// Says that a factor is present at a workplace, or changes the exposure of one that is assigned already; the latter
    /// asks for `factor_assignment:update` as well. Requires permission `factor_assignment:create`.
    async fn factor_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The factor and the workplace.")] input: FactorAssignInput,
    ) -> Result<FactorAssignPayload> {
        let scope = ctx.allow(Action::Create, Resource::FactorAssignment)?;
        match assign(ctx, &scope, input).await {
            Ok(row) => Ok(FactorAssignPayload { factor_assignment: Some(row.into()), user_errors: Vec::new() }),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Refused(refusals)) => Ok(FactorAssignPayload {
                factor_assignment: None,
                user_errors: user_errors(refusals, ctx.language(None))?,
            }),
        }
    }

    /// Records a measurement of a factor and the class of conditions it leads to. It does not assess the workplace: an
    /// assessment takes the newest measurement of each factor. Requires permission `measurement:create`.
    async fn measurement_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The measurement.")] input: MeasurementRecordInput,
    ) -> Result<MeasurementRecordPayload> {
        let scope = ctx.allow(Action::Create, Resource::Measurement)?;
        match record(ctx, &scope, input).await {
            Ok(row) => Ok(MeasurementRecordPayload { measurement: Some(row.into()), user_errors: Vec::new() }),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Refused(refusals)) => Ok(MeasurementRecordPayload {
                measurement: None,
                user_errors: user_errors(refusals, ctx.language(None))?,
            }),
        }
    }
}
