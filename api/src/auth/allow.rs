//! The one place where a decision becomes a scope.

use chrono::NaiveDate;
use domain::roles::{Action, MandateKind, OrganisationKind, Reach, Resource};
use entity::scope::{Bound, Scope};

use crate::auth::actor::{Acting, Actor};
use crate::auth::policy::Policies;
use crate::error::{Code, Error, Result};

/// May this actor do this, and to which rows? A refusal says whether signing in, choosing a membership or nothing at
/// all would help.
pub fn allow(
    policies: &Policies,
    actor: &Actor,
    action: Action,
    resource: Resource,
    today: NaiveDate,
) -> Result<Scope> {
    let Some(reach) = reach(policies, actor, action, resource) else {
        return Err(match (&actor.person, &actor.acting) {
            (None, _) => Error::new(Code::Unauthenticated),
            (Some(_), None) if !actor.memberships.is_empty() => Error::new(Code::MembershipRequired),
            (Some(_), _) => Error::forbidden(action, resource),
        });
    };
    #[allow(clippy::disallowed_methods)] // the only source of a request's scope
    let scope = Scope::granted(reach, bound(reach, actor.acting.as_ref()), today);
    Ok(scope)
}

/// Who has signed in but acts for nobody yet may read the own account, to see what can be chosen, and what the public
/// may read.
fn reach(policies: &Policies, actor: &Actor, action: Action, resource: Resource) -> Option<Reach> {
    match (&actor.person, &actor.acting, action, resource) {
        (Some(_), None, Action::Read, Resource::Account) => Some(Reach::SelfOnly),
        _ => policies.reach(actor.role(), action, resource),
    }
}

/// What a reach means for this organisation. An organisation that lacks what the reach is about (an inspectorate
/// without a region, a worker without a workplace) reaches nothing.
fn bound(reach: Reach, acting: Option<&Acting>) -> Bound {
    let mandate = |kind| acting.map(|acting| Bound::Mandate { organisation: acting.organisation_id, kind });
    let bound = match reach {
        Reach::National => Some(Bound::Everything),
        Reach::Aggregate => Some(Bound::Nothing),
        Reach::Own => acting.map(|acting| Bound::Owner(acting.organisation_id)),
        Reach::Represented => mandate(MandateKind::Represents),
        Reach::Engaged => mandate(MandateKind::EngagedBy),
        Reach::Insured if acting.is_some_and(|acting| acting.kind == OrganisationKind::StateFund) => {
            Some(Bound::AnyInsurer)
        }
        Reach::Insured => mandate(MandateKind::Insures),
        Reach::Region => acting.and_then(|acting| acting.jurisdiction.clone()).map(Bound::Region),
        Reach::SelfOnly => acting.and_then(|acting| acting.workplace_id).map(Bound::Workplace),
    };
    bound.unwrap_or(Bound::Nothing)
}
