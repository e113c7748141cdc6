//! Hearing of assessments.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Subscription};
use domain::roles::{Action, Resource};
use entity::{assessment, event};
use futures::stream::Stream;
use uuid::Uuid;

use crate::areas::assessments::loaders::AssessmentById;
use crate::areas::assessments::types::Assessment;
use crate::error::{Error, Result};
use crate::events::log::{Happening, Kind};
use crate::graphql::live::{self, Selection};
use crate::graphql::scalars::Moment;
use crate::graphql::{Ask, id};

/// Where an assessment stands. More will come with approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum AssessmentStatus {
    /// It is the one in force at its workplace.
    InForce,
    /// Another one of the workplace is in force: a newer one, or one of a later day that was there when it was filed.
    Superseded,
}

impl AssessmentStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Superseded => "superseded",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::InForce, Self::Superseded].into_iter().find(|status| status.as_str() == text)
    }
}

/// Hearing of assessments.
#[derive(Default)]
pub struct AssessmentSubscription;

#[Subscription]
impl AssessmentSubscription {
    /// The status of an assessment has changed: it was filed, came into force or was superseded. Told for the assessments
    /// that the caller may see at that moment. Requires permission `assessment:read`.
    async fn assessment_status_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Cursor of the last event that was heard: what came after it is told first.")] after: Option<
            String,
        >,
        #[graphql(desc = "Of this enterprise only.")] enterprise_id: Option<ID>,
    ) -> Result<impl Stream<Item = AssessmentStatusChanged> + use<>> {
        live::source(ctx, (Kind::AssessmentStatus, Resource::Assessment), &Selection { after, enterprise_id })
    }
}

/// The status of an assessment is another one than before.
pub struct AssessmentStatusChanged(Arc<event::Model>);

impl From<Arc<event::Model>> for AssessmentStatusChanged {
    fn from(event: Arc<event::Model>) -> Self {
        Self(event)
    }
}

/// The status of an assessment is another one than before. Requires permission `assessment:read`.
#[Object]
impl AssessmentStatusChanged {
    /// Subscribe `after` it to go on behind this event. It holds as long as the event is kept, a day by default.
    async fn cursor(&self) -> String {
        live::cursor(&self.0)
    }

    /// Moment of the change.
    async fn at(&self) -> Moment {
        Moment(self.0.at)
    }

    /// Status before. Null when the assessment was filed.
    async fn before(&self) -> Option<AssessmentStatus> {
        self.0.before.as_deref().and_then(AssessmentStatus::parse)
    }

    /// Status since. Null only with an error.
    async fn after(&self) -> Option<Result<AssessmentStatus>> {
        let status = self.0.after.as_deref().and_then(AssessmentStatus::parse);
        Some(status.ok_or_else(|| Error::internal(format!("event {}: no status", self.0.id))))
    }

    /// Id of the enterprise.
    async fn enterprise_id(&self) -> ID {
        id::encode("Enterprise", self.0.enterprise_id)
    }

    /// Id of the workplace. Null only with an error.
    async fn workplace_id(&self) -> Option<ID> {
        self.0.workplace_id.map(|key| id::encode("Workplace", key))
    }

    /// The assessment as it is now, which may be later than the event. Null when the caller may not see it any more.
    /// Requires permission `assessment:read`.
    async fn assessment(&self, ctx: &Context<'_>) -> Option<Result<Assessment>> {
        assessment_of(ctx, self.0.assessment_id?).await.transpose()
    }
}

async fn assessment_of(ctx: &Context<'_>, id: Uuid) -> Result<Option<Assessment>> {
    let scope = ctx.allow(Action::Read, Resource::Assessment)?;
    Ok(ctx.load(AssessmentById { id, scope }).await?.map(Assessment::from))
}

/// What there is to tell of a new assessment, and of the one it replaces.
pub(super) fn status_events(row: &assessment::Model, replaced: Option<Uuid>) -> Vec<Happening> {
    let (new, text) = (row.id, |status: AssessmentStatus| Some(status.as_str().to_owned()));
    let told = |assessment, before, after| Happening {
        kind: Kind::AssessmentStatus,
        about: Some((row.workplace_id, assessment)),
        before,
        after,
    };
    if !row.current {
        return vec![told(new, None, text(AssessmentStatus::Superseded))];
    }
    let old = replaced.map(|old| told(old, text(AssessmentStatus::InForce), text(AssessmentStatus::Superseded)));
    old.into_iter().chain([told(new, None, text(AssessmentStatus::InForce))]).collect()
}
