//! From the assessment in force to the guarantees due.

use async_graphql::Context;
use domain::grade::Degree;
use domain::guarantee;
use domain::ids::OkedCode;
use domain::roles::{Action, Resource};
use domain::rule_set::{GuaranteeKind, RuleSet, Sector};
use domain::trace::Trace;
use entity::workplace;

use crate::areas::assessments;
use crate::areas::enterprises::EnterpriseById;
use crate::areas::guarantees::types::{GuaranteeDue, PaySector, WorkplaceGuarantees};
use crate::error::{Error, Result};
use crate::graphql::Ask;

/// Guarantees due at a workplace, by the rule set of the assessment in force; `None` while it is not assessed. Batched:
/// the number of statements does not depend on the number of workplaces.
pub async fn due_at(ctx: &Context<'_>, workplace: &workplace::Model) -> Result<Option<WorkplaceGuarantees>> {
    let scope = ctx.allow(Action::Read, Resource::GuaranteeDue)?;
    let Some(standing) = assessments::standing(ctx, &scope, workplace).await? else { return Ok(None) };
    // A scope that holds the workplace holds its enterprise.
    let enterprise = ctx.load(EnterpriseById { id: workplace.enterprise_id, scope }).await?;
    let enterprise =
        enterprise.ok_or_else(|| Error::internal(format!("workplace {} has no enterprise", workplace.id)))?;
    let activity = OkedCode::parse(&enterprise.oked).map_err(Error::internal)?;
    Ok(Some(by_rules(&standing.rules, standing.degree, &activity)))
}

fn by_rules(rules: &RuleSet, degree: Degree, activity: &OkedCode) -> WorkplaceGuarantees {
    let sector = rules.sector_for(activity);
    let mut dues = guarantee::due(rules, degree, sector);
    let steps = dues.iter_mut().flat_map(|due| std::mem::take(&mut due.trace)).collect();
    let raised = dues.iter().find(|due| due.kind == GuaranteeKind::RaisedPay);
    WorkplaceGuarantees {
        degree: i32::from(degree.get()),
        pay_coefficient: raised.and_then(|due| due.min).map(Into::into),
        items: dues.into_iter().map(GuaranteeDue::from).collect(),
        sector: sector.map(PaySector::from),
        explanation: Trace { rule_set: rules.code.clone(), steps }.into(),
    }
}

impl From<&Sector> for PaySector {
    fn from(sector: &Sector) -> Self {
        Self {
            code: sector.code.clone(),
            names: sector.names.clone().into(),
            d1: sector.d1.value.into(),
            d2: sector.d2.value.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(degree: u8, oked: &str) -> WorkplaceGuarantees {
        let text = include_str!("../../../../reference/rule_sets/kz-2023-provisional.json");
        let rules = RuleSet::from_json(text).expect("the shipped rules");
        by_rules(&rules, Degree::new(degree).expect("a degree"), &OkedCode::parse(oked).expect(oked))
    }

    #[test]
    fn all_six_are_listed_at_every_degree() {
        for degree in 1..=5 {
            let due = at(degree, "41201");
            assert_eq!((due.items.len(), due.explanation.steps.len()), (6, 6), "degree {degree}");
        }
    }

    #[test]
    fn degree_four_of_a_sector_gives_its_raising_coefficient() {
        let due = at(4, "41201");
        let sector = due.sector.expect("construction");
        assert_eq!(sector.code, "CONSTRUCTION");
        assert_eq!(due.pay_coefficient, Some(sector.d2));
    }

    #[test]
    fn without_a_sector_raised_pay_has_no_amount() {
        let due = at(4, "85100");
        assert!(due.sector.is_none() && due.pay_coefficient.is_none());
    }
}
