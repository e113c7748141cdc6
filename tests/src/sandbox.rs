//! What the filled database holds: the demo data set in small, the same in every run.

use api::clock::Clock;
use api::db::Db;
use api::demo::{self, DemoOrigin, DemoSize};
use chrono::{DateTime, Utc};
use domain::ids::Bin;
use domain::roles::Role;
use entity::{membership, organisation, person};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::TestApp;

/// Enterprises, some of them cases that the demo always has, and workplaces.
pub(crate) const SIZE: DemoSize = DemoSize { enterprises: 60, workplaces: 400 };

/// The person of the sandbox who acts in a role.
pub fn subject(role: Role) -> String {
    format!("demo-{role}")
}

/// BINs that nobody of the sandbox has, one for each number below a hundred thousand.
pub fn free_bin(number: u32) -> String {
    // The sandbox has no organisation of type 5 and part 3. Of the months of one year at least one gives a check digit.
    let mut bins = (1..=12).filter_map(|month| Bin::with_checksum(&format!("19{month:02}53{number:05}")));
    bins.next().expect("a number with a check digit").to_string()
}

/// The membership of the person of the sandbox who acts in a role.
pub async fn membership_of(app: &TestApp, role: Role) -> membership::Model {
    let person = person::Entity::find().filter(person::Column::Subject.eq(subject(role))).one(app.db()).await;
    let of_person = membership::Column::PersonId.eq(person.expect("persons").expect("the person").id);
    membership::Entity::find().filter(of_person).one(app.db()).await.expect("memberships").expect("a membership")
}

/// The organisation of that person.
pub async fn organisation_of(app: &TestApp, role: Role) -> Uuid {
    membership_of(app, role).await.organisation_id
}

/// Gives an organisation another BIN.
pub async fn give_bin(app: &TestApp, organisation: Uuid, bin: &str) {
    let update = organisation::Entity::update_many().col_expr(organisation::Column::Bin, Expr::value(bin));
    update.filter(organisation::Column::Id.eq(organisation)).exec(app.db()).await.expect("a BIN that is free");
}

pub(crate) async fn fill(db: &Db, now: DateTime<Utc>, size: DemoSize) {
    let origin = DemoOrigin { seed: 20_260_101, size, today: Clock::fixed(now).today() };
    demo::create(db, origin, now, &|_, _| {}).await.expect("the demo data set");
}
