//! Everybody but the employers: state bodies, insurers, unions, assessors, and one person for each role.

use chrono::NaiveDate;
use domain::localized::Localized;
use domain::roles::{OrganisationKind, Role};
use entity::{membership, organisation, person};
use uuid::Uuid;

use crate::demo::dice::{Bins, Ids, before, moment, registry_day};
use crate::demo::plan::INSPECTED;
use crate::demo::rows::Rows;
use crate::demo::words::Words;

/// Subjects of the demo persons with their roles.
pub const SUBJECTS: &[(&str, Role)] = &[
    ("demo-employer_admin", Role::EmployerAdmin),
    ("demo-safety_engineer", Role::SafetyEngineer),
    ("demo-worker", Role::Worker),
    ("demo-employee_representative", Role::EmployeeRepresentative),
    ("demo-assessor", Role::Assessor),
    ("demo-insurer", Role::Insurer),
    ("demo-insurer-fund", Role::Insurer),
    ("demo-inspector", Role::Inspector),
    ("demo-ministry", Role::Ministry),
    ("demo-analyst", Role::Analyst),
];

/// A person with two memberships, who must say for whom a request is made.
pub const TWO_HATS: &str = "demo-two-hats";
/// A person whose only membership has ended.
pub const FORMER: &str = "demo-former";

/// Organisations and persons that the rest of the demo refers to.
pub struct Cast {
    /// The employer of the demo persons.
    pub employer: Uuid,
    /// Trade unions and production councils; the demo representative belongs to the first.
    pub representatives: Vec<Uuid>,
    /// Assessment organisations with their names; the demo assessor belongs to the first.
    pub assessors: Vec<(Uuid, String)>,
    /// The state fund, then the life insurers; the demo insurer belongs to the first of these.
    pub insurers: Vec<Uuid>,
    /// Persons by subject.
    persons: Vec<(&'static str, Uuid)>,
}

const REPRESENTATIVES: [(OrganisationKind, &str, &str, &str); 8] = {
    use OrganisationKind::{ProductionCouncil as Council, TradeUnion as Union};
    [
        (Union, "Металлургтер кәсіподағы", "Профсоюз металлургов", "Metallurgists' Union"),
        (Union, "Құрылысшылар кәсіподағы", "Профсоюз строителей", "Builders' Union"),
        (Union, "Көлікшілер кәсіподағы", "Профсоюз транспортников", "Transport Workers' Union"),
        (Union, "Білім беру кәсіподағы", "Профсоюз работников образования", "Education Workers' Union"),
        (Council, "№ 1 өндірістік кеңес", "Производственный совет № 1", "Production Council No. 1"),
        (Council, "№ 2 өндірістік кеңес", "Производственный совет № 2", "Production Council No. 2"),
        (Council, "№ 3 өндірістік кеңес", "Производственный совет № 3", "Production Council No. 3"),
        (Council, "№ 4 өндірістік кеңес", "Производственный совет № 4", "Production Council No. 4"),
    ]
};

const ASSESSORS: [(&str, &str, &str); 4] = [
    ("«Үлгі Зертхана» ЖШС", "ТОО «Улги Зертхана»", "Ulgi Laboratory LLP"),
    ("«Еңбек Сараптама» ЖШС", "ТОО «Енбек Сараптама»", "Enbek Expertise LLP"),
    ("«Қауіпсіз Орын» ЖШС", "ТОО «Кауипсиз Орын»", "Safe Place LLP"),
    ("«Өлшем» ЖШС", "ТОО «Олшем»", "Olshem LLP"),
];

const INSURERS: [(&str, &str, &str); 4] = [
    ("Мемлекеттік қор", "Государственный фонд", "State Fund"),
    ("«Бірінші Өмір» ӨСК", "КСЖ «Первая Жизнь»", "First Life"),
    ("«Екінші Өмір» ӨСК", "КСЖ «Вторая Жизнь»", "Second Life"),
    ("«Үшінші Өмір» ӨСК", "КСЖ «Третья Жизнь»", "Third Life"),
];

/// Makes the cast, and collects its rows.
pub struct Casting<'a> {
    /// Lists to draw from.
    pub words: &'a Words,
    /// Keys.
    pub ids: &'a mut Ids,
    /// BINs.
    pub bins: &'a mut Bins,
    /// Rows.
    pub rows: &'a mut Rows,
    /// The day of the data set.
    pub today: NaiveDate,
}

