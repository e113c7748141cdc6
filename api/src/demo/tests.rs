use domain::risk::{AssessmentInputs, assess};
use entity::{assessment, assessment_trace, enterprise, measurement, membership, organisation, workplace};
use sea_orm::QueryOrder;
use sha2::{Digest, Sha256};

use super::*;
use crate::clock::Clock;
use crate::config::Config;

const SMALL: DemoSize = DemoSize { enterprises: 120, workplaces: 900 };

fn origin(seed: u64) -> DemoOrigin {
    DemoOrigin { seed, size: SMALL, today: "2026-03-02".parse().unwrap() }
}

async fn made(seed: u64) -> (Db, DemoReport, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let mut config: Config = Config::defaults().extract().unwrap();
    config.database.url = format!("sqlite://{}/demo.sqlite", directory.path().display());
    let now = "2026-03-02T08:00:00Z".parse().unwrap();
    let db = crate::setup::open(&config, &Clock::fixed(now)).await.unwrap();
    let report = create(&db, origin(seed), now, &|_, _| {}).await.unwrap();
    (db, report, directory)
}

macro_rules! digest {
    ($db:expr, $($entity:ident),+) => {{
        let mut hash = Sha256::new();
        $(
            let rows = entity::$entity::Entity::find().order_by_asc(entity::$entity::Column::Id).all($db.read()).await;
            hash.update(format!("{:?}", rows.unwrap()));
        )+
        hex::encode(hash.finalize())
    }};
}

async fn digest(db: &Db) -> String {
    digest!(
        db,
        organisation,
        person,
        membership,
        mandate,
        enterprise,
        enterprise_activity,
        unit,
        workplace,
        factor_assignment,
        measurement,
        assessment
    )
}

#[tokio::test]
async fn the_same_seed_gives_the_same_rows_and_another_one_gives_others() {
    let (one, report, _one) = made(7).await;
    let (two, again, _two) = made(7).await;
    let (other, _, _other) = made(8).await;
    assert_eq!(report, again);
    let same = digest(&one).await;
    assert_eq!(same, digest(&two).await);
    assert_ne!(same, digest(&other).await);
}

#[tokio::test]
async fn sizes_are_kept_and_every_degree_level_and_state_is_there() {
    let (db, report, _directory) = made(1).await;
    assert_eq!((report.enterprises, report.workplaces), (120, 900));
    let workplaces = workplace::Entity::find().all(db.read()).await.unwrap();
    let enterprises = enterprise::Entity::find().all(db.read()).await.unwrap();
    for rank in 0..=5 {
        assert!(workplaces.iter().any(|row| row.degree == rank), "no workplace of degree {rank}");
        assert!(enterprises.iter().any(|row| row.level_rank == rank), "no enterprise of rank {rank}");
    }
    assert!(enterprises.iter().all(|row| row.demo));
    assert!(enterprises.iter().any(|row| row.valid_to.is_some()));
    assert!(enterprises.iter().any(|row| row.headcount == 0 && row.rule_set_code.is_some()));
    assert!(enterprises.iter().any(|row| row.name_ru.chars().count() > 250));
    assert!(enterprises.iter().any(|row| row.oked == "0811"));
    assert!(enterprises.iter().any(|row| row.oked_section == "U"));
    let superseded = assessment::Entity::find().filter(assessment::Column::Current.eq(false));
    assert!(!superseded.all(db.read()).await.unwrap().is_empty());
}

#[tokio::test]
async fn sums_of_an_enterprise_are_those_of_its_workplaces() {
    let (db, _, _directory) = made(2).await;
    let workplaces = workplace::Entity::find().all(db.read()).await.unwrap();
    for row in enterprise::Entity::find().all(db.read()).await.unwrap() {
        let own = workplaces.iter().filter(|workplace| workplace.enterprise_id == row.id && workplace.degree > 0);
        let weighted: i64 = own.clone().map(|workplace| workplace.pr_micro * i64::from(workplace.workers)).sum();
        assert_eq!(row.weighted_pr_micro, weighted, "{}", row.name_ru);
        assert_eq!(row.workplaces_d3, own.filter(|workplace| workplace.degree == 3).count() as i32);
    }
}

#[tokio::test]
async fn a_stored_assessment_recomputes_to_the_same_bytes_and_names_stored_measurements() {
    let (db, _, _directory) = made(3).await;
    let book = Book::read(&db, origin(3).today).await.unwrap();
    let rules = book.rule_set(RULES).unwrap();
    for row in assessment_trace::Entity::find().all(db.read()).await.unwrap().iter().step_by(37) {
        let inputs: AssessmentInputs = serde_json::from_str(&row.inputs).unwrap();
        assert_eq!(assess(&rules, &inputs).unwrap().trace.to_json().unwrap(), row.trace);
        for input in &inputs.harmful {
            let key: uuid::Uuid = input.measurement_id.as_ref().unwrap().parse().unwrap();
            let measured = measurement::Entity::find_by_id(key).one(db.read()).await.unwrap().unwrap();
            assert_eq!((measured.workplace_id, measured.condition_class), (row.workplace_id, input.class.to_string()));
        }
    }
}

#[tokio::test]
async fn the_demo_employer_owns_two_enterprises_and_its_worker_works_there() {
    let (db, _, _directory) = made(4).await;
    let worker = membership::Entity::find().filter(membership::Column::WorkplaceId.is_not_null());
    let worker = worker.one(db.read()).await.unwrap().unwrap();
    let owner = organisation::Entity::find_by_id(worker.organisation_id).one(db.read()).await.unwrap().unwrap();
    let owned = enterprise::Entity::find().filter(enterprise::Column::OrganisationId.eq(owner.id));
    let owned = owned.order_by_asc(enterprise::Column::Id).all(db.read()).await.unwrap();
    assert_eq!(owned.iter().map(|row| row.level_rank).collect::<Vec<_>>(), [4, 3]);
    let place = workplace::Entity::find_by_id(worker.workplace_id.unwrap()).one(db.read()).await.unwrap().unwrap();
    assert_eq!((place.enterprise_id, place.degree > 0), (owned[0].id, true));
}

#[tokio::test]
async fn a_database_with_enterprises_is_left_alone() {
    let (db, _, _directory) = made(5).await;
    let before = digest(&db).await;
    let now = "2026-03-02T08:00:00Z".parse().unwrap();
    assert!(create(&db, origin(6), now, &|_, _| {}).await.is_err());
    assert_eq!(digest(&db).await, before);
}
