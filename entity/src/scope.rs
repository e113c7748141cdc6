//! Which rows a caller may touch, as a typed SQL condition in one place.
//!
//! A [`Scope`] is what the decision "may role R do action A on resource T" leaves behind. Lists, single rows, counts,
//! aggregates, loaders and search all start from [`Scoped::within`] or [`Scoped::visible`], so that they agree by
//! construction. The constructors are forbidden by `clippy.toml` everywhere but in `api::auth::allow` and the
//! command line, so that code which forgets to ask does not pass the build.

use std::sync::LazyLock;

use chrono::NaiveDate;
use domain::roles::{MandateKind, Reach};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoColumnRef, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select};

use crate::row::{self, Row};
use crate::{
    assessment, assessment_trace, enterprise, enterprise_activity, event, factor_assignment, mandate, measurement,
    organisation, unit, workplace,
};

/// The rows one decision reaches, on one day.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    reach: Reach,
    bound: Bound,
    today: NaiveDate,
}

/// What bounds the rows of a [`Scope`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// Every row of the country.
    Everything,
    /// No row: the reach `aggregate` counts rows but never shows one.
    Nothing,
    /// Rows of the enterprises the organisation owns.
    Owner(Uuid),
    /// Rows of the enterprises that an open mandate of this kind names.
    Mandate {
        /// Holder of the mandate.
        organisation: Uuid,
        /// Kind of the mandate.
        kind: MandateKind,
    },
    /// Rows of the enterprises insured by anyone: the state fund's view.
    AnyInsurer,
    /// Rows of the enterprises of one region.
    Region(String),
    /// Rows of the worker's own workplace, and the enterprise it belongs to.
    Workplace(Uuid),
}

impl Scope {
    /// The scope of a decision. Only `api::auth::allow` may call this.
    pub fn granted(reach: Reach, bound: Bound, today: NaiveDate) -> Self {
        Self { reach, bound, today }
    }

    /// Every row, for the command line of the operator (import, seed, verification), never for a request.
    pub fn operator(today: NaiveDate) -> Self {
        Self { reach: Reach::National, bound: Bound::Everything, today }
    }

    /// How far the decision reaches; an answer to `aggregate` must not name rows.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The day on which mandates are looked at.
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// What bounds the rows.
    pub fn bound(&self) -> &Bound {
        &self.bound
    }

    /// The organisation that owns what this scope may create, if the scope is bound to an owner.
    pub fn owner(&self) -> Option<Uuid> {
        match self.bound {
            Bound::Owner(organisation) => Some(organisation),
            _ => None,
        }
    }

    /// Whether this scope may add rows that belong to `organisation`.
    pub fn admits_owner(&self, organisation: Uuid) -> bool {
        match self.bound {
            Bound::Everything => true,
            Bound::Owner(owner) => owner == organisation,
            _ => false,
        }
    }

    /// Rows to count over: like the scope itself, but `aggregate` counts the whole country.
    pub fn for_counting(&self) -> Self {
        match (self.reach, &self.bound) {
            (Reach::Aggregate, Bound::Nothing) => Self { bound: Bound::Everything, ..self.clone() },
            _ => self.clone(),
        }
    }

    fn mandates(&self, organisation: Option<Uuid>, kind: MandateKind) -> SelectStatement {
        let mut query = Query::select();
        query
            .column(mandate::Column::EnterpriseId)
            .from(mandate::Entity)
            .and_where(mandate::Column::Kind.eq(kind.as_str()))
            .and_where(mandate::Column::ValidFrom.lte(self.today))
            .and_where(mandate::Column::ValidTo.is_null().or(mandate::Column::ValidTo.gte(self.today)))
            .and_where(mandate::Column::RevokedAt.is_null());
        if let Some(organisation) = organisation {
            query.and_where(mandate::Column::OrganisationId.eq(organisation));
        }
        query.to_owned()
    }

    /// The enterprises of this scope as a subquery of keys; `None` for every enterprise.
    fn enterprises(&self) -> Option<SelectStatement> {
        let of_enterprise = |condition: Expr| {
            Query::select().column(enterprise::Column::Id).from(enterprise::Entity).and_where(condition).to_owned()
        };
        match &self.bound {
            Bound::Everything => None,
            Bound::Nothing => Some(of_enterprise(Expr::val(1).eq(0))),
            Bound::Owner(organisation) => Some(of_enterprise(enterprise::Column::OrganisationId.eq(*organisation))),
            Bound::Mandate { organisation, kind } => Some(self.mandates(Some(*organisation), *kind)),
            Bound::AnyInsurer => Some(self.mandates(None, MandateKind::Insures)),
            Bound::Region(kato) => Some(of_enterprise(enterprise::Column::RegionKato.eq(kato.as_str()))),
            Bound::Workplace(id) => Some(
                Query::select()
                    .column(workplace::Column::EnterpriseId)
                    .from(workplace::Entity)
                    .and_where(workplace::Column::Id.eq(*id))
                    .to_owned(),
            ),
        }
    }

