use domain::grade::ConditionClass;
use domain::risk::{
    AssessmentInputs, Finding, FindingOutcome, InputFault, MorbidityInput, Score, assess, combined_class,
};
use domain::rule_set::Indicator;

use crate::support::{class, classes, code, dec, equipment, good, harmful, mechanical, morbidity, ppe, rules};

fn score(inputs: &AssessmentInputs) -> Score {
    assess(rules(), inputs).unwrap()
}

/// DECK: PR = 0.7*(V+T)/2 + 0.2*(Ob+SIZ)/2 + 0.1*Z, here with V=4, T=3, Ob=2, SIZ=3, Z=1.
#[test]
fn golden_formula() {
    let inputs = AssessmentInputs {
        harmful: harmful(&[ConditionClass::C33]),
        mechanical: mechanical(3),
        equipment: equipment(1, 0),
        ppe: ppe(1),
        morbidity: morbidity(["0", "0", "0"]),
    };
    let score = score(&inputs);
    let grades = [score.v, score.t, score.ob, score.siz, score.z].map(|grade| grade.get());
    assert_eq!((grades, score.pr, score.degree.get()), ([4, 3, 2, 3, 1], dec("3.05"), 3));
    let step = score.trace.steps.iter().find(|step| step.code == "PR").unwrap();
    assert_eq!(step.expression, "0.7*(4+3)/2 + 0.2*(2+3)/2 + 0.1*1");
    assert_eq!(score.trace.steps.last().unwrap().expression, "2.5 <= 3.05 < 3.5");
}

#[test]
fn the_ends_of_the_scale() {
    let best = score(&good());
    assert_eq!((best.pr.to_string().as_str(), best.degree.get()), ("1", 1));
    let worst = AssessmentInputs {
        harmful: harmful(&[ConditionClass::C4]),
        mechanical: mechanical(5),
        equipment: equipment(10, 0),
        ppe: ppe(3),
        morbidity: morbidity(["36600", "1000", "100"]),
    };
    let worst = score(&worst);
    assert_eq!((worst.pr.to_string().as_str(), worst.degree.get()), ("5", 5));
}

#[test]
fn several_harmful_factors_add_up() {
    let cases = [
        ("2", "2"),
        ("1 2", "2"),
        ("3.1", "3.1"),
        ("3.1 3.1", "3.1"),
        ("3.1 3.1 2", "3.1"),
        ("3.1 3.1 3.1", "3.2"),
        ("3.1 3.1 3.1 3.1 3.1 3.1", "3.2"),
        ("3.2", "3.2"),
        ("3.2 3.1 3.1", "3.2"),
        ("3.2 3.2", "3.3"),
        ("3.2 3.2 3.2", "3.3"),
        ("3.3", "3.3"),
        ("3.3 3.3", "3.4"),
        ("3.3 3.2", "3.4"),
        ("3.4", "3.4"),
        ("3.4 3.4", "4"),
        ("3.4 3.2", "4"),
        ("4", "4"),
        ("4 4", "4"),
        ("4 3.1 3.1 3.1", "4"),
        // Three of 3.1 count as one 3.2, so with a real 3.2 there are two.
        ("3.1 3.1 3.1 3.2", "3.3"),
        ("3.1 3.1 3.1 3.3", "3.4"),
        ("3.1 3.1 3.1 3.4", "4"),
    ];
    for (list, expected) in cases {
        assert_eq!(combined_class(&rules().combination, &classes(list)), Some(class(expected)), "{list}");
    }
    assert_eq!(combined_class(&rules().combination, &[]), None);
}

#[test]
fn steps_of_the_combination_are_told() {
    let inputs = AssessmentInputs { harmful: harmful(&classes("3.1 3.1 3.1 3.2")), ..good() };
    let score = score(&inputs);
    let values: Vec<_> = score.trace.steps.iter().take(4).map(|s| (s.code.as_str(), s.value.as_str())).collect();
    assert_eq!(values, [("V_WORST", "3.2"), ("V_FOLD", "3.2"), ("V_RAISE", "3.3"), ("V", "4")]);
    assert_eq!((score.class, score.v.get()), (class("3.3"), 4));
}

#[test]
fn equipment_is_graded_by_the_share_not_met() {
    // not met, not applicable, grade
    let cases = [
        (0, 0, 1),
        (1, 0, 2),
        (2, 0, 3),
        (3, 0, 4),
        (5, 0, 4),
        (6, 0, 5),
        (10, 0, 5),
        (0, 10, 1),
        (1, 1, 3),
        (2, 2, 3),
        (3, 1, 4),
        (1, 6, 3),
        (1, 7, 4),
        (1, 8, 4),
        (1, 9, 5),
        (4, 2, 4),
        (5, 1, 5),
    ];
    for (not_met, skipped, grade) in cases {
        let inputs = AssessmentInputs { equipment: equipment(not_met, skipped), ..good() };
        assert_eq!(score(&inputs).ob.get(), grade, "{not_met} of {}", 10 - skipped);
    }
}

