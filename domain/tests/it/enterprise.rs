use domain::grade::Level;
use domain::risk::{RiskTally, TallyFault, WorkplaceWeight, enterprise_score};

use crate::support::{dec, degree, rules};

fn workplace(pr: &str, workers: u32) -> WorkplaceWeight {
    WorkplaceWeight { pr: dec(pr), workers }
}

#[test]
fn the_mean_is_weighted_by_workers() {
    let score = enterprise_score(rules(), &[workplace("3.05", 10), workplace("2", 5), workplace("5", 0)]).unwrap();
    assert_eq!((score.pr, score.degree.get(), score.level), (dec("2.7"), 3, Level::C));
    assert_eq!(score.trace.steps[0].expression, "sum of PR*workers 40.5 / 15 workers");
    let codes: Vec<_> = score.trace.steps.iter().map(|step| step.code.as_str()).collect();
    assert_eq!(codes, ["INTEGRAL_PR", "DEGREE", "LEVEL"]);
}

#[test]
fn levels_follow_the_bands() {
    for (pr, level) in
        [("1", Level::E), ("1.5", Level::D), ("2.5", Level::C), ("3.5", Level::B), ("4.5", Level::A), ("5", Level::A)]
    {
        assert_eq!(enterprise_score(rules(), &[workplace(pr, 3)]).unwrap().level, level);
    }
}

#[test]
fn the_score_has_six_decimals_rounded_half_up() {
    let score = enterprise_score(rules(), &[workplace("1", 2), workplace("2", 1)]).unwrap();
    assert_eq!(score.pr, dec("1.333333"));
    let score = enterprise_score(rules(), &[workplace("1", 1), workplace("2", 2)]).unwrap();
    assert_eq!((score.pr, score.degree.get()), (dec("1.666667"), 2));
}

#[test]
fn nobody_at_work_is_not_rated() {
    assert_eq!(enterprise_score(rules(), &[]), None);
    assert_eq!(enterprise_score(rules(), &[workplace("3", 0)]), None);
    assert_eq!(enterprise_score(rules(), &[workplace("7", 1)]), None);
}

#[test]
fn what_was_not_added_cannot_be_taken_out() {
    let mut tally = RiskTally::default();
    tally.add(dec("3"), degree(3), 4).unwrap();
    let before = tally.clone();
    for (pr, number, workers) in [("3", 3, 5), ("3", 2, 4), ("3.1", 3, 4)] {
        assert_eq!(tally.remove(dec(pr), degree(number), workers), Err(TallyFault));
        assert_eq!(tally, before);
    }
    tally.remove(dec("3"), degree(3), 4).unwrap();
    assert_eq!(tally, RiskTally::default());
}
