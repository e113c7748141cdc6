//! One workplace: check the inputs, grade the five indicators, apply the formula, find the degree.

use std::collections::BTreeSet;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{AssessmentInputs, Finding, FindingOutcome, InputFault, Score, harmfulness, indicators};
use crate::grade::Grade;
use crate::ids::FactorCode;
use crate::rule_set::{CatalogueEntry, DegreeRule, Indicator, RuleSet};
use crate::trace::{Step, Trace, join, plain};

/// Scores a workplace. The same inputs and rule set give the same score and the same bytes of its trace.
///
/// # Errors
/// Every fault of the inputs at once: missing, unknown, repeated and impossible ones.
pub fn assess(rules: &RuleSet, inputs: &AssessmentInputs) -> Result<Score, Vec<InputFault>> {
    let faults = check(rules, inputs);
    if !faults.is_empty() {
        return Err(faults);
    }
    score(rules, inputs).map_err(|fault| vec![fault])
}

fn score(rules: &RuleSet, inputs: &AssessmentInputs) -> Result<Score, InputFault> {
    let no_factor = InputFault::Missing { indicator: Indicator::V, code: None };
    let (class, mut steps) = harmfulness::class_of(rules, inputs).ok_or(no_factor)?;
    let class_row = rules.grade_of(class).ok_or(InputFault::RuleSetIncomplete("class_grades"))?;
    steps.push(Step::new("V", format!("class {class}"), class_row.grade, class_row.origin.provenance));
    let (t, t_step) = indicators::injury(rules, inputs);
    let (ob, ob_steps) = indicators::equipment(rules, inputs);
    let (siz, siz_step) = indicators::ppe(rules, inputs);
    let (z, z_steps) = indicators::morbidity(rules, inputs);
    steps.push(t_step);
    steps.extend(ob_steps);
    steps.push(siz_step);
    steps.extend(z_steps);
    let grades = Grades { v: class_row.grade, t, ob, siz, z };
    let (pr, pr_step) = formula(rules, grades).ok_or(InputFault::RuleSetIncomplete("weights"))?;
    steps.push(pr_step);
    let degree_row = rules.degree_of(pr).ok_or(InputFault::RuleSetIncomplete("degrees"))?;
    steps.push(degree_step(degree_row, pr));
    let trace = Trace { rule_set: rules.code.clone(), steps };
    Ok(Score { class, v: grades.v, t, ob, siz, z, pr, degree: degree_row.degree, trace })
}

/// The five grades of the formula.
#[derive(Clone, Copy)]
struct Grades {
    v: Grade,
    t: Grade,
    ob: Grade,
    siz: Grade,
    z: Grade,
}

impl Grades {
    const fn of(self, indicator: Indicator) -> Grade {
        match indicator {
            Indicator::V => self.v,
            Indicator::T => self.t,
            Indicator::Ob => self.ob,
            Indicator::Siz => self.siz,
            Indicator::Z => self.z,
        }
    }
}

/// PR and its step; `None` when a term has no indicator or the weights are absurd.
fn formula(rules: &RuleSet, grades: Grades) -> Option<(Decimal, Step)> {
    let mut pr = Decimal::ZERO;
    let mut terms = Vec::new();
    for term in &rules.weights.terms {
        let values: Vec<Grade> = term.indicators.iter().map(|indicator| grades.of(*indicator)).collect();
        let sum: u64 = values.iter().map(|grade| u64::from(grade.get())).sum();
        let count = u64::try_from(values.len()).ok()?;
        let weight = plain(term.weight);
        let weighted = weight.checked_mul(Decimal::from(sum))?.checked_div(Decimal::from(count))?;
        pr = pr.checked_add(weighted)?;
        let list = join(values, "+");
        terms.push(if count == 1 { format!("{weight}*{list}") } else { format!("{weight}*({list})/{count}") });
    }
    let pr = plain(pr.round_dp_with_strategy(rules.weights.scale, RoundingStrategy::MidpointAwayFromZero));
    Some((pr, Step::new("PR", join(terms, " + "), pr, rules.weights.origin.provenance)))
}

