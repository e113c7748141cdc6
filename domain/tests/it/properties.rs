//! What must hold for all inputs.

use domain::Decimal;
use domain::factors::{Exposure, Observation, evaluate, noise_over_shift};
use domain::grade::{ConditionClass, Degree, Grade};
use domain::guarantee;
use domain::ids::{Bin, OkedCode};
use domain::localized::Language;
use domain::risk::{
    AssessmentInputs, FindingOutcome, MorbidityInput, RiskTally, Score, WorkplaceWeight, assess, enterprise_score,
};
use domain::rule_set::{Combination, Direction, LimitKind};
use domain::tariff::corrected_rate;
use domain::text::fold;
use domain::trace::Trace;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::support::{equipment, good, harmful, mechanical, rules};

fn any_class() -> impl Strategy<Value = ConditionClass> {
    select(ConditionClass::ALL)
}

fn any_inputs() -> impl Strategy<Value = AssessmentInputs> {
    let findings = |count| vec(select(&[FindingOutcome::Met, FindingOutcome::NotMet][..]), count);
    let values = (0_i64..400_000, 0_i64..20_000, 0_i64..=10_000);
    let parts = (vec(any_class(), 1..=8), vec(1_u8..=5, 10), findings(10), findings(3), values);
    parts.prop_map(|(classes, grades, equipment_findings, ppe_findings, (days, cases, share))| {
        let mut inputs = AssessmentInputs { harmful: harmful(&classes), equipment: equipment(0, 0), ..good() };
        inputs.mechanical = mechanical(1);
        for (graded, value) in inputs.mechanical.iter_mut().zip(grades) {
            graded.grade = Grade::new(value).unwrap();
        }
        let findings = inputs.equipment.iter_mut().chain(&mut inputs.ppe);
        for (finding, outcome) in findings.zip(equipment_findings.into_iter().chain(ppe_findings)) {
            finding.finding = outcome;
        }
        for (input, value) in inputs.morbidity.iter_mut().zip([days, cases, share]) {
            input.value = Decimal::new(value, 2);
        }
        inputs
    })
}

fn score(inputs: &AssessmentInputs) -> Score {
    assess(rules(), inputs).unwrap()
}

/// Makes one input of any kind worse, or leaves it where it is already the worst.
fn worsen(inputs: &mut AssessmentInputs, kind: u8, at: Index) {
    match kind {
        0 => {
            let input = at.get_mut(&mut inputs.harmful);
            input.class = input.class.one_step_worse();
        }
        1 => {
            let graded = at.get_mut(&mut inputs.mechanical);
            graded.grade = Grade::new(graded.grade.get() + 1).unwrap_or(Grade::WORST);
        }
        2 => at.get_mut(&mut inputs.equipment).finding = FindingOutcome::NotMet,
        3 => at.get_mut(&mut inputs.ppe).finding = FindingOutcome::NotMet,
        _ => {
            let last: &mut MorbidityInput = at.get_mut(&mut inputs.morbidity);
            last.value = (last.value * Decimal::TWO).min(Decimal::ONE_HUNDRED.max(last.value));
        }
    }
}