#[test]
fn ppe_is_graded_by_the_number_not_met() {
    for (not_met, grade) in [(0, 1), (1, 3), (2, 4), (3, 5)] {
        assert_eq!(score(&AssessmentInputs { ppe: ppe(not_met), ..good() }).siz.get(), grade);
    }
}

#[test]
fn morbidity_is_the_worst_of_its_inputs_on_both_sides_of_each_border() {
    let columns = [["300", "600", "900", "1200"], ["20", "40", "60", "80"], ["5", "10", "20", "35"]];
    for (column, borders) in columns.iter().enumerate() {
        for (grade, border) in (1..).zip(borders) {
            let at = |value: &str| {
                let mut values = ["0"; 3];
                values[column] = value;
                score(&AssessmentInputs { morbidity: morbidity(values), ..good() }).z.get()
            };
            assert_eq!((at(border), at(&format!("{border}.01"))), (grade, grade + 1), "{column} {border}");
        }
    }
}

#[test]
fn the_worst_mechanical_factor_counts() {
    for grade in 1..=5 {
        assert_eq!(score(&AssessmentInputs { mechanical: mechanical(grade), ..good() }).t.get(), grade);
    }
}

#[test]
fn an_empty_assessment_names_everything_that_is_missing() {
    let faults = assess(rules(), &AssessmentInputs::default()).unwrap_err();
    let missing = |indicator: Indicator| {
        faults
            .iter()
            .filter(|fault| matches!(fault, InputFault::Missing { indicator: of, .. } if *of == indicator))
            .count()
    };
    let counts = [Indicator::V, Indicator::T, Indicator::Ob, Indicator::Siz, Indicator::Z].map(missing);
    assert_eq!((counts, faults.len()), ([1, 10, 10, 3, 3], 27));
    assert_eq!(faults[0], InputFault::Missing { indicator: Indicator::V, code: None });
    let first = InputFault::Missing { indicator: Indicator::T, code: Some(rules().mechanical[0].code.clone()) };
    assert_eq!(faults[1], first);
}

#[test]
fn wrong_inputs_are_told_all_at_once() {
    let mut inputs = good();
    inputs.harmful.push(inputs.harmful[0].clone());
    inputs.mechanical[0].code = code("MECH_GHOST");
    inputs.ppe[0].finding = FindingOutcome::NotApplicable;
    inputs.morbidity[2].value = dec("100.1");
    let faults = assess(rules(), &inputs).unwrap_err();
    let expected = [
        InputFault::Duplicate { indicator: Indicator::V, code: code("NOISE_CONSTANT") },
        InputFault::Unknown { indicator: Indicator::T, code: code("MECH_GHOST") },
        InputFault::Missing { indicator: Indicator::T, code: Some(code("MECH_MOVING_PARTS")) },
        InputFault::AlwaysApplies { indicator: Indicator::Siz, code: code("PPE_QUALITY_CERTIFICATE") },
        InputFault::OutOfRange {
            indicator: Indicator::Z,
            code: code("CHRONIC_DISEASE_SHARE"),
            value: dec("100.1"),
            lowest: dec("0"),
            highest: Some(dec("100")),
        },
    ];
    assert_eq!(faults, expected);
}

#[test]
fn the_order_of_inputs_does_not_change_the_trace() {
    let mut inputs = AssessmentInputs { harmful: harmful(&classes("3.1 3.2 2 3.1")), ..good() };
    let before = score(&inputs).trace.to_json().unwrap();
    inputs.harmful.reverse();
    inputs.mechanical.reverse();
    inputs.equipment.reverse();
    inputs.ppe.reverse();
    inputs.morbidity.reverse();
    assert_eq!(score(&inputs).trace.to_json().unwrap(), before);
}

#[test]
fn inputs_are_stored_as_json() {
    let finding = Finding { code: code("EQ_GUARDS"), finding: FindingOutcome::NotMet };
    assert_eq!(serde_json::to_string(&finding).unwrap(), r#"{"code":"EQ_GUARDS","finding":"NOT_MET"}"#);
    let value = MorbidityInput { code: code("CHRONIC_DISEASE_SHARE"), value: dec("7.5") };
    assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"code":"CHRONIC_DISEASE_SHARE","value":"7.5"}"#);
    let inputs = good();
    let json = serde_json::to_string(&inputs).unwrap();
    assert_eq!(serde_json::from_str::<AssessmentInputs>(&json).unwrap(), inputs);
}
