//! What the filled database holds.

use api::areas::enterprises::{EnterpriseDraft, check_draft};
use api::areas::reference::{Book, load_embedded_demo};
use api::clock::{Clock, new_id};
use api::db::Db;
use chrono::NaiveDate;
use domain::ids::Bin;
use domain::roles::{MandateKind, OrganisationKind, Role};
use entity::{enterprise, mandate, membership, organisation, person, unit, workplace};
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::app::moment;

const ENTERPRISES: usize = 60;
const REGIONS: [&str; 3] = ["350000000", "750000000", "100000000"];
const OKEDS: [&str; 4] = ["412", "07", "10", "86"];
const NAMES: [(&str, &str, &str); 4] = [
    ("Қарағанды кеніші", "Карагандинский рудник", "Karagandy Mine"),
    ("Ёлка дүкені", "ЁЛКА", "Yolka Shop"),
    ("Өскемен құрылысы", "Усть-Каменогорская стройка", "Oskemen Construction"),
    ("Шипажай", "Санаторий «Ақ Бұлақ»", "Aq Bulaq Sanatorium"),
];

/// The person of the sandbox who acts in a role.
pub fn subject(role: Role) -> String {
    format!("demo-{role}")
}

pub(crate) async fn fill(db: &Db) {
    let tx = db.begin().await.expect("begun");
    load_embedded_demo(&tx, moment()).await.expect("demo reference data");
    tx.commit().await.expect("committed");
    let book = Book::read(db, Clock::fixed(moment()).today()).await.expect("a book");
    let tx = db.begin().await.expect("begun");
    Sandbox { tx: &tx, book: &book }.fill().await;
    tx.commit().await.expect("committed");
}

struct Sandbox<'a> {
    tx: &'a DatabaseTransaction,
    book: &'a Book,
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

macro_rules! insert {
    ($self:ident, $entity:ident, $row:expr) => {{
        let row = $row;
        let id = row.id;
        $entity::Entity::insert(row.into_active_model()).exec_without_returning($self.tx).await.expect("inserted");
        id
    }};
}

impl Sandbox<'_> {
    async fn fill(&self) {
        use OrganisationKind as Kind;
        let ministry = self.organisation(Kind::Ministry, "Министерство", None).await;
        let centre = self.organisation(Kind::SituationCentre, "Ситуационный центр", None).await;
        let inspectorate = self.organisation(Kind::LabourInspectorate, "Инспекция", Some(REGIONS[0])).await;
        let mut holders = Vec::new();
        for (kind, mandate) in [
            (Kind::TradeUnion, MandateKind::Represents),
            (Kind::AssessmentOrganisation, MandateKind::EngagedBy),
            (Kind::LifeInsurer, MandateKind::Insures),
        ] {
            holders.push((self.organisation(kind, "Первая", None).await, mandate));
            holders.push((self.organisation(kind, "Вторая", None).await, mandate));
        }
        let mut first = None;
        for number in 0..ENTERPRISES {
            let (organisation, enterprise, workplace) = self.enterprise(number).await;
            first.get_or_insert((organisation, workplace));
            let (holder, kind) = holders[number % holders.len()];
            self.mandate(holder, enterprise, kind).await;
        }
        let (employer, workplace) = first.expect("an enterprise");
        for (role, organisation) in [
            (Role::EmployerAdmin, employer),
            (Role::SafetyEngineer, employer),
            (Role::Worker, employer),
            (Role::EmployeeRepresentative, holders[0].0),
            (Role::Assessor, holders[2].0),
            (Role::Insurer, holders[4].0),
            (Role::Inspector, inspectorate),
            (Role::Ministry, ministry),
            (Role::Analyst, centre),
        ] {
            self.person(role, organisation, (role == Role::Worker).then_some(workplace)).await;
        }
    }

    async fn organisation(&self, kind: OrganisationKind, name: &str, region: Option<&str>) -> Uuid {
        insert!(
            self,
            organisation,
            organisation::Model {
                id: new_id(),
                kind: kind.to_string(),
                name_kk: String::new(),
                name_ru: name.to_owned(),
                name_en: String::new(),
                bin: None,
                jurisdiction_kato: region.map(str::to_owned),
                demo: true,
                valid_from: day("2020-01-01"),
                valid_to: None,
                created_at: moment(),
            }
        )
    }

    async fn person(&self, role: Role, organisation_id: Uuid, workplace_id: Option<Uuid>) {
        let person_id = insert!(
            self,
            person,
            person::Model {
                id: new_id(),
                subject: subject(role),
                display_name: role.to_string(),
                locale: "ru".to_owned(),
                demo: true,
                created_at: moment(),
            }
        );
        insert!(
            self,
            membership,
            membership::Model {
                id: new_id(),
                person_id,
                organisation_id,
                role: role.to_string(),
                workplace_id,
                valid_from: day("2020-01-01"),
                valid_to: None,
                created_at: moment(),
            }
        );
    }

    async fn mandate(&self, organisation_id: Uuid, enterprise_id: Uuid, kind: MandateKind) {
        insert!(
            self,
            mandate,
            mandate::Model {
                id: new_id(),
                organisation_id,
                enterprise_id,
                kind: kind.to_string(),
                reason: "договор".to_owned(),
                valid_from: day("2025-01-01"),
                valid_to: None,
                revoked_at: None,
                created_at: moment(),
            }
        );
    }

    async fn enterprise(&self, number: usize) -> (Uuid, Uuid, Uuid) {
        let (kk, ru, en) = NAMES[number % NAMES.len()];
        let organisation = self.organisation(OrganisationKind::Employer, ru, None).await;
        let bin = (number * 10..).find_map(|tail| Bin::with_checksum(&format!("2001400{tail:04}"))).expect("a BIN");
        let draft = EnterpriseDraft {
            bin: bin.to_string(),
            name_kk: Some(format!("{kk} {number}")),
            name_ru: format!("{ru} {number}"),
            name_en: Some(format!("{en} {number}")),
            kato: REGIONS[number % REGIONS.len()].to_owned(),
            oked: OKEDS[number % OKEDS.len()].to_owned(),
            headcount: 100,
            ..EnterpriseDraft::default()
        };
        let checked = check_draft(&draft, self.book, day("2026-01-01")).expect("a good draft");
        let id = insert!(self, enterprise, checked.into_row(organisation, true, moment()));
        let unit_id = insert!(
            self,
            unit,
            unit::Model {
                id: new_id(),
                enterprise_id: id,
                parent_id: None,
                code: "U1".to_owned(),
                name_kk: String::new(),
                name_ru: "Цех".to_owned(),
                name_en: String::new(),
                created_at: moment(),
            }
        );
        let mut last = None;
        for place in 0..7 {
            last = Some(self.workplace(id, unit_id, place).await);
        }
        (organisation, id, last.expect("seven"))
    }

    async fn workplace(&self, enterprise_id: Uuid, unit_id: Uuid, place: usize) -> Uuid {
        insert!(
            self,
            workplace,
            workplace::Model {
                id: new_id(),
                enterprise_id,
                unit_id: Some(unit_id),
                code: format!("W{place}"),
                name_kk: String::new(),
                name_ru: "Место".to_owned(),
                name_en: String::new(),
                profession_code: "FITTER".to_owned(),
                workers: 3,
                shifts: 1,
                current_assessment_id: None,
                degree: 0,
                pr_micro: 0,
                version: 1,
                created_at: moment(),
                updated_at: moment(),
            }
        )
    }
}