fn indicators(score: &Score) -> [Grade; 5] {
    [score.v, score.t, score.ob, score.siz, score.z]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_worse_input_never_lowers_an_indicator_or_the_degree(inputs in any_inputs(), kind in 0_u8..5, at in any::<Index>()) {
        let before = score(&inputs);
        let mut worse = inputs;
        worsen(&mut worse, kind, at);
        let after = score(&worse);
        prop_assert!(indicators(&after).iter().zip(indicators(&before)).all(|(a, b)| *a >= b));
        prop_assert!(after.class >= before.class && after.pr >= before.pr && after.degree >= before.degree);
    }

    #[test]
    fn one_more_factor_never_lowers_the_degree(inputs in any_inputs(), class in any_class()) {
        let before = score(&inputs);
        let mut classes: Vec<_> = inputs.harmful.iter().map(|input| input.class).collect();
        classes.push(class);
        let more = AssessmentInputs { harmful: harmful(&classes), ..inputs };
        prop_assert!(score(&more).class >= before.class && score(&more).degree >= before.degree);
    }

    #[test]
    fn scores_are_on_their_scale_and_recompute_to_the_same_bytes(inputs in any_inputs()) {
        let first = score(&inputs);
        prop_assert!(first.pr >= Decimal::ONE && first.pr <= Decimal::from(5) && first.pr.scale() <= 6);
        // As after a round trip through storage: inputs and rule set read back from their JSON.
        let stored_inputs = serde_json::to_string(&inputs).unwrap();
        let stored_trace = first.trace.to_json().unwrap();
        let read_rules = serde_json::from_str(&serde_json::to_string(rules()).unwrap()).unwrap();
        let again = assess(&read_rules, &serde_json::from_str(&stored_inputs).unwrap()).unwrap();
        prop_assert_eq!(&again, &first);
        prop_assert_eq!(again.trace.to_json().unwrap(), stored_trace.clone());
        prop_assert_eq!(Trace::from_json(&stored_trace).unwrap().to_json().unwrap(), stored_trace);
    }

    #[test]
    fn a_value_further_from_its_limit_never_has_a_better_class(
        at in any::<Index>(), a in -9_000_i64..30_000_000, b in -9_000_i64..30_000_000,
    ) {
        let limited: Vec<_> = rules().harmful.iter().filter(|factor| factor.limit.is_some()).collect();
        let factor = at.get(&limited);
        let class = |value: i64| {
            let observation = Observation::Value { value: Decimal::new(value, 2), unit: factor.unit.clone().unwrap() };
            evaluate(rules(), &factor.code, &observation).ok().map(|result| result.class)
        };
        let (low, high) = (a.min(b), a.max(b));
        if let (Some(of_low), Some(of_high)) = (class(low), class(high)) {
            match factor.limit_kind {
                LimitKind::Maximum => prop_assert!(of_low <= of_high),
                LimitKind::Minimum => prop_assert!(of_low >= of_high),
                // A value between two others is not worse than the worse of them.
                _ => prop_assert!(class((low + high) / 2).unwrap() <= of_low.max(of_high)),
            }
        }
    }

    #[test]
    fn more_noise_never_lowers_the_daily_level(
        stays in vec((0_i64..1_400, 1_u32..160), 1..8), at in any::<Index>(), louder in 0_i64..200,
    ) {
        let mut exposures: Vec<_> = stays.iter().map(|(level, minutes)| Exposure { level_dba: Decimal::new(*level, 1), minutes: *minutes }).collect();
        let before = noise_over_shift(&rules().shift_noise, &exposures).unwrap();
        at.get_mut(&mut exposures).level_dba += Decimal::new(louder, 1);
        let after = noise_over_shift(&rules().shift_noise, &exposures).unwrap();
        prop_assert!(after >= before && after.scale() <= 1);
    }

    #[test]
    fn a_tally_equals_a_fresh_count_after_any_changes(
        changes in vec((100_i64..=500, 0_u32..1_000, any::<bool>(), any::<Index>()), 1..40),
    ) {
        let mut tally = RiskTally::default();
        let mut present: Vec<WorkplaceWeight> = Vec::new();
        let degree_of = |pr| rules().degree_of(pr).unwrap().degree;
        for (pr, workers, leave, at) in changes {
            if leave && !present.is_empty() {
                let gone = present.swap_remove(at.index(present.len()));
                tally.remove(gone.pr, degree_of(gone.pr), gone.workers).unwrap();
            } else {
                let workplace = WorkplaceWeight { pr: Decimal::new(pr, 2), workers };
                tally.add(workplace.pr, degree_of(workplace.pr), workers).unwrap();
                present.push(workplace);
            }
        }
        let batch = enterprise_score(rules(), &present);
        prop_assert_eq!(tally.integral(rules()), batch);
        prop_assert_eq!(tally.workplaces_total(), present.len() as u64);
    }

    #[test]
    fn a_higher_degree_never_lowers_the_tariff(rate in 1_i64..=10_000) {
        let rate = Decimal::new(rate, 2);
        let results: Vec<_> = Degree::ALL.iter().map(|degree| corrected_rate(rate, *degree, rules()).unwrap().result_percent).collect();
        prop_assert!(results.is_sorted() && results[0] >= rate);
    }

    #[test]
    fn a_higher_degree_never_lowers_a_guarantee(at in any::<Index>(), d1 in 1_000_i64..3_000, d2 in 1_000_i64..3_000) {
        let mut sector = at.get(&rules().pay_formula.sectors).clone();
        sector.d1.value = Decimal::new(d1, 3);
        sector.d2.value = Decimal::new(d2, 3);
        for sector in [None, Some(&sector)] {
            let by_degree: Vec<_> = Degree::ALL.iter().map(|degree| guarantee::due(rules(), *degree, sector)).collect();
            for (lower, higher) in by_degree.iter().zip(by_degree.iter().skip(1)) {
                for ((before, after), row) in lower.iter().zip(higher).zip(&rules().guarantees) {
                    prop_assert!(after.granted >= before.granted);
                    let grows = |before: Option<Decimal>, after: Option<Decimal>| match row.direction {
                        Direction::More => after >= before,
                        Direction::Less => after <= before,
                    };
                    prop_assert!(grows(before.min, after.min) && grows(before.max, after.max));
                }
            }
        }
    }

    #[test]
    fn folding_settles_and_ignores_case(text in any::<String>(), kazakh in "[А-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІіA-Za-z \u{301}\u{306}\u{308}]{0,40}") {
        for text in [text, kazakh] {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.clone());
            prop_assert!(!folded.contains("  ") && folded.trim() == folded);
        }
    }

    #[test]
    fn folding_settles_however_many_marks_a_letter_carries(marks in "[её][\u{301}\u{306}\u{308}\u{323}]{0,30}") {
        prop_assert_eq!(fold(&fold(&marks)), fold(&marks));
    }

    #[test]
    fn upper_and_lower_case_fold_to_the_same(text in "[А-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІіA-Za-z0-9 «»\"-]{0,60}") {
        prop_assert_eq!(fold(&text.to_uppercase()), fold(&text.to_lowercase()));
    }

    #[test]
    fn readers_of_text_never_panic(text in any::<String>()) {
        let _ = (Bin::parse(&text), OkedCode::parse(&text), Language::parse_accept(&text));
        let _ = (domain::ids::Iin::parse(&text), domain::ids::KatoCode::parse(&text), domain::ids::FactorCode::parse(&text));
    }

    #[test]
    fn a_completed_bin_is_valid(year in 0_u32..100, month in 1_u32..=12, kind in 4_u32..=6, part in 0_u32..=3, serial in 0_u32..100_000) {
        let first = format!("{year:02}{month:02}{kind}{part}{serial:05}");
        if let Some(bin) = Bin::with_checksum(&first) {
            prop_assert_eq!(Bin::parse(bin.as_str()).unwrap(), bin.clone());
            prop_assert!(bin.as_str().starts_with(&first));
        }
    }
}

