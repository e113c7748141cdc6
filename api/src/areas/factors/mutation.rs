//! Assigning factors and recording measurements.

use async_graphql::{Context, Object};

use crate::areas::factors::assign::{FactorAssignInput, FactorAssignPayload, factor_assign};
use crate::areas::factors::record::{MeasurementRecordInput, MeasurementRecordPayload, measurement_record};
use crate::error::Result;

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
    ) -> Option<Result<FactorAssignPayload>> {
        Some(factor_assign(ctx, input).await)
    }

    /// Records a measurement of a factor and the class of conditions it leads to. It does not assess the workplace: an
    /// assessment takes the newest measurement of each factor. With `dryRun` nothing is stored.
    /// Requires permission `measurement:create`.
    async fn measurement_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The measurement.")] input: MeasurementRecordInput,
    ) -> Option<Result<MeasurementRecordPayload>> {
        Some(measurement_record(ctx, input).await)
    }
}
