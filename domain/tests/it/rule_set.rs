use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::grade::{Degree, Level};
use domain::provenance::Provenance;
use domain::rule_set::{FactorGroup, Indicator, RuleSet, RuleSetError, RuleSetFault, RuleSetStatus};

use crate::support::{RULE_SET_JSON, code, dec, degree, grade, oked, rules};

#[test]
fn the_shipped_rule_set_is_the_first_in_force() {
    let rules = rules();
    assert_eq!((rules.code.as_str(), rules.status), ("KZ-2023-PROVISIONAL", RuleSetStatus::InForce));
    let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
    assert!(rules.in_force_on(day(2023, 6, 19)) && !rules.in_force_on(day(2023, 6, 18)));
    assert_eq!(rules.validate(), Ok(()));
}

#[test]
fn the_catalogues_have_the_numbers_of_the_deck() {
    let rules = rules();
    let sizes = [rules.harmful.len(), rules.mechanical.len(), rules.equipment.len(), rules.ppe_criteria.len()];
    assert_eq!((sizes, rules.morbidity.len()), ([30, 10, 10, 3], 3));
    for group in FactorGroup::ALL {
        assert!(rules.harmful.iter().any(|factor| factor.group == *group), "{group}");
    }
}

#[test]
fn a_rule_set_survives_writing_and_reading() {
    let json = serde_json::to_string(rules()).unwrap();
    assert_eq!(&RuleSet::from_json(&json).unwrap(), rules());
    assert!(matches!(RuleSet::from_json("{}"), Err(RuleSetError::Json(_))));
    let unknown = RULE_SET_JSON.replacen("\"code\"", "\"colour\": 1, \"code\"", 1);
    assert!(matches!(RuleSet::from_json(&unknown), Err(RuleSetError::Json(_))));
}

#[test]
fn bands_give_degrees_on_both_sides_of_each_border() {
    let cases = [
        ("0.999999", None),
        ("1", Some(1)),
        ("1.499999", Some(1)),
        ("1.5", Some(2)),
        ("2.499999", Some(2)),
        ("2.5", Some(3)),
        ("3.499999", Some(3)),
        ("3.5", Some(4)),
        ("4.499999", Some(4)),
        ("4.5", Some(5)),
        ("5", Some(5)),
        ("5.000001", None),
    ];
    for (pr, expected) in cases {
        assert_eq!(rules().degree_of(dec(pr)).map(|row| row.degree.get()), expected, "{pr}");
    }
}

#[test]
fn degrees_have_names_and_letters() {
    let rows = [
        (1, "Допустимый", "Acceptable", Level::E),
        (2, "Низкий", "Low", Level::D),
        (3, "Средний", "Medium", Level::C),
        (4, "Высокий", "High", Level::B),
        (5, "Очень высокий", "Very high", Level::A),
    ];
    for (number, ru, en, letter) in rows {
        let row = rules().degree(degree(number)).unwrap();
        assert_eq!((row.names.ru.as_str(), row.names.en.as_str(), row.level.letter), (ru, en, letter));
        assert_eq!(rules().level_of(degree(number)), Some(letter));
        assert_eq!(rules().degree_of_level(letter), Some(degree(number)));
    }
    assert_eq!(rules().degree(Degree::BEST).unwrap().level.origin.provenance, Provenance::Provisional);
    assert_eq!(rules().degree(Degree::WORST).unwrap().level.origin.provenance, Provenance::Deck);
}

#[test]
fn sectors_are_found_by_the_longest_prefix() {
    let cases = [
        ("41201", Some("CONSTRUCTION")),
        ("07298", Some("METAL_ORES")),
        ("05", Some("COAL")),
        ("0812", Some("MINING")),
        ("85", None),
        ("F", None),
    ];
    for (activity, sector) in cases {
        assert_eq!(rules().sector_for(&oked(activity)).map(|sector| sector.code.as_str()), sector, "{activity}");
    }
}

/// Changes one thing and gives the faults.
fn faults(change: impl FnOnce(&mut RuleSet)) -> Vec<RuleSetFault> {
    let mut broken = rules().clone();
    change(&mut broken);
    broken.validate().unwrap_err()
}

