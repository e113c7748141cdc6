use domain::factors::{FactorFault, FactorResult, Observation, evaluate};
use domain::provenance::Provenance;

use crate::support::{class, code, dec, rules};

fn value(factor: &str, value: &str, unit: &str) -> Result<FactorResult, FactorFault> {
    evaluate(rules(), &code(factor), &Observation::Value { value: dec(value), unit: unit.to_owned() })
}

/// Factor, unit, and values with their classes.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[test]
fn every_band_of_every_limit_on_both_sides() {
    // factor, unit, then value and class: at the edge of the band and just beyond it.
    let cases: &[Case] = &[
        (
            "NOISE_CONSTANT",
            "dBA",
            &[
                ("0", "2"),
                ("80", "2"),
                ("80.1", "3.1"),
                ("85", "3.1"),
                ("85.1", "3.2"),
                ("95", "3.2"),
                ("95.1", "3.3"),
                ("105", "3.3"),
                ("105.1", "3.4"),
                ("115", "3.4"),
                ("115.1", "4"),
                ("200", "4"),
            ],
        ),
        (
            "VIBRATION_WHOLE_BODY",
            "dB",
            &[
                ("115", "2"),
                ("115.1", "3.1"),
                ("121", "3.1"),
                ("121.1", "3.2"),
                ("127", "3.2"),
                ("127.1", "3.3"),
                ("133", "3.3"),
                ("133.1", "3.4"),
                ("139", "3.4"),
                ("139.1", "4"),
            ],
        ),
        (
            "VIBRATION_LOCAL",
            "dB",
            &[("126", "2"), ("129", "3.1"), ("132", "3.2"), ("135", "3.3"), ("138", "3.4"), ("138.01", "4")],
        ),
        (
            "AIR_TEMPERATURE",
            "°C",
            &[
                ("16", "2"),
                ("27", "2"),
                ("15.9", "3.1"),
                ("14", "3.1"),
                ("13.9", "3.2"),
                ("12", "3.2"),
                ("10", "3.3"),
                ("8", "3.4"),
                ("7.9", "4"),
                ("-40", "4"),
                ("27.1", "3.1"),
                ("29", "3.1"),
                ("29.1", "3.2"),
                ("31", "3.2"),
                ("33", "3.3"),
                ("35", "3.4"),
                ("35.1", "4"),
            ],
        ),
        (
            "THERMAL_RADIATION",
            "W/m2",
            &[
                ("140", "2"),
                ("141", "3.1"),
                ("1500", "3.1"),
                ("2000", "3.2"),
                ("2500", "3.3"),
                ("2800", "3.4"),
                ("2801", "4"),
            ],
        ),
        (
            "LIGHTING",
            "lx",
            &[("300", "2"), ("5000", "2"), ("299", "3.1"), ("150", "3.1"), ("149.9", "3.2"), ("0", "3.2")],
        ),
        (
            "EMF_POWER_FREQUENCY",
            "kV/m",
            &[("5", "2"), ("5.01", "3.1"), ("15", "3.1"), ("25", "3.2"), ("50", "3.3"), ("200", "3.4"), ("200.1", "4")],
        ),
        (
            "DUST_FIBROGENIC",
            "mg/m3",
            &[
                ("6", "2"),
                ("6.01", "3.1"),
                ("12", "3.1"),
                ("12.01", "3.2"),
                ("24", "3.2"),
                ("60", "3.3"),
                ("60.01", "3.4"),
            ],
        ),
        ("DUST_SILICA", "mg/m3", &[("1", "2"), ("2", "3.1"), ("4", "3.2"), ("10", "3.3"), ("10.1", "3.4")]),
        (
            "CARBON_MONOXIDE",
            "mg/m3",
            &[("20", "2"), ("40", "3.1"), ("80", "3.2"), ("120", "3.3"), ("200", "3.4"), ("200.1", "4")],
        ),
        ("LABOUR_HEAVINESS", "kg", &[("7000", "2"), ("10500", "3.1"), ("14000", "3.2"), ("14001", "3.3")]),
    ];
    for (factor, unit, rows) in cases {
        for (number, expected) in *rows {
            assert_eq!(value(factor, number, unit).unwrap().class, class(expected), "{factor} {number}");
        }
    }
    let with_limit = rules().harmful.iter().filter(|factor| factor.limit.is_some()).count();
    assert_eq!(cases.len(), with_limit, "a limit of the rule set is not tested");
}

