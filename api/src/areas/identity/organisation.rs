//! What clients see of an organisation.

use async_graphql::{Context, Enum, ID, Object};
use domain::localized::LocalizedStr;
use domain::roles::{Action, OrganisationKind as Kind, Resource};
use entity::organisation;
use uuid::Uuid;

use crate::auth::actor::Acting;
use crate::by_id;
use crate::error::{Error, Result};
use crate::graphql::{Ask, id};
use crate::language::{Language, LocalizedText, pick};

/// The kind of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum OrganisationKind {
    /// Employer; has enterprises.
    Employer,
    /// Trade union.
    TradeUnion,
    /// Production council with technical inspectors.
    ProductionCouncil,
    /// Accredited organisation that attests and assesses workplaces.
    AssessmentOrganisation,
    /// Training centre.
    TrainingCentre,
    /// Medical organisation.
    MedicalOrganisation,
    /// State accident insurance fund.
    StateFund,
    /// Life insurer with accident contracts.
    LifeInsurer,
    /// Labour inspectorate of one region.
    LabourInspectorate,
    /// Ministry of labour.
    Ministry,
    /// Situation and analysis centre.
    SituationCentre,
    /// Research institute for labour protection.
    ResearchInstitute,
    /// Operator of the platform.
    Operator,
}

by_id!(
    /// An organisation by key that filed an assessment within a scope.
    OrganisationById, organisation
);

/// A participant of the system.
#[derive(Clone, Debug)]
pub struct Organisation {
    key: Uuid,
    kind: Kind,
    names: LocalizedText,
}

/// A participant of the system, with what everyone may know of it who sees its work.
#[Object]
impl Organisation {
    /// Opaque id.
    pub(crate) async fn id(&self) -> ID {
        id::encode("Organisation", self.key)
    }

    /// What it is.
    async fn kind(&self) -> OrganisationKind {
        self.kind.into()
    }

    /// Name in the language asked for, else in that of the request.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> &str {
        pick(self.names.as_str(), ctx, language)
    }

    /// Name in all three languages.
    async fn names(&self) -> &LocalizedText {
        &self.names
    }
}

impl Organisation {
    /// By key: one of the caller's own, or one that filed an assessment which the caller may see; `None` otherwise.
    pub async fn load(ctx: &Context<'_>, key: Uuid) -> Result<Option<Self>> {
        if let Some(own) = ctx.actor().memberships.iter().find(|acting| acting.organisation_id == key) {
            return Ok(Some(own.into()));
        }
        let scope = ctx.allow(Action::Read, Resource::Assessment)?;
        ctx.load(OrganisationById { id: key, scope }).await?.map(Self::try_from).transpose()
    }
}

impl From<&Acting> for Organisation {
    fn from(acting: &Acting) -> Self {
        let [kk, ru, en] = &acting.names;
        Self { key: acting.organisation_id, kind: acting.kind, names: LocalizedStr { kk, ru, en }.into() }
    }
}

impl TryFrom<organisation::Model> for Organisation {
    type Error = Error;

    fn try_from(row: organisation::Model) -> Result<Self> {
        let kind = row.kind.parse();
        Ok(Self {
            key: row.id,
            kind: kind.map_err(|_| Error::internal(format!("organisation {}: unknown kind {}", row.id, row.kind)))?,
            names: LocalizedStr { kk: &row.name_kk, ru: &row.name_ru, en: &row.name_en }.into(),
        })
    }
}