/// The step that finds the degree of a PR.
pub(super) fn degree_step(rule: &DegreeRule, pr: Decimal) -> Step {
    let band = &rule.band;
    let end = if band.closed { "<=" } else { "<" };
    let expression = format!("{} <= {pr} {end} {}", plain(band.from), plain(band.to));
    Step::new("DEGREE", expression, rule.degree, band.origin.provenance)
}

/// All faults of the inputs, indicator by indicator.
fn check(rules: &RuleSet, inputs: &AssessmentInputs) -> Vec<InputFault> {
    let mut faults = Vec::new();
    check_harmful(rules, inputs, &mut faults);
    let mechanical = inputs.mechanical.iter().map(|graded| &graded.code);
    check_complete(Indicator::T, codes(&rules.mechanical), mechanical, &mut faults);
    let equipment = inputs.equipment.iter().map(|finding| &finding.code);
    check_complete(Indicator::Ob, codes(&rules.equipment), equipment, &mut faults);
    let ppe = inputs.ppe.iter().map(|finding| &finding.code);
    check_complete(Indicator::Siz, codes(&rules.ppe_criteria), ppe, &mut faults);
    check_applicable(&inputs.ppe, &mut faults);
    check_morbidity(rules, inputs, &mut faults);
    faults
}

fn codes(entries: &[CatalogueEntry]) -> Vec<&FactorCode> {
    entries.iter().map(|entry| &entry.code).collect()
}

fn check_harmful(rules: &RuleSet, inputs: &AssessmentInputs, faults: &mut Vec<InputFault>) {
    let indicator = Indicator::V;
    if inputs.harmful.is_empty() {
        faults.push(InputFault::Missing { indicator, code: None });
    }
    let known: BTreeSet<&FactorCode> = rules.harmful.iter().map(|factor| &factor.code).collect();
    check_known(indicator, &known, inputs.harmful.iter().map(|input| &input.factor), faults);
}

/// Unknown and repeated codes; gives the codes that were seen.
fn check_known<'a>(
    indicator: Indicator,
    known: &BTreeSet<&FactorCode>,
    given: impl Iterator<Item = &'a FactorCode>,
    faults: &mut Vec<InputFault>,
) -> BTreeSet<&'a FactorCode> {
    let mut seen = BTreeSet::new();
    for code in given {
        if !known.contains(code) {
            faults.push(InputFault::Unknown { indicator, code: code.clone() });
        } else if !seen.insert(code) {
            faults.push(InputFault::Duplicate { indicator, code: code.clone() });
        }
    }
    seen
}

/// Every entry of the catalogue once, and nothing else.
fn check_complete<'a>(
    indicator: Indicator,
    catalogue: Vec<&FactorCode>,
    given: impl Iterator<Item = &'a FactorCode>,
    faults: &mut Vec<InputFault>,
) {
    let known: BTreeSet<&FactorCode> = catalogue.iter().copied().collect();
    let seen = check_known(indicator, &known, given, faults);
    let missing = catalogue.into_iter().filter(|code| !seen.contains(code));
    faults.extend(missing.map(|code| InputFault::Missing { indicator, code: Some(code.clone()) }));
}

fn check_applicable(findings: &[Finding], faults: &mut Vec<InputFault>) {
    let skipped = findings.iter().filter(|finding| finding.finding == FindingOutcome::NotApplicable);
    faults.extend(
        skipped.map(|finding| InputFault::AlwaysApplies { indicator: Indicator::Siz, code: finding.code.clone() }),
    );
}

fn check_morbidity(rules: &RuleSet, inputs: &AssessmentInputs, faults: &mut Vec<InputFault>) {
    let indicator = Indicator::Z;
    let catalogue = rules.morbidity.iter().map(|entry| &entry.code).collect();
    check_complete(indicator, catalogue, inputs.morbidity.iter().map(|input| &input.code), faults);
    for input in &inputs.morbidity {
        let Some(entry) = rules.morbidity.iter().find(|entry| entry.code == input.code) else {
            continue;
        };
        let (lowest, highest) = (entry.lowest, entry.highest);
        if input.value < lowest || highest.is_some_and(|high| input.value > high) {
            let (code, value) = (input.code.clone(), input.value);
            faults.push(InputFault::OutOfRange { indicator, code, value, lowest, highest });
        }
    }
}
