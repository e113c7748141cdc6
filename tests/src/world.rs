//! Who may see what, worked out from the tables by hand: the other opinion that the tests compare the server with.
//! It knows nothing of policies, scopes or the server's SQL.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::roles::Role;
use entity::{
    assessment, enterprise, factor_assignment, mandate, measurement, membership, organisation, person, unit, workplace,
};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::app::TestApp;

/// Everything of the sandbox.
pub struct World {
    today: NaiveDate,
    organisations: Vec<organisation::Model>,
    persons: Vec<person::Model>,
    memberships: Vec<membership::Model>,
    mandates: Vec<mandate::Model>,
    /// Enterprises.
    pub enterprises: Vec<enterprise::Model>,
    units: Vec<unit::Model>,
    /// Workplaces.
    pub workplaces: Vec<workplace::Model>,
    /// Factors at workplaces.
    pub factors: Vec<factor_assignment::Model>,
    /// Measurements.
    pub measurements: Vec<measurement::Model>,
    /// Assessments.
    pub assessments: Vec<assessment::Model>,
}

/// Keys that somebody may see, by the name of their type in the schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sees(BTreeMap<&'static str, BTreeSet<Uuid>>);

/// Types of rows that belong to tenants.
pub const TENANT_TYPES: [&str; 7] =
    ["Enterprise", "Unit", "Workplace", "FactorAssignment", "Measurement", "Assessment", "Organisation"];

impl Sees {
    /// Keys of one type.
    pub fn of(&self, kind: &str) -> &BTreeSet<Uuid> {
        static NOTHING: BTreeSet<Uuid> = BTreeSet::new();
        self.0.get(kind).unwrap_or(&NOTHING)
    }
}

impl World {
    /// Reads the tables.
    pub async fn read(app: &TestApp) -> Self {
        let db = app.db();
        Self {
            today: app.app.clock.today(),
            organisations: organisation::Entity::find().all(db).await.expect("organisations"),
            persons: person::Entity::find().all(db).await.expect("persons"),
            memberships: membership::Entity::find().all(db).await.expect("memberships"),
            mandates: mandate::Entity::find().all(db).await.expect("mandates"),
            enterprises: enterprise::Entity::find().all(db).await.expect("enterprises"),
            units: unit::Entity::find().all(db).await.expect("units"),
            workplaces: workplace::Entity::find().all(db).await.expect("workplaces"),
            factors: factor_assignment::Entity::find().all(db).await.expect("factors"),
            measurements: measurement::Entity::find().all(db).await.expect("measurements"),
            assessments: assessment::Entity::find().all(db).await.expect("assessments"),
        }
    }

    /// What the person with this subject may see; nothing for nobody.
    pub fn seen_by(&self, subject: &str) -> Sees {
        let Some(person) = self.persons.iter().find(|person| person.subject == subject) else { return Sees::default() };
        let member = self.memberships.iter().find(|member| member.person_id == person.id).expect(subject);
        let role: Role = member.role.parse().expect("a role");
        let own = self.enterprises.iter().filter(|row| self.reaches(member, role, row)).map(|row| row.id).collect();
        let mut sees = self.below(role, member.workplace_id, own);
        let filed = self.assessments.iter().filter(|row| sees.of("Assessment").contains(&row.id));
        let assessors = filed.filter_map(|row| row.assessor_organisation_id);
        let organisations = assessors.chain([member.organisation_id]).collect();
        sees.0.insert("Organisation", organisations);
        sees
    }

    fn reaches(&self, member: &membership::Model, role: Role, row: &enterprise::Model) -> bool {
        let organisation = self.organisations.iter().find(|it| it.id == member.organisation_id).expect("organisation");
        let mandate = |kind: &str| {
            self.mandates.iter().any(|mandate| {
                (mandate.organisation_id == organisation.id || (kind, &*organisation.kind) == ("insures", "state_fund"))
                    && mandate.enterprise_id == row.id
                    && mandate.kind == kind
                    && mandate.valid_from <= self.today
                    && mandate.valid_to.is_none_or(|end| end >= self.today)
                    && mandate.revoked_at.is_none()
            })
        };
        match role {
            Role::EmployerAdmin | Role::SafetyEngineer => row.organisation_id == organisation.id,
            Role::Worker => self
                .workplaces
                .iter()
                .any(|place| Some(place.id) == member.workplace_id && place.enterprise_id == row.id),
            Role::EmployeeRepresentative => mandate("represents"),
            Role::Assessor => mandate("engaged_by"),
            Role::Insurer => mandate("insures"),
            Role::Inspector => organisation.jurisdiction_kato.as_deref() == Some(&*row.region_kato),
            Role::Ministry | Role::Analyst => true,
            Role::Anonymous => false,
        }
    }

    /// Rows of the enterprises, as far as the role reads their kind at all.
    fn below(&self, role: Role, workplace: Option<Uuid>, enterprises: BTreeSet<Uuid>) -> Sees {
        let own = |id: Uuid| role != Role::Worker || Some(id) == workplace;
        let mut sees = BTreeMap::new();
        if role != Role::Analyst {
            let inside = |enterprise: &Uuid| enterprises.contains(enterprise);
            let places =
                self.workplaces.iter().filter(|row| inside(&row.enterprise_id) && own(row.id)).map(|row| row.id);
            let places: BTreeSet<Uuid> = places.collect();
            let at = |place: &Uuid| places.contains(place);
            let assessments = self.assessments.iter().filter(|row| at(&row.workplace_id)).map(|row| row.id);
            sees.insert("Assessment", assessments.collect());
            if role != Role::Insurer {
                let factors = self.factors.iter().filter(|row| at(&row.workplace_id)).map(|row| row.id);
                sees.insert("FactorAssignment", factors.collect());
                let measurements = self.measurements.iter().filter(|row| at(&row.workplace_id)).map(|row| row.id);
                sees.insert("Measurement", measurements.collect());
            }
            if !matches!(role, Role::Insurer | Role::Worker) {
                let units = self.units.iter().filter(|row| inside(&row.enterprise_id)).map(|row| row.id);
                sees.insert("Unit", units.collect());
            }
            sees.insert("Workplace", places);
        }
        sees.insert("Enterprise", enterprises);
        Sees(sees)
    }

    /// All keys of a type.
    pub fn all(&self, kind: &str) -> BTreeSet<Uuid> {
        match kind {
            "Enterprise" => self.enterprises.iter().map(|row| row.id).collect(),
            "Unit" => self.units.iter().map(|row| row.id).collect(),
            "Workplace" => self.workplaces.iter().map(|row| row.id).collect(),
            "FactorAssignment" => self.factors.iter().map(|row| row.id).collect(),
            "Measurement" => self.measurements.iter().map(|row| row.id).collect(),
            "Assessment" => self.assessments.iter().map(|row| row.id).collect(),
            "Organisation" => self.organisations.iter().map(|row| row.id).collect(),
            _ => panic!("{kind} is not a type of rows that belong to tenants"),
        }
    }
}
