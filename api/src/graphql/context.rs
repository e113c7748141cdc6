//! What a resolver may ask of its request, in one trait.

use std::hash::Hash;
use std::sync::Arc;

use crate::db::Reader;
use async_graphql::dataloader::Loader;
use async_graphql::{Context, QueryPathSegment};
use chrono::{DateTime, NaiveDate, Utc};
use domain::localized::Language;
use domain::roles::{Action, Resource};
use entity::scope::Scope;

use crate::app::App;
use crate::auth::actor::Actor;
use crate::auth::allow::allow;
use crate::error::{Error, Result};
use crate::graphql::gathering::Gather;
use crate::graphql::loader::{Batch, Loaders};

/// One request: who asks, in which language, at which moment.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks.
    pub actor: Arc<Actor>,
    /// Language of names and messages when no argument says otherwise.
    pub language: Language,
    /// Moment of the request; every clause about time in one request means this one.
    pub now: DateTime<Utc>,
    /// Civil date of `now` in Kazakhstan.
    pub today: NaiveDate,
}

/// Extends the library's context by the words of a handler's story.
pub trait Ask {
    /// The server.
    fn app(&self) -> &App;
    /// The request.
    fn caller(&self) -> &Caller;
    /// Loaders of this request; they do not outlive it.
    fn loaders(&self) -> &Loaders;

    /// Who asks.
    fn actor(&self) -> &Actor {
        &self.caller().actor
    }

    /// May the caller do this, and to which rows? The only source of a [`Scope`].
    fn allow(&self, action: Action, resource: Resource) -> Result<Scope> {
        allow(&self.app().policies, self.actor(), action, resource, self.caller().today)
    }

    /// Whether [`Ask::allow`] would answer with a scope.
    fn allows(&self, action: Action, resource: Resource) -> bool {
        self.allow(action, resource).is_ok()
    }

    /// Where in the answer the field stands: names of fields joined by points, without places in lists.
    fn path(&self) -> String;

    /// For reading. While a statement runs, the field is known to wait for it.
    fn db(&self) -> Reader {
        self.app().db.read().asked_by(self.loaders().running().clone(), self.path())
    }

    /// The language of an answer: the argument's, or the caller's.
    fn language(&self, argument: Option<Language>) -> Language {
        argument.unwrap_or(self.caller().language)
    }

    /// Civil date of the request.
    fn today(&self) -> NaiveDate {
        self.caller().today
    }

    /// Moment of the request.
    fn now(&self) -> DateTime<Utc> {
        self.caller().now
    }

    /// Asks for one key together with all its siblings: one statement for a whole list.
    fn load<K>(&self, key: K) -> impl Future<Output = Result<Option<<Batch as Loader<K>>::Value>>> + Send
    where
        Self: Sync,
        K: Clone + Eq + Hash + Send + Sync + 'static,
        Batch: Loader<K, Error = Error>,
    {
        self.loaders().load(key, || self.path())
    }

    /// Asks for the one row of a key together with the requests of this moment that may see the same rows.
    fn gather<K>(&self, key: K) -> impl Future<Output = Result<Option<<Batch as Loader<K>>::Value>>> + Send
    where
        Self: Sync,
        K: Gather,
        Batch: Loader<K, Error = Error>,
    {
        async {
            let _waiting = self.loaders().running().enter(self.path());
            self.app().gatherings.load(&Batch { db: self.app().db.clone() }, key).await
        }
    }
}

impl Ask for Context<'_> {
    fn app(&self) -> &App {
        self.data_unchecked::<App>()
    }

    fn caller(&self) -> &Caller {
        self.data_unchecked::<Caller>()
    }

    fn loaders(&self) -> &Loaders {
        self.data_unchecked::<Loaders>()
    }

    fn path(&self) -> String {
        let mut names = Vec::new();
        let mut node = self.path_node.as_ref();
        while let Some(at) = node {
            if let QueryPathSegment::Name(name) = at.segment {
                names.push(name);
            }
            node = at.parent;
        }
        names.reverse();
        names.join(".")
    }
}
