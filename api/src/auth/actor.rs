//! The person behind a request, and for whom the person acts. Roles and tenants come from the database, never from the
//! token.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use domain::localized::Language;
use domain::roles::{OrganisationKind, Role};
use entity::{membership, organisation, person};
use moka::future::Cache;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::db::Db;
use crate::error::{Code, Error, Result};

/// A person who signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Key.
    pub id: Uuid,
    /// Name on screen.
    pub display_name: String,
    /// Preferred language of messages and names.
    pub language: Language,
}

/// A membership in force: for whom a person can act, and as what.
#[derive(Clone, Debug)]
pub struct Acting {
    /// Key of the membership, the value of `X-Osh-Membership`.
    pub membership_id: Uuid,
    /// The organisation.
    pub organisation_id: Uuid,
    /// Its kind.
    pub kind: OrganisationKind,
    /// Its names: Kazakh, Russian, English.
    pub names: [String; 3],
    /// Its business identification number, when it has one.
    pub bin: Option<String>,
    /// Region an inspectorate answers for.
    pub jurisdiction: Option<String>,
    /// Role in it.
    pub role: Role,
    /// Workplace of a worker.
    pub workplace_id: Option<Uuid>,
    /// First and last day.
    pub valid: (NaiveDate, Option<NaiveDate>),
}

/// Who asks.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// The person; `None` for the public.
    pub person: Option<Person>,
    /// The membership in use; `None` for the public and for a person who has yet to choose.
    pub acting: Option<Acting>,
    /// Memberships in force, oldest first.
    pub memberships: Arc<[Acting]>,
}

impl Actor {
    /// The role by which policies decide; without a membership in use it is the public's.
    pub fn role(&self) -> Role {
        self.acting.as_ref().map_or(Role::Anonymous, |acting| acting.role)
    }
}

/// A person with all memberships in force on one day.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who does not say which membership: acts by the only one, or has yet to choose.
    unsaid: Arc<Actor>,
}

impl Account {
    /// `memberships`: oldest first.
    fn new(person: Person, memberships: Arc<[Acting]>) -> Self {
        let acting = match &*memberships {
            [only] => Some(only.clone()),
            _ => None,
        };
        Self { unsaid: Arc::new(Actor { person: Some(person), acting, memberships }) }
    }

    /// Uses the membership that was asked for, or the only one.
    pub fn choose(&self, wanted: Option<Uuid>) -> Result<Arc<Actor>> {
        let Some(wanted) = wanted else { return Ok(self.unsaid.clone()) };
        let chosen = self.unsaid.memberships.iter().find(|acting| acting.membership_id == wanted);
        let acting = chosen.cloned().ok_or_else(|| Error::new(Code::MembershipUnknown))?;
        Ok(Arc::new(Actor { acting: Some(acting), ..Actor::clone(&self.unsaid) }))
    }
}

/// Accounts by the subject of their token, kept for a moment.
#[derive(Clone)]
pub struct Accounts {
    db: Db,
    cache: Option<Cache<(String, NaiveDate), Arc<Account>>>,
}

impl Accounts {
    /// `keep` bounds how long a revoked membership can still be used on this replica; zero keeps nothing.
    pub fn new(db: Db, keep: Duration) -> Self {
        let cache = (!keep.is_zero()).then(|| Cache::builder().max_capacity(50_000).time_to_live(keep).build());
        Self { db, cache }
    }

    /// The account of a verified subject; UNAUTHENTICATED when nobody has it.
    pub async fn get(&self, subject: &str, today: NaiveDate) -> Result<Arc<Account>> {
        let load = || async { self.load(subject, today).await.map(Arc::new) };
        let Some(cache) = &self.cache else { return Box::pin(load()).await };
        let key = (subject.to_owned(), today);
        if let Some(known) = cache.get(&key).await {
            return Ok(known);
        }
        // In a box: it is five kilobytes that hardly any request uses, and all would carry.
        Box::pin(cache.try_get_with(key, load())).await.map_err(|error: Arc<Error>| (*error).clone())
    }

    async fn load(&self, subject: &str, today: NaiveDate) -> Result<Account> {
        let person = person::Entity::find()
            .filter(person::Column::Subject.eq(subject))
            .one(self.db.read())
            .await?
            .ok_or_else(|| Error::new(Code::Unauthenticated))?;
        let rows = membership::Entity::find()
            .filter(membership::Column::PersonId.eq(person.id))
            .filter(membership::Column::ValidFrom.lte(today))
            .filter(membership::Column::ValidTo.is_null().or(membership::Column::ValidTo.gte(today)))
            .order_by_asc(membership::Column::Id)
            .all(self.db.read())
            .await?;
        let organisations = organisation::Entity::find()
            .filter(organisation::Column::Id.is_in(rows.iter().map(|row| row.organisation_id)))
            .filter(organisation::Column::ValidFrom.lte(today))
            .filter(organisation::Column::ValidTo.is_null().or(organisation::Column::ValidTo.gte(today)))
            .all(self.db.read())
            .await?;
        let memberships = rows
            .into_iter()
            .filter_map(|row| {
                let organisation = organisations.iter().find(|organisation| organisation.id == row.organisation_id)?;
                Some(acting(row, organisation))
            })
            .collect::<Result<_>>()?;
        let person = Person {
            id: person.id,
            display_name: person.display_name,
            language: Language::parse_accept(&person.locale),
        };
        Ok(Account::new(person, memberships))
    }
}

fn acting(row: membership::Model, organisation: &organisation::Model) -> Result<Acting> {
    let unknown = |what: &str, text: &str| Error::internal(format!("membership {}: unknown {what} {text}", row.id));
    Ok(Acting {
        membership_id: row.id,
        organisation_id: organisation.id,
        kind: organisation.kind.parse().map_err(|_| unknown("organisation kind", &organisation.kind))?,
        names: [organisation.name_kk.clone(), organisation.name_ru.clone(), organisation.name_en.clone()],
        bin: organisation.bin.clone(),
        jurisdiction: organisation.jurisdiction_kato.clone(),
        role: row.role.parse().map_err(|_| unknown("role", &row.role))?,
        workplace_id: row.workplace_id,
        valid: (row.valid_from, row.valid_to),
    })
}
