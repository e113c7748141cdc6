//! Events written to the log past every mutation: what is told depends on them, and not on how they came about.

use api::events::Event;
use api::events::log::{self, Happening, Kind};
use api::graphql::id;
use entity::{assessment, enterprise};
use uuid::Uuid;

use crate::app::TestApp;
use crate::world::World;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// An enterprise has another level.
    Level(Uuid),
    /// An assessment has another status.
    Status(Uuid),
}

/// The cursor of the newest event. An empty log gets a first one, of the first enterprise.
pub async fn cursor(app: &TestApp, world: &World) -> String {
    let newest = async || log::newest(&app.app.db).await.expect("the log");
    let newest = match newest().await {
        Some(id) => id,
        None => {
            let first = world.enterprises.first().expect("an enterprise");
            commit(app, &[(first, level())]).await;
            newest().await.expect("an event")
        }
    };
    id::encode("Event", newest).to_string()
}

/// Writes this to the log, in this order, and gives the cursor in front of it.
pub async fn write(app: &TestApp, world: &World, happened: &[Happened]) -> String {
    let before = cursor(app, world).await;
    let rows: Vec<_> = happened.iter().map(|it| row(world, it)).collect();
    commit(app, &rows).await;
    // What is read changes nothing in the tables any more.
    log::number(&app.app.db).await.expect("positions");
    before
}

/// Writes this to the log and tells that there is something new, as a mutation does.
pub async fn tell(app: &TestApp, world: &World, happened: &[Happened]) -> String {
    let cursor = write(app, world, happened).await;
    app.app.events.tell(Event::Logged).await;
    cursor
}

/// What is to be written.
pub fn row<'a>(world: &'a World, happened: &Happened) -> (&'a enterprise::Model, Happening) {
    match happened {
        Happened::Level(id) => (owner(world, *id), level()),
        Happened::Status(id) => {
            let row = world.assessments.iter().find(|row| row.id == *id).expect("an assessment");
            (owner(world, row.enterprise_id), status(row))
        }
    }
}

async fn commit(app: &TestApp, rows: &[(&enterprise::Model, Happening)]) {
    let tx = app.app.db.begin().await.expect("a transaction");
    for (owner, happening) in rows {
        log::write(&tx, owner, app.app.clock.now(), vec![happening.clone()]).await.expect("an event");
    }
    tx.commit().await.expect("a commit");
}

fn owner(world: &World, id: Uuid) -> &enterprise::Model {
    world.enterprises.iter().find(|row| row.id == id).expect("an enterprise")
}

fn level() -> Happening {
    let letter = |letter: &str| Some(letter.to_owned());
    Happening { kind: Kind::EnterpriseLevel, about: None, before: letter("C"), after: letter("B") }
}

fn status(row: &assessment::Model) -> Happening {
    let about = Some((row.workplace_id, row.id));
    Happening { kind: Kind::AssessmentStatus, about, before: None, after: Some("in_force".to_owned()) }
}