#[test]
fn faults_of_the_method_are_found() {
    assert_eq!(faults(|r| r.weights.terms[0].weight = dec("0.6")), [RuleSetFault::WeightsSum(dec("0.9"))]);
    assert_eq!(
        faults(|r| r.weights.terms[1].indicators = vec![Indicator::Ob]),
        [RuleSetFault::IndicatorTerms(Indicator::Siz)]
    );
    assert_eq!(
        faults(|r| {
            r.degrees[1].band.to = dec("2.4");
        }),
        [RuleSetFault::DegreeBands(degree(3))]
    );
    assert_eq!(
        faults(|r| {
            r.degrees[4].band.closed = false;
        }),
        [RuleSetFault::DegreeBands(degree(5))]
    );
    assert_eq!(
        faults(|r| {
            r.degrees[0].band.from = dec("0");
        }),
        [RuleSetFault::DegreeBands(degree(1))]
    );
    assert_eq!(
        faults(|r| {
            r.degrees.remove(2);
        }),
        [RuleSetFault::DegreeRows(degree(3)), RuleSetFault::DegreeBands(degree(4))]
    );
    assert!(matches!(
        faults(|r| {
            r.class_grades.remove(0);
        })[..],
        [RuleSetFault::ClassGrades(_)]
    ));
    assert!(matches!(faults(|r| r.class_grades[6].grade = grade(1))[..], [RuleSetFault::ClassGrades(_)]));
    assert_eq!(faults(|r| r.combination.raise_count = 1), [RuleSetFault::Parameter("combination")]);
    assert_eq!(faults(|r| r.valid_to = NaiveDate::from_ymd_opt(2020, 1, 1)), [RuleSetFault::Validity]);
}

#[test]
fn faults_of_the_catalogues_are_found() {
    let twice = faults(|r| r.mechanical[1].code = code("NOISE_CONSTANT"));
    assert_eq!(twice, [RuleSetFault::DuplicateCode(code("NOISE_CONSTANT"))]);
    let nameless = faults(|r| r.harmful[3].names.kk = " ".to_owned());
    assert_eq!(nameless, [RuleSetFault::IncompleteName(rules().harmful[3].code.to_string())]);
    assert_eq!(faults(|r| r.equipment.clear()), [RuleSetFault::EmptyCatalogue("equipment")]);
    let limit = |change: fn(&mut domain::rule_set::Limit)| faults(|r| change(r.harmful[0].limit.as_mut().unwrap()));
    let expected = [RuleSetFault::Limit(code("NOISE_CONSTANT"))];
    assert_eq!(limit(|l| l.upper = None), expected);
    assert_eq!(limit(|l| l.bands.swap(0, 1)), expected);
    assert_eq!(limit(|l| l.beyond = domain::grade::ConditionClass::C1), expected);
    assert_eq!(limit(|l| l.bands[0].up_to = dec("0")), expected);
    assert!(matches!(faults(|r| r.morbidity[0].grades.bands.swap(0, 1))[..], [RuleSetFault::GradeBands(_)]));
    assert!(matches!(faults(|r| r.ppe_grades.by_count.reverse())[..], [RuleSetFault::GradeBands(_)]));
}

#[test]
fn faults_of_what_follows_from_a_degree_are_found() {
    let coefficient = faults(|r| r.insurance.coefficients[2].value = dec("1.1"));
    assert_eq!(coefficient, [RuleSetFault::Coefficients(degree(3))]);
    assert!(
        !faults(|r| {
            r.insurance.coefficients.pop();
        })
        .is_empty()
    );
    let hours = faults(|r| r.guarantees[1].degrees[4].min = Some(dec("38")));
    assert_eq!(hours, [RuleSetFault::Guarantees("reduced_working_time", degree(5))]);
    let leave = faults(|r| r.guarantees[2].degrees[3].max = Some(dec("20")));
    assert!(leave.contains(&RuleSetFault::Guarantees("additional_leave", degree(4))));
    assert_eq!(
        faults(|r| {
            r.guarantees.remove(0);
        }),
        [RuleSetFault::Guarantees("pension_contributions", degree(1))]
    );
    assert_eq!(faults(|r| r.ppe.norms[0].factor = code("GHOST")), [RuleSetFault::UnknownFactor(code("GHOST"))]);
    assert_eq!(faults(|r| r.pay_formula.divisor = dec("0")), [RuleSetFault::Parameter("pay_formula")]);
}

#[test]
fn what_is_not_in_a_source_is_marked_provisional() {
    let mut counts: BTreeMap<Provenance, usize> = BTreeMap::new();
    for factor in rules().harmful.iter().filter_map(|factor| factor.limit.as_ref()) {
        *counts.entry(factor.origin.provenance).or_default() += 1;
    }
    assert_eq!(counts.get(&Provenance::Practice), Some(&1), "the noise limit only");
    assert!(!counts.contains_key(&Provenance::Official) && !counts.contains_key(&Provenance::Law));
    assert_eq!(rules().weights.origin.provenance, Provenance::Deck);
    assert_eq!(rules().degrees[0].band.origin.provenance, Provenance::Provisional);
}
