//! Look-up by global id: the one entry that knows every type which has one.

use async_graphql::{Context, ID, Interface, Object};
use domain::roles::{Action, Resource};

use crate::areas::assessments::{self, Assessment};
use crate::areas::enterprises::{self, Enterprise};
use crate::areas::factors::{self, FactorAssignment, Measurement};
use crate::areas::identity::Organisation;
use crate::areas::map::{EnterprisePassport, PassportById};
use crate::areas::reference::{ReferenceRow, ReferenceRowById};
use crate::areas::workplaces::{self, Unit, Workplace};
use crate::error::{Error, Result};
use crate::graphql::{Ask, id};

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque id."))]
pub enum Node {
    /// An enterprise.
    Enterprise(Enterprise),
    /// A workplace.
    Workplace(Workplace),
    /// A measurement.
    Measurement(Measurement),
    /// An assessment.
    Assessment(Assessment),
    /// A structural unit.
    Unit(Unit),
    /// A factor at a workplace.
    FactorAssignment(FactorAssignment),
    /// The public face of an enterprise.
    EnterprisePassport(EnterprisePassport),
    /// An organisation.
    Organisation(Organisation),
    /// A row of reference data.
    ReferenceRow(ReferenceRow),
}

/// Most ids in one call.
pub const MOST: usize = 100;

/// Look-up by global id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with this id. Null when it does not exist or the caller may not see it.
    /// Requires the read permission of its type; an organisation that is not one's own, that of the assessments it filed.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Opaque id of any type.")] id: ID,
    ) -> Option<Result<Node>> {
        find(ctx, &id).await.transpose()
    }

    /// The objects with these ids, in their order; null in place of what does not exist or the caller may not see.
    /// Requires the read permission of each type.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Opaque ids of any types, at most a hundred.")] ids: Vec<ID>,
    ) -> Option<Result<Vec<Option<Result<Node>>>>> {
        if ids.len() > MOST {
            return Some(Err(Error::input("ids", "TOO_MANY_IDS").arg("limit", MOST)));
        }
        let found = futures::future::join_all(ids.iter().map(|id| find(ctx, id))).await;
        Some(Ok(found.into_iter().map(Result::transpose).collect()))
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let Some((kind, key)) = id::parse(id) else {
        return Err(Error::input("id", "ID_INVALID").arg("expected", "Node"));
    };
    macro_rules! found {
        ($kind:ident, $area:ident::$by_id:ident) => {{
            let scope = ctx.allow(Action::Read, Resource::$kind)?;
            ctx.load($area::$by_id { id: key, scope }).await?.map(|row| Node::$kind(row.into()))
        }};
    }
    Ok(match kind.as_str() {
        "Enterprise" => found!(Enterprise, enterprises::EnterpriseById),
        "Workplace" => found!(Workplace, workplaces::WorkplaceById),
        "Measurement" => found!(Measurement, factors::MeasurementById),
        "Assessment" => found!(Assessment, assessments::AssessmentById),
        "Unit" => found!(Unit, workplaces::UnitById),
        "FactorAssignment" => found!(FactorAssignment, factors::FactorAssignmentById),
        "EnterprisePassport" => {
            let scope = ctx.allow(Action::Read, Resource::Passport)?;
            ctx.load(PassportById { id: key, scope }).await?.map(|row| Node::EnterprisePassport(row.into()))
        }
        "Organisation" => Organisation::load(ctx, key).await?.map(Node::Organisation),
        "ReferenceRow" => {
            ctx.allow(Action::Read, Resource::Reference)?;
            let row = ctx.load(ReferenceRowById(key)).await?;
            row.map(ReferenceRow::new).transpose()?.map(Node::ReferenceRow)
        }
        _ => return Err(Error::input("id", "ID_INVALID").arg("expected", "Node")),
    })
}
