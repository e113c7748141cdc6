//! The files of `examples/`: all good ones are taken, every bad one is refused for its one mistake.

use super::*;

const GOOD: [(ImportKind, &str, u64); 5] = [
    (ImportKind::ActivityClasses, "activity_classes.csv", 11),
    (ImportKind::TariffRates, "tariff_rates.csv", 10),
    (ImportKind::Enterprises, "enterprises.csv", 12),
    (ImportKind::Workplaces, "workplaces.csv", 32),
    (ImportKind::Measurements, "measurements.csv", 47),
];

async fn with_examples() -> Place {
    let place = Place::new().await;
    for (kind, name, rows) in GOOD {
        let report = place.import(kind, &example(name)).await;
        assert_eq!(report.errors, [], "{name}");
        assert_eq!((report.rows, report.inserted + report.updated, report.written), (rows, rows, true), "{name}");
        assert_eq!(report.notes, [] as [&str; 0], "{name}");
    }
    place
}

#[tokio::test]
async fn every_example_is_taken_and_taken_again_changes_nothing() {
    let place = with_examples().await;
    let before = place.content().await;
    for (kind, name, rows) in GOOD {
        let report = place.import(kind, &example(name)).await;
        assert_eq!((report.errors.len(), counts(&report)), (0, (0, 0, rows)), "{name}");
    }
    assert_eq!(place.content().await, before);
}

#[tokio::test]
async fn a_measurement_is_evaluated_by_the_rules() {
    let place = with_examples().await;
    let rows = entity::measurement::Entity::find().all(place.db.read()).await.unwrap();
    let of = |factor: &str, observed: &str| {
        let row = rows.iter().find(|row| row.factor_code == factor && row.observation.contains(observed));
        row.map(|row| row.condition_class.clone())
    };
    assert_eq!(of("NOISE_CONSTANT", "78.5").as_deref(), Some("2"));
    assert_eq!(of("LABOUR_HEAVINESS", "9800").as_deref(), Some("3.1"));
    assert!(rows.iter().all(|row| row.rule_set_code == "KZ-2023-PROVISIONAL" && row.trace.contains("GRADE:")));
}

/// File, kind, line, column, code: the table of `examples/README.md` with the code of each mistake.
const BAD: [(&str, ImportKind, u64, &str, &str); 28] = {
    use ImportKind::{ActivityClasses, Enterprises, Measurements, TariffRates, Workplaces};
    [
        ("enterprises_wrong_checksum", Enterprises, 3, "bin", "INVALID_CHECKSUM"),
        ("enterprises_short_bin", Enterprises, 3, "bin", "INVALID_LENGTH"),
        ("enterprises_unknown_kato", Enterprises, 3, "kato", "UNKNOWN_TERRITORY"),
        ("enterprises_unknown_oked", Enterprises, 3, "oked", "UNKNOWN_ACTIVITY"),
        ("enterprises_negative_headcount", Enterprises, 3, "headcount", "NEGATIVE"),
        ("enterprises_empty_name", Enterprises, 3, "name_ru", "REQUIRED"),
        ("enterprises_duplicate_row", Enterprises, 3, "bin", "DUPLICATE"),
        ("enterprises_missing_column", Enterprises, 1, "kato", "MISSING_COLUMN"),
        ("workplaces_negative_workers", Workplaces, 3, "workers", "NEGATIVE"),
        ("workplaces_unknown_profession", Workplaces, 3, "profession", "UNKNOWN_PROFESSION"),
        ("workplaces_unknown_enterprise", Workplaces, 3, "bin", "UNKNOWN_REFERENCE"),
        ("workplaces_duplicate_row", Workplaces, 3, "code", "DUPLICATE"),
        ("measurements_future_date", Measurements, 3, "measured_on", "IN_FUTURE"),
        ("measurements_not_a_date", Measurements, 3, "measured_on", "INVALID_FORMAT"),
        ("measurements_unit_mismatch", Measurements, 3, "unit", "UNIT_MISMATCH"),
        ("measurements_unknown_factor", Measurements, 3, "factor", "UNKNOWN_FACTOR"),
        ("measurements_unknown_class", Measurements, 3, "condition_class", "INVALID_FORMAT"),
        ("measurements_value_and_class", Measurements, 3, "condition_class", "OBSERVATION_NOT_ACCEPTED"),
        ("measurements_neither_value_nor_class", Measurements, 3, "value", "REQUIRED"),
        ("measurements_not_a_number", Measurements, 3, "value", "INVALID_FORMAT"),
        ("measurements_unknown_workplace", Measurements, 3, "workplace_code", "UNKNOWN_REFERENCE"),
        ("measurements_duplicate_row", Measurements, 3, "factor", "DUPLICATE"),
        ("activity_classes_unknown_oked", ActivityClasses, 3, "oked_prefix", "UNKNOWN_ACTIVITY"),
        ("activity_classes_reversed_headcount", ActivityClasses, 3, "headcount_max", "OUT_OF_RANGE"),
        ("activity_classes_class_out_of_range", ActivityClasses, 3, "risk_class", "OUT_OF_RANGE"),
        ("tariff_rates_not_a_number", TariffRates, 3, "rate_percent", "INVALID_FORMAT"),
        ("tariff_rates_negative", TariffRates, 3, "rate_percent", "NEGATIVE"),
        ("tariff_rates_unknown_provenance", TariffRates, 3, "provenance", "INVALID_FORMAT"),
    ]
};

#[tokio::test]
async fn every_bad_example_is_refused_for_its_one_mistake_and_changes_nothing() {
    let place = with_examples().await;
    let before = place.content().await;
    for (name, kind, line, column, code) in BAD {
        let report = place.import(kind, &example(&format!("bad/{name}.csv"))).await;
        assert_eq!(errors(&report), [(line, column, code)], "{name}");
        assert_eq!((counts(&report), report.written), ((0, 0, 0), false), "{name}");
        assert!(!report.errors[0].message.contains('{'), "{name}: {}", report.errors[0].message);
    }
    assert_eq!(place.content().await, before);
}

#[test]
fn every_bad_example_is_in_the_table() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/bad");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = names.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let mut known: Vec<&str> = BAD.iter().map(|row| row.0).collect();
    names.sort();
    known.sort_unstable();
    assert_eq!(names, known);
}
