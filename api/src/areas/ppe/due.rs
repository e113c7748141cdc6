//! From the assessment in force to the equipment due.

use async_graphql::Context;
use domain::grade::Degree;
use domain::ppe::{self, PpeFactor};
use domain::risk::AssessmentInputs;
use domain::roles::{Action, Resource};
use domain::rule_set::RuleSet;
use domain::trace::Trace;
use entity::workplace;

use crate::areas::assessments;
use crate::areas::ppe::types::{PpeItem, WorkplacePpe};
use crate::error::{Error, Result};
use crate::graphql::Ask;

/// Equipment due at a workplace, by the rule set of the assessment in force; `None` while it is not assessed. Batched:
/// the number of statements does not depend on the number of workplaces.
pub async fn due_at(ctx: &Context<'_>, workplace: &workplace::Model) -> Result<Option<WorkplacePpe>> {
    let scope = ctx.allow(Action::Read, Resource::PpeDue)?;
    let Some(standing) = assessments::standing(ctx, &scope, workplace).await? else { return Ok(None) };
    let inputs = assessments::inputs_of(ctx, &scope, standing.assessment).await?;
    by_rules(&standing.rules, &inputs, standing.degree).map(Some)
}

fn by_rules(rules: &RuleSet, inputs: &AssessmentInputs, degree: Degree) -> Result<WorkplacePpe> {
    let protection = rules.level_of(degree);
    let protection = protection.ok_or_else(|| Error::internal(format!("{}: no level of {degree}", rules.code)))?;
    let (mut items, mut gaps, mut steps) = (Vec::new(), Vec::new(), Vec::new());
    for due in ppe::due(rules, &graded(rules, inputs), degree) {
        steps.extend(due.trace);
        let Some(item) = due.item else {
            gaps.push(due.factor.to_string());
            continue;
        };
        items.push(PpeItem {
            factor_names: rules.harmful_factor(&due.factor).map(|factor| factor.names.clone()).unwrap_or_default(),
            factor_code: due.factor.to_string(),
            item_code: item.code.to_string(),
            names: item.names,
            protection,
            origin: item.origin,
        });
    }
    let explanation = Trace { rule_set: rules.code.clone(), steps }.into();
    Ok(WorkplacePpe { degree: i32::from(degree.get()), items, gaps, explanation })
}

/// The assessed factors with the grades of their classes.
fn graded(rules: &RuleSet, inputs: &AssessmentInputs) -> Vec<PpeFactor> {
    let grade = |class| rules.grade_of(class).map(|row| row.grade);
    let factors = inputs.harmful.iter();
    factors.filter_map(|input| Some(PpeFactor { factor: input.factor.clone(), grade: grade(input.class)? })).collect()
}

#[cfg(test)]
mod tests {
    use domain::grade::ConditionClass::{C2, C32};
    use domain::ids::FactorCode;
    use domain::risk::HarmfulInput;

    use super::*;

    fn at(degree: u8) -> WorkplacePpe {
        let text = include_str!("../../../../reference/rule_sets/kz-2023-provisional.json");
        let rules = RuleSet::from_json(text).expect("the shipped rules");
        let input = |code: &str, class| HarmfulInput {
            factor: FactorCode::parse(code).expect(code),
            class,
            measurement_id: None,
        };
        let harmful = vec![input("NOISE_CONSTANT", C32), input("LIGHTING", C2), input("NOT_IN_THE_MATRIX", C32)];
        let inputs = AssessmentInputs { harmful, ..AssessmentInputs::default() };
        by_rules(&rules, &inputs, Degree::new(degree).expect("a degree")).expect("complete rules")
    }

    #[test]
    fn noise_calls_for_more_as_the_degree_rises() {
        let item = |degree| at(degree).items.first().map(|item| item.item_code.clone());
        let items: Vec<_> = (2..=5).filter_map(item).collect();
        assert_eq!(items, ["EAR_PLUGS", "EARMUFFS", "EARMUFFS", "EARMUFFS_ACTIVE"]);
    }

    #[test]
    fn a_factor_without_a_norm_is_a_gap_and_a_harmless_one_is_nothing() {
        let due = at(3);
        assert_eq!(due.gaps, ["NOT_IN_THE_MATRIX"]);
        assert_eq!(due.items.len(), 1);
        assert_eq!(due.explanation.steps.len(), 2);
    }

    #[test]
    fn the_best_degree_calls_for_nothing() {
        let due = at(1);
        assert!(due.items.is_empty() && due.gaps.is_empty());
    }
}