    fn child(&self, enterprise: impl IntoColumnRef, workplace: Option<Expr>) -> Condition {
        match &self.bound {
            Bound::Everything => Condition::all(),
            Bound::Workplace(id) => match workplace {
                Some(column) => Condition::all().add(column.eq(*id)),
                None => Condition::all().add(Expr::val(1).eq(0)),
            },
            _ => match self.enterprises() {
                None => Condition::all(),
                Some(keys) => Condition::all().add(Expr::col(enterprise).in_subquery(keys)),
            },
        }
    }
}

/// A table whose rows belong to tenants. There is no other door to such a table than these two functions.
pub trait Scoped: EntityTrait<Model: Row> {
    /// The condition that holds for exactly the rows of the scope.
    fn visible(scope: &Scope) -> Condition;

    /// All columns of all rows, made once. Only [`Scoped::within`] may call this.
    fn everything() -> &'static Select<Self>;

    /// A select of exactly the rows of the scope.
    #[allow(clippy::disallowed_methods)] // the one place from which it is reached
    fn within(scope: &Scope) -> Select<Self> {
        Self::everything().clone().filter(Self::visible(scope))
    }
}

macro_rules! everything {
    ($entity:ident) => {
        fn everything() -> &'static Select<Self> {
            static EVERYTHING: LazyLock<Select<$entity::Entity>> = LazyLock::new(row::everything);
            &EVERYTHING
        }
    };
}

impl Scoped for enterprise::Entity {
    everything!(enterprise);

    fn visible(scope: &Scope) -> Condition {
        // Owner and region are columns of the row itself: no subquery, so that their indexes carry the order too.
        match scope.bound() {
            Bound::Owner(organisation) => Condition::all().add(enterprise::Column::OrganisationId.eq(*organisation)),
            Bound::Region(kato) => Condition::all().add(enterprise::Column::RegionKato.eq(kato.as_str())),
            Bound::Nothing => Condition::all().add(Expr::val(1).eq(0)),
            _ => match scope.enterprises() {
                None => Condition::all(),
                Some(keys) => Condition::all().add(enterprise::Column::Id.in_subquery(keys)),
            },
        }
    }
}

/// Organisations that filed an assessment within the scope: who reads an assessment may know who is behind it.
impl Scoped for organisation::Entity {
    everything!(organisation);

    fn visible(scope: &Scope) -> Condition {
        let assessor = Expr::col((assessment::Entity, assessment::Column::AssessorOrganisationId));
        let mut filed = Query::select();
        filed
            .expr(Expr::val(1))
            .from(assessment::Entity)
            .and_where(assessor.eq(Expr::col((organisation::Entity, organisation::Column::Id))))
            .cond_where(assessment::Entity::visible(scope));
        Condition::all().add(Expr::exists(filed))
    }
}

/// Events of the enterprises in the scope. The decision was about the kind of thing that changed, so an event without a
/// workplace is about the enterprise itself, also for who reaches only one workplace of it.
impl Scoped for event::Entity {
    everything!(event);

    fn visible(scope: &Scope) -> Condition {
        let column = |column: event::Column| Expr::col((event::Entity, column));
        let Some(keys) = scope.enterprises() else { return Condition::all() };
        let inside = column(event::Column::EnterpriseId).in_subquery(keys);
        match scope.bound() {
            Bound::Workplace(id) => Condition::any()
                .add(column(event::Column::WorkplaceId).eq(*id))
                .add(Condition::all().add(column(event::Column::WorkplaceId).is_null()).add(inside)),
            _ => Condition::all().add(inside),
        }
    }
}

macro_rules! scoped_by_enterprise {
    ($($entity:ident $(via $workplace:ident)?),+ $(,)?) => {$(
        impl Scoped for $entity::Entity {
            everything!($entity);

            fn visible(scope: &Scope) -> Condition {
                let table = Alias::new(sea_orm::EntityName::table_name(&$entity::Entity));
                #[allow(unused_mut, unused_assignments)]
                let mut workplace: Option<Expr> = None;
                $(workplace = Some(Expr::col((table.clone(), $entity::Column::$workplace)));)?
                scope.child((table, $entity::Column::EnterpriseId), workplace)
            }
        }
    )+};
}

scoped_by_enterprise!(
    enterprise_activity,
    unit,
    workplace via Id,
    factor_assignment via WorkplaceId,
    measurement via WorkplaceId,
    assessment via WorkplaceId,
    assessment_trace via WorkplaceId,
);
