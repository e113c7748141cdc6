//! A server with its own database.

use api::app::App;
use api::clock::Clock;
use api::config::Config;
use api::demo::DemoSize;
use api::http::{Front, Web, trusted};
use axum::body::Body;
use chrono::{DateTime, Utc};
use http::{Request, Response};
use sea_orm::DatabaseConnection;
use tokio::sync::OnceCell;
use tower::ServiceExt;

use crate::content::Content;
use crate::run::later;
use crate::sandbox;
use crate::services::Services;
use crate::template::{Backend, Place, close, defaults};
use crate::user::User;

/// A running server. Its database goes with it.
pub struct TestApp {
    /// The server itself, for what cannot be seen from outside.
    pub app: App,
    /// Its addresses and what requests pass.
    pub web: Web,
    /// Which database it has.
    pub backend: Backend,
    front: Front,
    config: Config,
    place: Option<Place>,
}

/// When all tests take place: noon of a working day in Kazakhstan.
pub fn moment() -> DateTime<Utc> {
    "2026-03-16T07:00:00Z".parse().expect("a moment")
}

/// The server that tests share which change nothing.
pub async fn shared(backend: Backend) -> &'static TestApp {
    static SQLITE: OnceCell<TestApp> = OnceCell::const_new();
    static POSTGRES: OnceCell<TestApp> = OnceCell::const_new();
    let cell = match backend {
        Backend::Sqlite => &SQLITE,
        Backend::Postgres => &POSTGRES,
    };
    cell.get_or_init(|| TestApp::new(backend)).await
}

impl TestApp {
    /// A server on a filled database of its own.
    pub async fn new(backend: Backend) -> Self {
        Self::with(backend, |_| {}).await
    }

    /// The same with other settings.
    pub async fn with(backend: Backend, change: impl FnOnce(&mut Config)) -> Self {
        let prepared = |config: &mut Config| {
            config.database.migrate_on_start = false;
            change(config);
        };
        Self::on(backend, backend.place().await, prepared).await
    }

    /// A server on a database that has the shipped reference data and nothing else.
    pub async fn empty(backend: Backend) -> Self {
        Self::on(backend, backend.empty(), |_| {}).await
    }

    /// A server on the demo data set of another day and size, on which it is also then.
    pub async fn demo(backend: Backend, now: DateTime<Utc>, size: DemoSize) -> Self {
        let place = backend.empty();
        let app = Self::on(backend, place, |_| {}).await;
        app.app.clock.set(now);
        sandbox::fill(&app.app.db, now, size).await;
        app.app.library.renew().await.expect("reference data");
        app
    }

    async fn on(backend: Backend, place: Place, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = defaults();
        config.database.url = place.url();
        if backend == Backend::Postgres {
            config.redis.url = Services::shared().redis_url();
        }
        change(&mut config);
        Self::start(backend, config, Some(place)).await
    }

    /// A second server on the same database and the same Redis.
    pub async fn replica(&self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.config.clone();
        change(&mut config);
        Self::start(self.backend, config, None).await
    }

    async fn start(backend: Backend, config: Config, place: Option<Place>) -> Self {
        let app = App::start(config.clone(), Clock::fixed(moment())).await.expect("the server starts");
        let trusted = trusted::of(&config).await.expect("lists that can be used");
        let web = Web::new(app.clone(), trusted);
        Self { app, front: web.clone().front(), web, backend, config, place }
    }

    /// Nobody in particular.
    pub fn anonymous(&self) -> User<'_> {
        User::new(self, None)
    }

    /// The person of the sandbox with this subject, signed in.
    pub fn as_role(&self, subject: &str) -> User<'_> {
        let token = self.app.tokens.issue(subject, self.app.clock.now()).expect("the demo issues tokens");
        User::new(self, Some(token))
    }

    /// Any HTTP request, through the whole front.
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.front.clone().oneshot(request).await.expect("it never fails").map(Body::new)
    }

    /// The database, past every rule, for tests that prepare or look behind the scenes.
    pub fn db(&self) -> &DatabaseConnection {
        self.app.db.writer()
    }

    /// What stands in the tables now; two of them can be compared.
    pub async fn content(&self) -> Content {
        Content::read(self.db()).await
    }

    /// SQL statements that `work` costs.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (u64, T) {
        let before = self.app.db.statements();
        let done = work.await;
        (self.app.db.statements() - before, done)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let (db, place) = (self.app.db.clone(), self.place.take());
        later(async move {
            close(&db).await;
            let _ = tokio::task::spawn_blocking(move || drop(place)).await;
        });
    }
}
