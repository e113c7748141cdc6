//! One filled database for each kind, made once for a run; a test gets a copy.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use api::auth::token::Tokens;
use api::clock::Clock;
use api::config::{self, Config};
use api::db::Db;
use tokio::sync::OnceCell;

use crate::app::moment;
use crate::sandbox;
use crate::scratch;
use crate::services::{Database, Services};

/// The two databases the server runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded one.
    Sqlite,
    /// The one of production, with Redis.
    Postgres,
}

/// A database that goes with this value.
pub(crate) enum Place {
    File(PathBuf),
    Server(Box<Database>),
}

impl Place {
    pub fn url(&self) -> String {
        match self {
            Self::File(path) => format!("sqlite://{}", path.display()),
            Self::Server(database) => database.url.clone(),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Self::File(path) = self else { return };
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
        }
    }
}

impl Backend {
    /// A copy of the filled database.
    pub(crate) async fn place(self) -> Place {
        static SQLITE: OnceCell<Place> = OnceCell::const_new();
        static POSTGRES: OnceCell<Place> = OnceCell::const_new();
        let template = match self {
            Self::Sqlite => SQLITE.get_or_init(|| self.template()).await,
            Self::Postgres => POSTGRES.get_or_init(|| self.template()).await,
        };
        match template {
            Place::File(path) => {
                let copy = file();
                std::fs::copy(path, &copy).expect("room for a copy");
                Place::File(copy)
            }
            Place::Server(database) => {
                Place::Server(Box::new(Services::shared().create_database(Some(&database.name))))
            }
        }
    }

    /// A database with the schema and nothing in it.
    pub(crate) fn empty(self) -> Place {
        match self {
            Self::Sqlite => Place::File(file()),
            Self::Postgres => Place::Server(Box::new(Services::shared().create_database(None))),
        }
    }

    async fn template(self) -> Place {
        let place = self.empty();
        let mut config = defaults();
        config.database.url = place.url();
        let db = api::setup::open(&config, &Clock::fixed(moment())).await.expect("a database ready to be used");
        sandbox::fill(&db, moment(), sandbox::SIZE).await;
        close(&db).await;
        place
    }
}

/// The shipped settings, with small pools and no demo.
pub(crate) fn defaults() -> Config {
    let mut config = Config::finish(Config::defaults()).expect("the shipped settings");
    config.database.max_connections = 4;
    config.demo.enabled = false;
    // One of a test looks at what is spent; the others must not run dry.
    config.budgets.person_points = 1_000_000_000;
    config.budgets.organisation_points = 1_000_000_000;
    config.budgets.address_points = 1_000_000_000;
    // A test that changes a membership must not wait.
    config.auth.membership_cache_ms = 0;
    config.auth.demo_key_file = issuer(&config.auth);
    config
}

/// The file with the key of all servers of the run. It is made here: the first two that start may start together.
fn issuer(settings: &config::Auth) -> String {
    static FILE: OnceLock<String> = OnceLock::new();
    let made = || {
        let demo_key_file = scratch::directory().join("issuer.key").display().to_string();
        Tokens::load(&config::Auth { demo_key_file: demo_key_file.clone(), ..settings.clone() }).expect("a new key");
        demo_key_file
    };
    FILE.get_or_init(made).clone()
}

/// Ends all connections; SQLite's last one moves everything into the one file that is copied.
pub(crate) async fn close(db: &Db) {
    db.close().await.expect("closed");
}

fn file() -> PathBuf {
    static FILES: AtomicU32 = AtomicU32::new(0);
    scratch::directory().join(format!("{}.sqlite", FILES.fetch_add(1, Ordering::Relaxed)))
}
