//! V: several harmful factors together. The rule and why it is monotone: [`Combination`].

use crate::grade::ConditionClass;
use crate::rule_set::{Combination, HarmfulFactor, RuleSet};
use crate::trace::{Step, join};

use super::{AssessmentInputs, HarmfulInput};

/// The class of conditions that factors of these classes give together; `None` without a factor.
pub fn combined_class(rule: &Combination, classes: &[ConditionClass]) -> Option<ConditionClass> {
    combine(rule, classes).map(|(class, _)| class)
}

/// The class of a workplace, with its steps; `None` without a factor.
pub(super) fn class_of(rules: &RuleSet, inputs: &AssessmentInputs) -> Option<(ConditionClass, Vec<Step>)> {
    // In the order of the catalogue, so that the trace does not depend on the order of input.
    let given = |factor: &HarmfulFactor| inputs.harmful.iter().find(|input| input.factor == factor.code);
    let present: Vec<&HarmfulInput> = rules.harmful.iter().filter_map(given).collect();
    let classes: Vec<_> = present.iter().map(|input| input.class).collect();
    let (class, mut steps) = combine(&rules.combination, &classes)?;
    let list = join(present.iter().map(|input| format!("{}={}", input.factor, input.class)), ", ");
    let worst = classes.iter().max()?;
    let provenance = rules.combination.origin.provenance;
    steps.insert(0, Step::new("V_WORST", format!("max({list})"), worst, provenance));
    Some((class, steps))
}

fn combine(rule: &Combination, classes: &[ConditionClass]) -> Option<(ConditionClass, Vec<Step>)> {
    let mut worst = classes.iter().copied().max()?;
    let mut steps = Vec::new();
    let mut severe = count(classes, |class| class >= rule.raise_from);
    let folding = count(classes, |class| class == rule.fold_class);
    if folding >= rule.fold_count {
        let folded = rule.fold_class.one_step_worse();
        worst = worst.max(folded);
        severe += u32::from(folded >= rule.raise_from);
        let expression = format!(
            "{folding} factors of class {} >= {}: one more of the next class",
            rule.fold_class, rule.fold_count
        );
        steps.push(Step::new("V_FOLD", expression, folded, rule.origin.provenance));
    }
    if severe >= rule.raise_count {
        let raised = worst.one_step_worse();
        let expression = format!(
            "{severe} factors of class {} or worse >= {}: {worst} one step worse",
            rule.raise_from, rule.raise_count
        );
        steps.push(Step::new("V_RAISE", expression, raised, rule.origin.provenance));
        worst = raised;
    }
    Some((worst, steps))
}

fn count(classes: &[ConditionClass], wanted: impl Fn(ConditionClass) -> bool) -> u32 {
    u32::try_from(classes.iter().filter(|class| wanted(**class)).count()).unwrap_or(u32::MAX)
}
