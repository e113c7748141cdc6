//! What one kind of decision may know of one kind of event: subscriptions with an equal scope share it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use domain::roles::MandateKind;
use entity::event;
use entity::scope::{Bound, Scope};
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::events::log::Kind;

/// Moments that are kept for a subscription that is busy; who is further behind reads the log.
const MOMENTS: usize = 8;

/// What became known at one moment.
#[derive(Debug)]
pub struct Moment {
    /// When the database answered.
    pub answered: Instant,
    /// The events; `None` when the database did not answer.
    pub events: Option<Vec<Arc<event::Model>>>,
}

/// One kind within one scope.
#[derive(Debug)]
pub struct Topic {
    /// What.
    pub kind: Kind,
    /// For whom.
    pub scope: Scope,
    told: broadcast::Sender<Arc<Moment>>,
}

impl Topic {
    pub(super) fn new(kind: Kind, scope: Scope) -> Self {
        Self { kind, scope, told: broadcast::channel(MOMENTS).0 }
    }

    pub(super) fn hear(&self) -> broadcast::Receiver<Arc<Moment>> {
        self.told.subscribe()
    }

    pub(super) fn tell(&self, moment: Moment) {
        // Nobody listening is not a fault.
        let _ = self.told.send(Arc::new(moment));
    }

    /// Whether the scope may reach one of these events: which questions to ask the database, never an answer.
    pub(super) fn is_concerned(&self, events: &[event::Model], mandates: &HashSet<(Uuid, String)>) -> bool {
        let kind = self.kind.as_str();
        events.iter().filter(|event| event.kind == kind).any(|event| match self.scope.bound() {
            Bound::Nothing => false,
            Bound::Owner(organisation) => event.organisation_id == *organisation,
            Bound::Region(kato) => event.region_kato == *kato,
            Bound::Workplace(id) => event.workplace_id.is_none_or(|workplace| workplace == *id),
            Bound::Mandate { organisation, kind } => mandates.contains(&(*organisation, kind.to_string())),
            Bound::AnyInsurer => mandates.iter().any(|(_, kind)| *kind == MandateKind::Insures.as_str()),
            Bound::Everything => true,
        })
    }

    pub(super) fn is_by_mandate(&self) -> bool {
        matches!(self.scope.bound(), Bound::Mandate { .. } | Bound::AnyInsurer)
    }
}
