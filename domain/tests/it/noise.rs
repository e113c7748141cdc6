use domain::factors::{Exposure, FactorFault, Observation, evaluate, noise_over_shift};

use crate::support::{class, code, dec, rules};

fn exposures(text: &str) -> Vec<Exposure> {
    let stays = text.split_whitespace().map(|stay| stay.split_once(':').unwrap());
    stays.map(|(level, minutes)| Exposure { level_dba: dec(level), minutes: minutes.parse().unwrap() }).collect()
}

/// Worked with 50 digits outside of this crate.
#[test]
fn daily_levels_of_iso_9612() {
    let cases = [
        ("85:480", "85"),
        ("88:240", "85"),
        ("88:240 0:240", "85"),
        ("91:120", "85"),
        ("100:15", "84.9"),
        ("80:240 90:240", "87.4"),
        ("85.05:480", "85.1"),
        ("85.04:480", "85"),
        ("78:120 84:120 92:120 96:120", "91.7"),
        ("95:60 82:420", "87.3"),
        ("85:720", "86.8"),
        ("120:1", "93.2"),
        ("70:1", "43.2"),
        ("0:480", "0"),
        ("200:1440", "204.8"),
        ("92.3:37 88.7:205 101.2:12 76.5:226", "89"),
    ];
    for (stays, level) in cases {
        assert_eq!(noise_over_shift(&rules().shift_noise, &exposures(stays)), Ok(dec(level)), "{stays}");
    }
}

#[test]
fn forty_random_shifts_agree_with_an_independent_computation() {
    let vectors = include_str!("noise_vectors.txt").lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for (stays, level) in vectors.map(|line| line.split_once(" = ").unwrap()) {
        assert_eq!(noise_over_shift(&rules().shift_noise, &exposures(stays)), Ok(dec(level)), "{stays}");
        count += 1;
    }
    assert_eq!(count, 40);
}

#[test]
fn the_order_of_stays_does_not_matter() {
    let forward = exposures("78:120 84:120 92:120 96:120");
    let backward: Vec<_> = forward.iter().rev().cloned().collect();
    let rule = &rules().shift_noise;
    assert_eq!(noise_over_shift(rule, &forward), noise_over_shift(rule, &backward));
}

#[test]
fn impossible_shifts_are_refused() {
    let rule = &rules().shift_noise;
    assert_eq!(noise_over_shift(rule, &[]), Err(FactorFault::NoExposure));
    assert_eq!(noise_over_shift(rule, &exposures("85:0")), Err(FactorFault::NoExposure));
    let long = Err(FactorFault::ShiftTooLong { minutes: 1441, longest: 1440 });
    assert_eq!(noise_over_shift(rule, &exposures("85:1440 85:1")), long);
    let huge = vec![Exposure { level_dba: dec("85"), minutes: u32::MAX }; 3];
    assert!(matches!(noise_over_shift(rule, &huge), Err(FactorFault::ShiftTooLong { .. })));
}

#[test]
fn a_shift_becomes_a_class() {
    let shift = |stays| Observation::Shift { exposures: exposures(stays) };
    let result = evaluate(rules(), &code("NOISE_CONSTANT"), &shift("88:240")).unwrap();
    assert_eq!((result.value, result.unit.as_deref()), (Some(dec("85")), Some("dBA")));
    assert_eq!(result.class, class("3.1"));
    let codes: Vec<_> = result.trace.iter().map(|step| step.code.as_str()).collect();
    assert_eq!(codes, ["NOISE_OVER_SHIFT", "CLASS:NOISE_CONSTANT", "GRADE:NOISE_CONSTANT"]);
    assert_eq!(result.trace[0].expression, "10*lg((240*10^(88/10))/480)");
    let other = evaluate(rules(), &code("DUST_SILICA"), &shift("88:240"));
    assert_eq!(other, Err(FactorFault::ShiftNotApplicable { factor: code("DUST_SILICA") }));
    let loud = evaluate(rules(), &code("NOISE_CONSTANT"), &shift("201:240"));
    assert!(matches!(loud, Err(FactorFault::ValueOutOfRange { .. })));
}
