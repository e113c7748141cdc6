//! Who the caller is.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::roles::{Action, Resource, Role as DomainRole};

use crate::areas::identity::organisation::Organisation;
use crate::auth::actor::Acting;
use crate::error::{Code, Error, Result};
use crate::graphql::scalars::Date;
use crate::graphql::{Ask, id};
use crate::language::Language;

/// The role of a person within one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainRole")]
pub enum Role {
    /// Administers the employer's own data.
    EmployerAdmin,
    /// Records measurements and assessments of the employer.
    SafetyEngineer,
    /// Sees the own workplace.
    Worker,
    /// Trade union or production council; sees the enterprises it represents.
    EmployeeRepresentative,
    /// Accredited organisation; assesses the enterprises that engaged it.
    Assessor,
    /// Accident insurer; sees what it insures.
    Insurer,
    /// State labour inspector of one region.
    Inspector,
    /// The ministry; the whole country.
    Ministry,
    /// Situation centre or research institute; enterprises and aggregates.
    Analyst,
    /// Not signed in.
    Anonymous,
}

/// For whom a person can act, as what, and for how long.
#[derive(Clone, Debug, SimpleObject)]
pub struct Membership {
    /// Opaque id; the value of the header `X-Osh-Membership` that chooses it.
    pub id: ID,
    /// The organisation.
    pub organisation: Organisation,
    /// The role in it.
    pub role: Role,
    /// First day.
    pub valid_from: Date,
    /// Last day. Null while open.
    pub valid_to: Option<Date>,
    /// Whether this request uses it.
    pub in_use: bool,
}

/// The person who signed in.
pub struct Me {
    name: String,
    language: Language,
    person: uuid::Uuid,
    memberships: Vec<Membership>,
}

/// The person who signed in.
#[Object]
impl Me {
    /// Opaque id of the person.
    async fn id(&self) -> ID {
        id::encode("Person", self.person)
    }

    /// Name on screen.
    async fn display_name(&self) -> &str {
        &self.name
    }

    /// Preferred language of names and messages.
    async fn language(&self) -> Language {
        self.language
    }

    /// Memberships in force today, oldest first; at most a few dozen.
    async fn memberships(&self) -> &[Membership] {
        &self.memberships
    }

    /// The role of this request; ANONYMOUS while a membership has yet to be chosen.
    async fn role(&self) -> Role {
        self.memberships.iter().find(|membership| membership.in_use).map_or(Role::Anonymous, |used| used.role)
    }
}

/// Who the caller is.
#[derive(Default)]
pub struct IdentityQuery;

#[Object]
impl IdentityQuery {
    /// The person who signed in, with the memberships to choose from. Requires permission `account:read`.
    async fn me(&self, ctx: &Context<'_>) -> Option<Result<Me>> {
        Some(
            async {
                ctx.allow(Action::Read, Resource::Account)?;
                let person = ctx.actor().person.as_ref().ok_or_else(|| Error::new(Code::Unauthenticated))?;
                let used = ctx.actor().acting.as_ref().map(|acting| acting.membership_id);
                Ok(Me {
                    name: person.display_name.clone(),
                    language: person.language.into(),
                    person: person.id,
                    memberships: ctx.actor().memberships.iter().map(|acting| membership(acting, used)).collect(),
                })
            }
            .await,
        )
    }
}

fn membership(acting: &Acting, used: Option<uuid::Uuid>) -> Membership {
    Membership {
        id: id::encode("Membership", acting.membership_id),
        organisation: acting.into(),
        role: acting.role.into(),
        valid_from: Date(acting.valid.0),
        valid_to: acting.valid.1.map(Date),
        in_use: used == Some(acting.membership_id),
    }
}
