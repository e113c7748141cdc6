//! Small files in the form of the official classifiers, and changes of what is there.

use chrono::NaiveDate;
use entity::{enterprise, enterprise_activity, organisation, reference_row, unit, workplace};
use sea_orm::{ActiveModelTrait, ActiveValue, ColumnTrait, IntoActiveModel, QueryFilter};

use super::*;

const KATO: &str = "\u{feff}kato,parent,level,type_code,name_ru,name_kk\n\
    101010000,101000000,sub_district,1,г.Семей,Семей қ.\n\
    100000000,,oblast,0,область Абай,Абай облысы\n\
    101000000,100000000,district,1,Семей Г.А.,Семей Қ.Ә.\n";

async fn reference(place: &Place, kind: &str, code: &str) -> Vec<reference_row::Model> {
    let rows = reference_row::Entity::find().filter(reference_row::Column::Kind.eq(kind));
    rows.filter(reference_row::Column::Code.eq(code)).all(place.db.read()).await.unwrap()
}

#[tokio::test]
async fn territories_are_taken_with_parents_that_come_later_over_the_shipped_regions() {
    let place = Place::new().await;
    let report = place.import(ImportKind::Territories, KATO).await;
    assert_eq!((errors(&report), counts(&report)), (vec![], (2, 1, 0)));
    let region = reference(&place, "territory", "100000000").await;
    assert_eq!(region.len(), 1, "no second row in force");
    assert_eq!((region[0].name_ru.as_str(), region[0].name_en.as_str()), ("область Абай", "Abai Region"));
    assert!(region[0].attributes.contains("\"lon\"") && region[0].attributes.contains("oblast"));
    let again = place.import(ImportKind::Territories, KATO).await;
    assert_eq!(counts(&again), (0, 0, 3));
    place.clock.set("2026-12-02T08:00:00Z".parse().unwrap());
    let later = place.import(ImportKind::Territories, KATO).await;
    assert_eq!(counts(&later), (0, 0, 3), "another day is no other row");
}

#[tokio::test]
async fn a_parent_that_is_nowhere_is_refused() {
    let place = Place::new().await;
    let text = KATO.replace("101010000,101000000", "101010000,101990000");
    let report = place.import(ImportKind::Territories, &text).await;
    assert_eq!(errors(&report), [(2, "parent", "UNKNOWN_TERRITORY")]);
}

#[tokio::test]
async fn a_revised_activity_ends_the_one_before() {
    let place = Place::new().await;
    let text = "code,level,parent,section,name_ru,name_kk,name_en_nace2,valid_from\n\
        0111,class,011,A,Новое имя,Жаңа атау,,2026-01-01\n\
        01111,subclass,0111,A,Подкласс,Ішкі сынып,,2026-01-01\n";
    let report = place.import(ImportKind::Activities, text).await;
    assert_eq!((errors(&report), counts(&report)), (vec![], (2, 0, 0)));
    let mut rows = reference(&place, "activity", "0111").await;
    rows.sort_by_key(|row| row.valid_from);
    let ends: Vec<Option<NaiveDate>> = rows.iter().map(|row| row.valid_to).collect();
    assert_eq!(ends, [NaiveDate::from_ymd_opt(2025, 12, 31), None]);
}

const HEADER: &str = "bin,name_kk,name_ru,name_en,kato,oked,secondary_okeds,headcount,lon,lat,valid_from\n";
const MYSAL: &str = "010240991019,Мысал,Мысал,Mysal,710000000,41201,4321;4941,184,71.43,51.13,2023-01-09\n";

