//! Creating and changing enterprises.

use async_graphql::{Context, Object};

use crate::areas::enterprises::create::{EnterpriseCreateInput, EnterpriseCreatePayload, enterprise_create};
use crate::areas::enterprises::update::{EnterpriseUpdateInput, EnterpriseUpdatePayload, enterprise_update};
use crate::error::Result;

/// Creating and changing enterprises.
#[derive(Default)]
pub struct EnterpriseMutation;

#[Object]
impl EnterpriseMutation {
    /// Adds an enterprise. An employer adds the one with the BIN of its own organisation; the ministry adds any, for the
    /// employer organisation with its BIN, which is added when there is none.
    /// Requires permission `enterprise:create`.
    async fn enterprise_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new enterprise.")] input: EnterpriseCreateInput,
    ) -> Option<Result<EnterpriseCreatePayload>> {
        Some(enterprise_create(ctx, input).await)
    }

    /// Changes an enterprise. With `dryRun` nothing is stored. Requires permission `enterprise:update`.
    async fn enterprise_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: EnterpriseUpdateInput,
    ) -> Option<Result<EnterpriseUpdatePayload>> {
        Some(enterprise_update(ctx, input).await)
    }
}
