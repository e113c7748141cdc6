//! T, Ob, SIZ and Z from inputs that were checked to be complete.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{AssessmentInputs, Finding, FindingOutcome};
use crate::grade::Grade;
use crate::rule_set::{CatalogueEntry, GradeBands, RuleSet};
use crate::trace::{Step, join, plain};

/// Decimals of a share in the trace.
const SHARE_SCALE: u32 = 6;

/// T: the worst of the mechanical factors. PROVISIONAL.
pub(super) fn injury(rules: &RuleSet, inputs: &AssessmentInputs) -> (Grade, Step) {
    let given = |entry: &CatalogueEntry| inputs.mechanical.iter().find(|graded| graded.code == entry.code);
    let grades: Vec<Grade> = rules.mechanical.iter().filter_map(given).map(|graded| graded.grade).collect();
    let worst = grades.iter().copied().max().unwrap_or(Grade::BEST);
    let provenance = rules.mechanical.iter().map(|entry| entry.origin.provenance).max();
    let provenance = provenance.unwrap_or(rules.origin.provenance);
    (worst, Step::new("T", format!("max({})", join(grades, ", ")), worst, provenance))
}

/// Ob: the share of applicable equipment criteria that are not met, banded. Nothing applicable is nothing missing.
pub(super) fn equipment(rules: &RuleSet, inputs: &AssessmentInputs) -> (Grade, Vec<Step>) {
    let applicable = count(&inputs.equipment, |outcome| outcome != FindingOutcome::NotApplicable);
    let not_met = count(&inputs.equipment, |outcome| outcome == FindingOutcome::NotMet);
    let bands = &rules.equipment_bands;
    let share = match applicable {
        0 => Decimal::ZERO,
        _ => Decimal::from(not_met) * Decimal::ONE_HUNDRED / Decimal::from(applicable),
    };
    // Bands are compared with the exact share; only the trace shows it rounded.
    let grade = RuleSet::grade_in(bands, share);
    let shown = plain(share.round_dp_with_strategy(SHARE_SCALE, RoundingStrategy::MidpointAwayFromZero));
    let share = Step::new(
        "OB_SHARE",
        format!("{not_met} not met of {applicable} applicable, %"),
        shown,
        bands.origin.provenance,
    );
    let graded = Step::new("OB", band_expression(bands, shown, grade), grade, bands.origin.provenance);
    (grade, vec![share, graded])
}

/// SIZ: the number of PPE criteria that are not met.
pub(super) fn ppe(rules: &RuleSet, inputs: &AssessmentInputs) -> (Grade, Step) {
    let not_met = count(&inputs.ppe, |outcome| outcome == FindingOutcome::NotMet);
    let grades = &rules.ppe_grades;
    let index = usize::try_from(not_met).unwrap_or(usize::MAX);
    let grade = grades.by_count.get(index).or(grades.by_count.last()).copied().unwrap_or(Grade::WORST);
    let expression = format!("{not_met} of {} not met", inputs.ppe.len());
    (grade, Step::new("SIZ", expression, grade, grades.origin.provenance))
}

/// Z: the worst of the banded morbidity inputs.
pub(super) fn morbidity(rules: &RuleSet, inputs: &AssessmentInputs) -> (Grade, Vec<Step>) {
    let mut steps = Vec::new();
    let mut grades = Vec::new();
    for entry in &rules.morbidity {
        let Some(input) = inputs.morbidity.iter().find(|input| input.code == entry.code) else {
            continue;
        };
        let grade = RuleSet::grade_in(&entry.grades, input.value);
        let expression = band_expression(&entry.grades, plain(input.value), grade);
        steps.push(Step::new(format!("Z:{}", entry.code), expression, grade, entry.grades.origin.provenance));
        grades.push(grade);
    }
    let worst = grades.iter().copied().max().unwrap_or(Grade::BEST);
    let provenance = steps.iter().map(|step| step.provenance).max().unwrap_or(rules.origin.provenance);
    steps.push(Step::new("Z", format!("max({})", join(grades, ", ")), worst, provenance));
    (worst, steps)
}

/// The comparison that gave the grade.
fn band_expression(bands: &GradeBands, value: Decimal, grade: Grade) -> String {
    let held = bands.bands.iter().find(|band| band.grade == grade && value <= band.up_to);
    match (held, bands.bands.last()) {
        (Some(band), _) => format!("{value} <= {}", plain(band.up_to)),
        (None, Some(last)) => format!("{value} > {}", plain(last.up_to)),
        (None, None) => value.to_string(),
    }
}

fn count(findings: &[Finding], wanted: impl Fn(FindingOutcome) -> bool) -> u64 {
    u64::try_from(findings.iter().filter(|finding| wanted(finding.finding)).count()).unwrap_or(u64::MAX)
}