#[tokio::test]
async fn a_changed_enterprise_is_updated_and_keeps_its_key_and_what_the_file_does_not_say() {
    let place = Place::new().await;
    place.import(ImportKind::Enterprises, &format!("{HEADER}{MYSAL}")).await;
    let before = enterprise::Entity::find().one(place.db.read()).await.unwrap().unwrap();
    let owner = organisation::Entity::find_by_id(before.organisation_id).one(place.db.read()).await.unwrap();
    assert_eq!(owner.unwrap().bin.as_deref(), Some("010240991019"));
    let short = "headcount,extra,bin,name_ru,kato,oked\n200,x,010240991019,Мысал,710000000,41201\n";
    let report = place.import(ImportKind::Enterprises, short).await;
    assert_eq!((counts(&report), report.notes.len()), ((0, 1, 0), 1));
    let after = enterprise::Entity::find().one(place.db.read()).await.unwrap().unwrap();
    let expected = enterprise::Model { headcount: 200, version: 2, ..before };
    assert_eq!(after, enterprise::Model { updated_at: after.updated_at, ..expected });
    assert_eq!(enterprise_activity::Entity::find().all(place.db.read()).await.unwrap().len(), 2);
    let main = short.replace("41201", "4941");
    let report = place.import(ImportKind::Enterprises, &main).await;
    assert_eq!(errors(&report), [(2, "oked", "DUPLICATE")], "it is a secondary activity that the file leaves as it is");
    let cleared = format!("{HEADER}{}", MYSAL.replace("4321;4941", "4321").replace("71.43,51.13", ","));
    assert_eq!(counts(&place.import(ImportKind::Enterprises, &cleared).await), (0, 1, 0));
    let after = enterprise::Entity::find().one(place.db.read()).await.unwrap().unwrap();
    assert_eq!((after.lon_micro, after.version), (None, 3));
    assert_eq!(enterprise_activity::Entity::find().all(place.db.read()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn all_faults_of_a_row_are_told_at_once() {
    let place = Place::new().await;
    let text = format!("{HEADER}1,,,,999000000,04,41201;zz,many,71.43,,2999-01-01\n");
    let report = place.import(ImportKind::Enterprises, &text).await;
    let expected = [
        (2, "headcount", "INVALID_FORMAT"),
        (2, "bin", "INVALID_LENGTH"),
        (2, "name_ru", "REQUIRED"),
        (2, "kato", "UNKNOWN_TERRITORY"),
        (2, "oked", "UNKNOWN_ACTIVITY"),
        (2, "secondary_okeds", "NOT_DIGITS"),
        (2, "lat", "REQUIRED"),
        (2, "valid_from", "IN_FUTURE"),
    ];
    assert_eq!((errors(&report), report.refused), (expected.to_vec(), 1));
    assert_eq!(report.errors[0].value, "many");
}

const PLACES: &str = "bin,code,name_ru,profession,unit_code,workers,shifts\n\
    010240991019,W1,Сварщик,ELECTRIC_GAS_WELDER,S1,10,1\n\
    010240991019,W2,Сварщик,ELECTRIC_GAS_WELDER,S1,30,1\n";

#[tokio::test]
async fn a_unit_is_added_once_and_other_numbers_of_workers_move_the_score() {
    let place = Place::new().await;
    place.import(ImportKind::Enterprises, &format!("{HEADER}{MYSAL}")).await;
    assert_eq!(counts(&place.import(ImportKind::Workplaces, PLACES).await), (2, 0, 0));
    assert_eq!(unit::Entity::find().all(place.db.read()).await.unwrap().len(), 1);
    assess_by_hand(&place).await;
    let more = PLACES.replace(",10,1", ",30,1").replace(",30,1\n010", ",30,2\n010");
    let report = place.import(ImportKind::Workplaces, &more).await;
    assert_eq!((errors(&report), counts(&report)), (vec![], (0, 1, 1)));
    let row = enterprise::Entity::find().one(place.db.read()).await.unwrap().unwrap();
    assert_eq!((row.weighted_pr_micro, row.integral_pr_micro), (180_000_000, 3_000_000));
    assert_eq!((row.workers_d2, row.workers_d4, row.level_rank), (30, 30, 3));
    let kept = workplace::Entity::find().all(place.db.read()).await.unwrap();
    assert!(kept.iter().all(|row| row.degree > 0 && row.unit_id.is_some()));
}

/// W1 at PR 2, W2 at PR 4: the sums of the enterprise as an assessment would have left them.
async fn assess_by_hand(place: &Place) {
    let tx = place.db.begin().await.unwrap();
    for row in workplace::Entity::find().all(&tx).await.unwrap() {
        let degree = if row.code == "W1" { 2 } else { 4 };
        let mut row = row.into_active_model();
        row.degree = ActiveValue::Set(degree);
        row.pr_micro = ActiveValue::Set(i64::from(degree) * 1_000_000);
        row.update(&tx).await.unwrap();
    }
    let row = enterprise::Entity::find().one(&tx).await.unwrap().unwrap();
    let mut row = row.into_active_model();
    row.weighted_pr_micro = ActiveValue::Set(140_000_000);
    row.workers_d2 = ActiveValue::Set(10);
    row.workers_d4 = ActiveValue::Set(30);
    row.workplaces_d2 = ActiveValue::Set(1);
    row.workplaces_d4 = ActiveValue::Set(1);
    row.level_rank = ActiveValue::Set(4);
    row.rule_set_code = ActiveValue::Set(Some("KZ-2023-PROVISIONAL".to_owned()));
    row.assessed_on = ActiveValue::Set(Some("2026-08-01".parse().unwrap()));
    row.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_recorded_protocol_is_not_changed() {
    let place = Place::new().await;
    place.import(ImportKind::Enterprises, &format!("{HEADER}{MYSAL}")).await;
    place.import(ImportKind::Workplaces, PLACES).await;
    let text = "bin,workplace_code,factor,measured_on,value,unit,condition_class,protocol_number,laboratory\n\
        010240991019,W1,NOISE_CONSTANT,2025-03-11,96,dBA,,P-1,Лаборатория\n";
    assert_eq!(counts(&place.import(ImportKind::Measurements, text).await), (1, 0, 0));
    let before = place.content().await;
    let report = place.import(ImportKind::Measurements, &text.replace(",96,", ",81,")).await;
    assert_eq!(errors(&report), [(2, "protocol_number", "DUPLICATE")]);
    assert_eq!(place.content().await, before);
    assert_eq!(counts(&place.import(ImportKind::Measurements, &text.replace("P-1", "P-2")).await), (1, 0, 0));
}

#[tokio::test]
async fn a_day_without_rules_is_refused() {
    let place = Place::new().await;
    place.import(ImportKind::Enterprises, &format!("{HEADER}{MYSAL}")).await;
    place.import(ImportKind::Workplaces, PLACES).await;
    let text = "bin,workplace_code,factor,measured_on,value,unit,protocol_number,laboratory\n\
        010240991019,W1,NOISE_CONSTANT,2019-03-11,96,dBA,P-1,Лаборатория\n";
    let report = place.import(ImportKind::Measurements, text).await;
    assert_eq!(errors(&report), [(2, "measured_on", "UNKNOWN_RULE_SET")]);
}
