//! Events written to the log past every mutation: what is told depends on them, and not on how they came about.

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

/// Writes this to the log, in this order, and gives the cursor in front of it.
pub async fn write(app: &TestApp, world: &World, happened: &[Happened]) -> String {
    let first = world.enterprises.first().expect("an enterprise");
    let tx = app.app.db.begin().await.expect("a transaction");
    log::write(&tx, first, app.app.clock.now(), vec![level()]).await.expect("an event");
    tx.commit().await.expect("a commit");
    let before = log::newest(&app.app.db).await.expect("the log").expect("an event");
    let tx = app.app.db.begin().await.expect("a transaction");
    for it in happened {
        let (owner, happening) = match it {
            Happened::Level(id) => (owner(world, *id), level()),
            Happened::Status(id) => {
                let row = world.assessments.iter().find(|row| row.id == *id).expect("an assessment");
                (owner(world, row.enterprise_id), status(row))
            }
        };
        log::write(&tx, owner, app.app.clock.now(), vec![happening]).await.expect("an event");
    }
    tx.commit().await.expect("a commit");
    // What is read changes nothing in the tables any more.
    log::number(&app.app.db).await.expect("positions");
    id::encode("Event", before).to_string()
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
