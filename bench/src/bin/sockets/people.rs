//! Who listens and who writes: as many persons as there are sockets, put into the demo data.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use api::auth::token::Tokens;
use api::clock::{Clock, new_id};
use api::config::Config;
use api::graphql::id;
use domain::roles::Role;
use entity::{enterprise, membership, person, workplace};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

/// The enterprise that many may see.
const SEEN_BY_MANY: &str = "210240000397";
/// Demo persons who may see it, each in another role.
const ROLES: [&str; 8] = [
    "demo-employer_admin",
    "demo-safety_engineer",
    "demo-employee_representative",
    "demo-assessor",
    "demo-insurer",
    "demo-inspector",
    "demo-ministry",
    "demo-analyst",
];
/// Rows of one statement.
const ROWS: usize = 500;

/// A workplace whose number of workers moves the level of its enterprise.
#[derive(Clone)]
pub struct Place {
    /// Global id of the workplace.
    pub workplace: String,
    /// As it was read last.
    pub version: i64,
    /// Numbers of workers that give two different levels; the first is the present one.
    pub workers: [i32; 2],
    /// Token of who may change it.
    pub token: String,
}

/// Tokens of those who listen, and what is changed so that they hear.
pub struct Crowd {
    /// Name in the table.
    pub name: &'static str,
    /// One for each socket.
    pub listeners: Vec<String>,
    /// One that all hear of, or one for each socket.
    pub places: Vec<Place>,
}

/// Persons that are added, each with a membership.
#[derive(Default)]
struct Added {
    persons: Vec<person::ActiveModel>,
    memberships: Vec<membership::ActiveModel>,
}

impl Added {
    fn add(&mut self, subject: &str, clock: &Clock, model: membership::Model) {
        let id = new_id();
        let person = person::Model {
            id,
            subject: subject.to_owned(),
            display_name: subject.to_owned(),
            locale: "en".to_owned(),
            demo: true,
            created_at: clock.now(),
        };
        self.persons.push(person.into_active_model());
        self.memberships.push(membership::Model { id: new_id(), person_id: id, ..model }.into_active_model());
    }

    async fn write(self, db: &impl ConnectionTrait) -> anyhow::Result<()> {
        for rows in self.persons.chunks(ROWS) {
            person::Entity::insert_many(rows.to_vec()).exec(db).await?;
        }
        for rows in self.memberships.chunks(ROWS) {
            membership::Entity::insert_many(rows.to_vec()).exec(db).await?;
        }
        Ok(())
    }
}

/// Adds the persons to a database that holds the demo data.
pub async fn crowds(config: &Config, sockets: usize) -> anyhow::Result<[Crowd; 2]> {
    let clock = Clock::system();
    let (db, tokens) = (api::setup::open(config, &clock).await?, Tokens::load(&config.auth)?);
    let token = |subject: &str| tokens.issue(subject, clock.now()).context("only the demo issuer issues tokens");
    let models = models(db.writer()).await?;
    let employer = models.first().context("no demo persons")?;

    let mut added = Added::default();
    let many = one_for_many(db.writer(), token("demo-employer_admin")?).await?;
    let mut together = Crowd { name: "one event for all, each second", listeners: Vec::new(), places: vec![many] };
    for (number, model) in (0..sockets).zip(models.iter().cycle()) {
        let subject = format!("bench-many-{number}");
        added.add(&subject, &clock, model.clone());
        together.listeners.push(token(&subject)?);
    }
    let mut apart = Crowd { name: "one event for each, each second", listeners: Vec::new(), places: Vec::new() };
    for (number, (organisation_id, place)) in own(db.writer(), sockets).await?.into_iter().enumerate() {
        let subject = format!("bench-own-{number}");
        added.add(&subject, &clock, membership::Model { organisation_id, ..employer.clone() });
        let token = token(&subject)?;
        apart.listeners.push(token.clone());
        apart.places.push(Place { token, ..place });
    }
    added.write(db.writer()).await?;
    db.close().await?;
    Ok([together, apart])
}

/// The memberships that are copied; the employer's first.
async fn models(db: &impl ConnectionTrait) -> anyhow::Result<Vec<membership::Model>> {
    let mut models = Vec::new();
    for subject in ROLES {
        let person = person::Entity::find().filter(person::Column::Subject.eq(subject)).one(db).await?;
        let person = person.context("no demo persons")?;
        let of_person = membership::Entity::find().filter(membership::Column::PersonId.eq(person.id)).one(db).await?;
        models.push(of_person.context("no membership")?);
    }
    ensure!(models.first().is_some_and(|model| model.role == Role::EmployerAdmin.as_str()), "not the employer first");
    Ok(models)
}

/// A workplace of the highest degree: with very many workers, it alone decides on the level.
async fn one_for_many(db: &impl ConnectionTrait, token: String) -> anyhow::Result<Place> {
    let owner = enterprise::Entity::find().filter(enterprise::Column::Bin.eq(SEEN_BY_MANY)).one(db).await?;
    let owner = owner.context("the demo enterprise is missing")?;
    let of_owner = workplace::Entity::find().filter(workplace::Column::EnterpriseId.eq(owner.id));
    let highest =
        of_owner.filter(workplace::Column::Degree.eq(5)).one(db).await?.context("no workplace of degree 5")?;
    Ok(place(&highest, 20_000, token))
}

/// Workplaces that are the only one of their enterprise: without workers, it has no level.
async fn own(db: &impl ConnectionTrait, sockets: usize) -> anyhow::Result<Vec<(Uuid, Place)>> {
    let owners = enterprise::Entity::find().all(db).await?;
    let mut places: HashMap<Uuid, Vec<workplace::Model>> = HashMap::new();
    for row in workplace::Entity::find().all(db).await? {
        places.entry(row.enterprise_id).or_default().push(row);
    }
    let only = owners.iter().filter_map(|owner| match places.get(&owner.id).map(Vec::as_slice) {
        Some([only]) if only.degree > 0 && only.workers > 0 => {
            Some((owner.organisation_id, place(only, 0, String::new())))
        }
        _ => None,
    });
    let found: Vec<_> = only.take(sockets).collect();
    ensure!(found.len() == sockets, "only {} enterprises with one assessed workplace", found.len());
    Ok(found)
}

fn place(row: &workplace::Model, other: i32, token: String) -> Place {
    let workplace = id::encode("Workplace", row.id).0;
    Place { workplace, version: row.version, workers: [row.workers, other], token }
}
