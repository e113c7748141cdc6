//! Creating and changing workplaces and units.

use async_graphql::{Context, Object};

use crate::areas::workplaces::create::{WorkplaceCreateInput, WorkplaceCreatePayload, workplace_create};
use crate::areas::workplaces::unit_create::{UnitCreateInput, UnitCreatePayload, unit_create};
use crate::areas::workplaces::update::{WorkplaceUpdateInput, WorkplaceUpdatePayload, workplace_update};
use crate::error::Result;

/// Creating and changing workplaces and units.
#[derive(Default)]
pub struct WorkplaceMutation;

#[Object]
impl WorkplaceMutation {
    /// Adds a workplace to an enterprise. Requires permission `workplace:create`.
    async fn workplace_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new workplace.")] input: WorkplaceCreateInput,
    ) -> Option<Result<WorkplaceCreatePayload>> {
        Some(workplace_create(ctx, input).await)
    }

    /// Changes a workplace. With `dryRun` nothing is stored. Requires permission `workplace:update`.
    async fn workplace_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: WorkplaceUpdateInput,
    ) -> Option<Result<WorkplaceUpdatePayload>> {
        Some(workplace_update(ctx, input).await)
    }

    /// Adds a structural unit to an enterprise. Requires permission `unit:create`.
    async fn unit_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new unit.")] input: UnitCreateInput,
    ) -> Option<Result<UnitCreatePayload>> {
        Some(unit_create(ctx, input).await)
    }
}