impl Casting<'_> {
    /// Organisations, persons and all memberships but the worker's, which needs a workplace.
    pub fn cast(mut self) -> anyhow::Result<Cast> {
        use OrganisationKind::{AssessmentOrganisation, LifeInsurer, StateFund};
        let employer = self.ids.fresh();
        let mut representatives = Vec::new();
        for (kind, kk, ru, en) in REPRESENTATIVES {
            representatives.push(self.organisation(kind, Localized::new(kk, ru, en), None)?);
        }
        let mut assessors = Vec::new();
        for (kk, ru, en) in ASSESSORS {
            let id = self.organisation(AssessmentOrganisation, Localized::new(kk, ru, en), None)?;
            assessors.push((id, ru.to_owned()));
        }
        let mut insurers = Vec::new();
        for (index, (kk, ru, en)) in INSURERS.into_iter().enumerate() {
            let kind = if index == 0 { StateFund } else { LifeInsurer };
            insurers.push(self.organisation(kind, Localized::new(kk, ru, en), None)?);
        }
        let mut cast = Cast { employer, representatives, assessors, insurers, persons: Vec::new() };
        let inspectorate = self.inspectorates()?;
        let centre = self.state_bodies()?;
        self.persons(&mut cast, inspectorate, centre);
        Ok(cast)
    }

    /// One inspectorate a region; gives the demo inspector's.
    fn inspectorates(&mut self) -> anyhow::Result<Uuid> {
        let mut inspected = Uuid::nil();
        for region in &self.words.regions {
            let names = Localized::new(
                format!("Еңбек инспекциясы: {}", region.names.kk),
                format!("Инспекция труда: {}", region.names.ru),
                format!("Labour Inspectorate: {}", region.names.en),
            );
            let id = self.organisation(OrganisationKind::LabourInspectorate, names, Some(region.kato.clone()))?;
            if region.kato == INSPECTED {
                inspected = id;
            }
        }
        Ok(inspected)
    }

    /// Ministry and situation centre, and the institute; gives the first two.
    fn state_bodies(&mut self) -> anyhow::Result<(Uuid, Uuid)> {
        use OrganisationKind::{Ministry, ResearchInstitute, SituationCentre};
        let ministry = Localized::new("Еңбек министрлігі", "Министерство труда", "Ministry of Labour");
        let centre = Localized::new(
            "Ситуациялық-талдау орталығы",
            "Ситуационный аналитический центр",
            "Situation and Analysis Centre",
        );
        let institute = Localized::new(
            "Еңбекті қорғау ғылыми-зерттеу институты",
            "Научно-исследовательский институт охраны труда",
            "Research Institute for Labour Protection",
        );
        let ministry = self.organisation(Ministry, ministry, None)?;
        let centre = self.organisation(SituationCentre, centre, None)?;
        self.organisation(ResearchInstitute, institute, None)?;
        Ok((ministry, centre))
    }

    fn organisation(
        &mut self,
        kind: OrganisationKind,
        names: Localized,
        jurisdiction_kato: Option<String>,
    ) -> anyhow::Result<Uuid> {
        let id = self.ids.fresh();
        let valid_from = before(registry_day(self.today), 2_000);
        self.rows.organisations.push(organisation::Model {
            id,
            kind: kind.to_string(),
            name_kk: format!("{} (демо)", names.kk),
            name_ru: format!("{} (демо)", names.ru),
            name_en: format!("{} (demo)", names.en),
            bin: Some(self.bins.fresh(valid_from)?.to_string()),
            jurisdiction_kato,
            demo: true,
            valid_from,
            valid_to: None,
            created_at: moment(self.today),
        });
        Ok(id)
    }

    fn persons(&mut self, cast: &mut Cast, inspectorate: Uuid, (ministry, centre): (Uuid, Uuid)) {
        let first = |list: &[Uuid], index: usize| list.get(index).copied().unwrap_or_default();
        let assessor = |index: usize| cast.assessors.get(index).map(|(id, _)| *id).unwrap_or_default();
        let places = [
            cast.employer,
            cast.employer,
            cast.employer,
            first(&cast.representatives, 0),
            assessor(0),
            first(&cast.insurers, 1),
            first(&cast.insurers, 0),
            inspectorate,
            ministry,
            centre,
        ];
        let second_hat = assessor(1);
        let open = (before(self.today, 400), None);
        for ((subject, role), organisation) in SUBJECTS.iter().zip(places) {
            let person = self.person(cast, subject);
            if *role != Role::Worker {
                self.membership(person, organisation, *role, open);
            }
        }
        let two_hats = self.person(cast, TWO_HATS);
        self.membership(two_hats, cast.employer, Role::SafetyEngineer, open);
        self.membership(two_hats, second_hat, Role::Assessor, open);
        let former = self.person(cast, FORMER);
        let ended = (before(self.today, 400), Some(before(self.today, 30)));
        self.membership(former, cast.employer, Role::EmployerAdmin, ended);
    }

    fn person(&mut self, cast: &mut Cast, subject: &'static str) -> Uuid {
        let id = self.ids.fresh();
        self.rows.persons.push(person::Model {
            id,
            subject: subject.to_owned(),
            display_name: subject.replace(['-', '_'], " "),
            locale: "ru".to_owned(),
            demo: true,
            created_at: moment(self.today),
        });
        cast.persons.push((subject, id));
        id
    }

    fn membership(&mut self, person: Uuid, organisation: Uuid, role: Role, valid: (NaiveDate, Option<NaiveDate>)) {
        self.rows.memberships.push(membership::Model {
            id: self.ids.fresh(),
            person_id: person,
            organisation_id: organisation,
            role: role.to_string(),
            workplace_id: None,
            valid_from: valid.0,
            valid_to: valid.1,
            created_at: moment(self.today),
        });
    }
}

impl Cast {
    /// The person of a subject.
    pub fn person(&self, subject: &str) -> Option<Uuid> {
        self.persons.iter().find(|(known, _)| *known == subject).map(|(_, id)| *id)
    }

    /// Who works at the first workplace of the demo employer.
    pub fn worker(&self, id: Uuid, workplace: Uuid, today: NaiveDate) -> Option<membership::Model> {
        Some(membership::Model {
            id,
            person_id: self.person("demo-worker")?,
            organisation_id: self.employer,
            role: Role::Worker.to_string(),
            workplace_id: Some(workplace),
            valid_from: before(today, 400),
            valid_to: None,
            created_at: moment(today),
        })
    }
}
