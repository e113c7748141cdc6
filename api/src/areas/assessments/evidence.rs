//! What clients see of the inputs of an assessment.

use async_graphql::{ID, SimpleObject};
use domain::ids::FactorCode;
use domain::localized::Localized;
use domain::risk::{self, Finding, HarmfulInput, MorbidityInput};
use domain::rule_set::{CatalogueEntry, RuleSet};
use entity::assessment_trace;
use uuid::Uuid;

use crate::areas::assessments::input::CriterionFinding;
use crate::areas::reference::ConditionClass;
use crate::error::{Error, Result};
use crate::graphql::id;
use crate::graphql::scalars::Decimal;
use crate::language::LocalizedText;

/// A harmful factor of the workplace with the class its measurement gave.
#[derive(Clone, Debug, SimpleObject)]
pub struct AssessedFactor {
    /// Code in the catalogue of the rule set.
    pub factor_code: String,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// Class of working conditions by this factor.
    pub condition_class: ConditionClass,
    /// The measurement that gave the class. Null when it was not stored as one.
    pub measurement_id: Option<ID>,
}

/// A mechanical factor with its grade.
#[derive(Clone, Debug, SimpleObject)]
pub struct AssessedMechanicalFactor {
    /// Code in the catalogue of the rule set.
    pub code: String,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// Grade, 1 (best) to 5 (worst).
    pub grade: i32,
}

/// A criterion of equipment safety or of provision with protective equipment, with the outcome of its check.
#[derive(Clone, Debug, SimpleObject)]
pub struct AssessedCriterion {
    /// Code in the catalogue of the rule set.
    pub code: String,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// The outcome.
    pub finding: CriterionFinding,
}

/// A figure of morbidity.
#[derive(Clone, Debug, SimpleObject)]
pub struct AssessedMorbidity {
    /// Code in the catalogue of the rule set.
    pub code: String,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// The figure, in `unit`.
    pub value: Decimal,
    /// Unit of the figure, such as `days/100`.
    pub unit: String,
}

/// Everything an assessment was computed from. Requires permission `measurement:read`.
#[derive(Clone, Debug, SimpleObject)]
pub struct AssessmentInputs {
    /// Harmful factors, inputs of V; thirty at most in the first rule set.
    pub harmful: Vec<AssessedFactor>,
    /// Mechanical factors, inputs of T; ten in the first rule set.
    pub mechanical: Vec<AssessedMechanicalFactor>,
    /// Criteria of equipment safety, inputs of OB; ten in the first rule set.
    pub equipment: Vec<AssessedCriterion>,
    /// Criteria of provision with personal protective equipment, inputs of SIZ; three in the first rule set.
    pub ppe: Vec<AssessedCriterion>,
    /// Figures of morbidity, inputs of Z; three in the first rule set.
    pub morbidity: Vec<AssessedMorbidity>,
}

impl AssessmentInputs {
    /// Reads what was stored, with the names that the rule set of the assessment gives.
    pub fn parse(stored: &assessment_trace::Model, rules: &RuleSet) -> Result<Self> {
        let inputs: risk::AssessmentInputs = serde_json::from_str(&stored.inputs).map_err(Error::internal)?;
        let graded = |given: risk::Graded| AssessedMechanicalFactor {
            names: name_in(&rules.mechanical, &given.code),
            code: given.code.into(),
            grade: given.grade.get().into(),
        };
        let found = |catalogue: &[CatalogueEntry], given: Vec<Finding>| -> Vec<AssessedCriterion> {
            given.into_iter().map(|given| criterion(catalogue, given)).collect()
        };
        Ok(Self {
            harmful: inputs.harmful.into_iter().map(|given| factor(rules, given)).collect::<Result<_>>()?,
            mechanical: inputs.mechanical.into_iter().map(graded).collect(),
            equipment: found(&rules.equipment, inputs.equipment),
            ppe: found(&rules.ppe_criteria, inputs.ppe),
            morbidity: inputs.morbidity.into_iter().map(|given| figure(rules, given)).collect(),
        })
    }
}

fn name_in(catalogue: &[CatalogueEntry], code: &FactorCode) -> LocalizedText {
    let entry = catalogue.iter().find(|entry| entry.code == *code);
    entry.map(|entry| entry.names.clone()).unwrap_or_default().into()
}

fn factor(rules: &RuleSet, given: HarmfulInput) -> Result<AssessedFactor> {
    let measurement = given.measurement_id.as_deref().map(Uuid::parse_str).transpose().map_err(Error::internal)?;
    let names: Localized = rules.harmful_factor(&given.factor).map(|row| row.names.clone()).unwrap_or_default();
    Ok(AssessedFactor {
        factor_code: given.factor.into(),
        names: names.into(),
        condition_class: given.class.into(),
        measurement_id: measurement.map(|key| id::encode("Measurement", key)),
    })
}

fn criterion(catalogue: &[CatalogueEntry], given: Finding) -> AssessedCriterion {
    AssessedCriterion { names: name_in(catalogue, &given.code), code: given.code.into(), finding: given.finding.into() }
}

fn figure(rules: &RuleSet, given: MorbidityInput) -> AssessedMorbidity {
    let entry = rules.morbidity.iter().find(|entry| entry.code == given.code);
    AssessedMorbidity {
        names: entry.map(|entry| entry.names.clone()).unwrap_or_default().into(),
        unit: entry.map(|entry| entry.unit.clone()).unwrap_or_default(),
        code: given.code.into(),
        value: given.value.into(),
    }
}
