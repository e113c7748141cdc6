//! Hearing of enterprises.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Subscription};
use domain::grade::Level;
use domain::roles::{Action, Resource};
use entity::{enterprise, event};
use futures::stream::Stream;
use uuid::Uuid;

use crate::areas::enterprises::{Enterprise, EnterpriseById, LevelChange, RiskLevel};
use crate::areas::reference::Book;
use crate::error::Result;
use crate::events::log::{Happening, Kind};
use crate::graphql::live::{self, Selection};
use crate::graphql::scalars::Moment;
use crate::graphql::{Ask, id};

/// Hearing of enterprises.
#[derive(Default)]
pub struct EnterpriseSubscription;

#[Subscription]
impl EnterpriseSubscription {
    /// The level of an enterprise has changed: an assessment came into force, or an assessed workplace has another number of
    /// workers. Told for the enterprises that the caller may see at that moment.
    /// Requires permission `enterprise:read`.
    async fn enterprise_level_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Cursor of the last event that was heard: what came after it is told first.")] after: Option<
            String,
        >,
        #[graphql(desc = "Of this enterprise only.")] enterprise_id: Option<ID>,
    ) -> Result<impl Stream<Item = EnterpriseLevelChanged> + use<>> {
        live::source(ctx, (Kind::EnterpriseLevel, Resource::Enterprise), &Selection { after, enterprise_id })
    }
}

/// The level of an enterprise is another one than before.
pub struct EnterpriseLevelChanged(Arc<event::Model>);

impl From<Arc<event::Model>> for EnterpriseLevelChanged {
    fn from(event: Arc<event::Model>) -> Self {
        Self(event)
    }
}

/// The level of an enterprise is another one than before. Requires permission `enterprise:read`.
#[Object]
impl EnterpriseLevelChanged {
    /// Subscribe `after` it to go on behind this event. It holds as long as the event is kept, a day by default.
    async fn cursor(&self) -> String {
        live::cursor(&self.0)
    }

    /// Moment of the change.
    async fn at(&self) -> Moment {
        Moment(self.0.at)
    }

    /// Level before. Null while it had none.
    async fn before(&self) -> Option<RiskLevel> {
        level(self.0.before.as_deref())
    }

    /// Level since. Null when nobody works at an assessed workplace any more.
    async fn after(&self) -> Option<RiskLevel> {
        level(self.0.after.as_deref())
    }

    /// Id of the enterprise.
    async fn enterprise_id(&self) -> ID {
        id::encode("Enterprise", self.0.enterprise_id)
    }

    /// The enterprise as it is now, which may be later than the event. Null when the caller may not see it any more.
    /// Requires permission `enterprise:read`.
    async fn enterprise(&self, ctx: &Context<'_>) -> Option<Result<Enterprise>> {
        enterprise_of(ctx, self.0.enterprise_id).await.transpose()
    }
}

async fn enterprise_of(ctx: &Context<'_>, id: Uuid) -> Result<Option<Enterprise>> {
    let scope = ctx.allow(Action::Read, Resource::Enterprise)?;
    Ok(ctx.load(EnterpriseById { id, scope }).await?.map(Enterprise::from))
}

/// A level by its letter.
fn level(letter: Option<&str>) -> Option<RiskLevel> {
    letter?.parse::<Level>().ok().map(RiskLevel::from)
}

/// What there is to tell of a change of an enterprise's score.
pub fn level_event(book: &Book, before: &enterprise::Model, after: &enterprise::Model) -> Option<Happening> {
    let letter = |level: Option<Level>| level.map(|level| level.to_string());
    let LevelChange { before, after } = LevelChange::of(book, before, after);
    let (before, after) = (letter(before), letter(after));
    (before != after).then_some(Happening { kind: Kind::EnterpriseLevel, about: None, before, after })
}