#[test]
fn a_class_becomes_a_grade() {
    for (text, grade) in [("1", 1), ("2", 1), ("3.1", 2), ("3.2", 3), ("3.3", 4), ("3.4", 5), ("4", 5)] {
        let result = evaluate(rules(), &code("LASER_RADIATION"), &Observation::Class(class(text))).unwrap();
        assert_eq!((result.class.as_str(), result.grade.get(), result.value), (text, grade, None));
    }
}

#[test]
fn the_trace_shows_the_comparison_and_its_source() {
    let result = value("NOISE_CONSTANT", "92.50", "dBA").unwrap();
    let class_step = &result.trace[0];
    assert_eq!(class_step.expression, "92.5 - 80 <= 15");
    assert_eq!((class_step.value.as_str(), class_step.provenance), ("3.2", Provenance::Practice));
    assert_eq!(result.trace[1].expression, "class 3.2");
    assert_eq!(value("LIGHTING", "149", "lx").unwrap().trace[0].expression, "300 > 149*2");
    assert_eq!(value("AIR_TEMPERATURE", "20", "°C").unwrap().trace[0].expression, "16 <= 20 <= 27");
    assert_eq!(value("NOISE_CONSTANT", "80", "dBA").unwrap().trace[0].expression, "80 <= 80");
}

#[test]
fn what_cannot_be_evaluated_says_why() {
    let unknown = FactorFault::UnknownFactor { factor: code("PHLOGISTON") };
    assert_eq!(value("PHLOGISTON", "1", "mg/m3"), Err(unknown));
    let unit = FactorFault::UnitMismatch { expected: "dBA".to_owned(), found: "dB".to_owned() };
    assert_eq!(value("NOISE_CONSTANT", "85", "dB"), Err(unit));
    assert_eq!(value("LEAD", "0.1", "mg/m3"), Err(FactorFault::LimitNotLoaded { factor: code("LEAD") }));
    assert_eq!(
        value("LASER_RADIATION", "1", "W"),
        Err(FactorFault::LimitNotLoaded { factor: code("LASER_RADIATION") })
    );
    for impossible in ["-0.1", "200.1"] {
        assert!(matches!(value("NOISE_CONSTANT", impossible, "dBA"), Err(FactorFault::ValueOutOfRange { .. })));
    }
}

#[test]
fn a_factor_without_a_limit_takes_only_a_class() {
    for factor in rules().harmful.iter().filter(|factor| factor.limit.is_none()) {
        let unit = factor.unit.clone().unwrap_or_default();
        let measured = evaluate(rules(), &factor.code, &Observation::Value { value: dec("1"), unit });
        assert_eq!(measured, Err(FactorFault::LimitNotLoaded { factor: factor.code.clone() }));
        assert!(evaluate(rules(), &factor.code, &Observation::Class(class("3.2"))).is_ok());
    }
}

#[test]
fn an_observation_is_stored_as_json() {
    let value = Observation::Value { value: dec("85.5"), unit: "dBA".to_owned() };
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(json, r#"{"VALUE":{"value":"85.5","unit":"dBA"}}"#);
    assert_eq!(serde_json::from_str::<Observation>(&json).unwrap(), value);
    assert_eq!(serde_json::to_string(&Observation::Class(class("3.1"))).unwrap(), r#"{"CLASS":"3.1"}"#);
}