/// All combinations of up to so many factors: making any one of them worse never gives a better class.
fn assert_monotone(rule: &Combination, most: u32) {
    let combined = |classes: &[ConditionClass]| domain::risk::combined_class(rule, classes).unwrap();
    let classes_from_2 = &ConditionClass::ALL[1..];
    for size in 1..=most {
        for number in 0..classes_from_2.len().pow(size) {
            let digits = (0..size).map(|place| number / classes_from_2.len().pow(place) % classes_from_2.len());
            let classes: Vec<ConditionClass> = digits.map(|digit| classes_from_2[digit]).collect();
            let before = combined(&classes);
            for at in 0..classes.len() {
                let mut worse = classes.clone();
                worse[at] = worse[at].one_step_worse();
                assert!(combined(&worse) >= before, "{classes:?} at {at} with {rule:?}");
            }
        }
    }
}

#[test]
fn the_combination_is_monotone_without_exception() {
    assert_monotone(&rules().combination, 5);
}

/// The same for every other rule set that validation lets through.
#[test]
fn every_valid_combination_is_monotone() {
    let mut rules = rules().clone();
    let mut valid = 0;
    for fold_class in &ConditionClass::ALL[1..] {
        for raise_from in &ConditionClass::ALL[1..] {
            for (fold_count, raise_count) in [(2, 2), (2, 3), (3, 2), (3, 4), (2, 4)] {
                let rule = &mut rules.combination;
                (rule.fold_class, rule.raise_from) = (*fold_class, *raise_from);
                (rule.fold_count, rule.raise_count) = (fold_count, raise_count);
                if rules.validate().is_ok() {
                    valid += 1;
                    assert_monotone(&rules.combination, 4);
                }
            }
        }
    }
    assert_eq!(valid, 50);
}
