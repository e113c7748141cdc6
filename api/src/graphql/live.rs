//! The field of a subscription runs twice. Asked, it says what it wants to hear and by which permission; told, once for
//! each event, it makes an object of it. What lies between (log, scope, back-pressure) is no business of an area.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, ID};
use domain::roles::{Action, Resource};
use entity::event;
use futures::stream::{self, Stream};

use crate::error::{Error, Result};
use crate::events::feed::Wish;
use crate::events::log::Kind;
use crate::graphql::{Ask, id};

/// In which of its runs an operation is; part of the data of its request.
#[derive(Clone)]
pub enum Live {
    /// It collects what is wanted.
    Asking(Arc<Mutex<Vec<Wanted>>>),
    /// It tells this.
    Telling(Arc<event::Model>),
}

/// What a subscription wants, and what must be readable for it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which events.
    pub wish: Wish,
    /// Whose scope decides.
    pub resource: Resource,
}

/// Arguments that every subscription to the events of enterprises has.
pub struct Selection {
    /// Cursor of the last event that was heard.
    pub after: Option<String>,
    /// One enterprise.
    pub enterprise_id: Option<ID>,
}

/// The events of a kind for this caller: none while asking, the one that is told.
///
/// # Errors
/// FORBIDDEN for a role that never reads the resource; a malformed cursor or id.
pub fn source<T: From<Arc<event::Model>> + Send + 'static>(
    ctx: &Context<'_>,
    (kind, resource): (Kind, Resource),
    selection: &Selection,
) -> Result<impl Stream<Item = T> + use<T>> {
    let told = match ctx.data_opt::<Live>() {
        Some(Live::Telling(event)) => Some(T::from(event.clone())),
        Some(Live::Asking(wanted)) => {
            ctx.allow(Action::Read, resource)?;
            let wish = selection.wish(kind)?;
            wanted.lock().unwrap_or_else(PoisonError::into_inner).push(Wanted { wish, resource });
            None
        }
        None => return Err(Error::internal("a subscription is executed like a query")),
    };
    Ok(stream::iter(told))
}

/// The cursor of an event.
pub fn cursor(event: &event::Model) -> String {
    id::encode("Event", event.id).0
}

impl Selection {
    fn wish(&self, kind: Kind) -> Result<Wish> {
        let enterprise =
            self.enterprise_id.as_ref().map(|key| id::decode("Enterprise", key, "enterpriseId")).transpose()?;
        let after = self.after.as_deref().map(|cursor| match id::parse(cursor) {
            Some((kind, key)) if kind == "Event" => Ok(key),
            _ => Err(Error::input("after", "CURSOR_INVALID")),
        });
        Ok(Wish { kind, enterprise, after: after.transpose()? })
    }
}
