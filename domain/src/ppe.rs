//! Personal protective equipment by harmful factor and degree of risk, not by profession (DECK).

use serde::{Deserialize, Serialize};

use crate::grade::{Degree, Grade};
use crate::ids::FactorCode;
use crate::localized::Localized;
use crate::provenance::Provenance;
use crate::rule_set::{Origin, PpeNorm, RuleSet};
use crate::trace::Step;

/// A harmful factor of a workplace with its grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PpeFactor {
    /// The factor.
    pub factor: FactorCode,
    /// Its grade at the workplace.
    pub grade: Grade,
}

/// An item of PPE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PpeItem {
    /// Stable code, for example `EAR_PLUGS`.
    pub code: FactorCode,
    /// Name.
    pub names: Localized,
    /// Source of the norm.
    pub origin: Origin,
}

/// What a factor calls for at the degree of the workplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PpeDue {
    /// The harmful factor.
    pub factor: FactorCode,
    /// Degree of the workplace.
    pub degree: Degree,
    /// The item; `None` when no norm is loaded for the factor at this degree: a gap to be filled, not "nothing due".
    pub item: Option<PpeItem>,
    /// Why.
    pub trace: Vec<Step>,
}

impl PpeDue {
    /// Whether a norm is missing (`NORM_NOT_LOADED`).
    pub fn norm_not_loaded(&self) -> bool {
        self.item.is_none()
    }
}

/// PPE due at a workplace: one entry per item, and one gap per factor that calls for PPE but has no norm.
///
/// Factors below the grade from which PPE is chosen, and workplaces below the degree, call for nothing.
/// A factor named twice counts once, with its worse grade.
pub fn due(rules: &RuleSet, factors: &[PpeFactor], degree: Degree) -> Vec<PpeDue> {
    let mut dues = Vec::new();
    if degree < rules.ppe.from_degree {
        return dues;
    }
    let mut done: Vec<&FactorCode> = Vec::new();
    for factor in factors.iter().filter(|factor| factor.grade >= rules.ppe.from_grade) {
        if done.contains(&&factor.factor) {
            continue;
        }
        done.push(&factor.factor);
        let fits = |norm: &&PpeNorm| norm.factor == factor.factor && norm.degree == degree;
        let before = dues.len();
        dues.extend(rules.ppe.norms.iter().filter(fits).map(item_due));
        if dues.len() == before {
            dues.push(gap(&factor.factor, degree));
        }
    }
    dues
}

fn item_due(norm: &PpeNorm) -> PpeDue {
    let item = PpeItem { code: norm.item.clone(), names: norm.names.clone(), origin: norm.origin.clone() };
    let expression = format!("degree {}", norm.degree);
    let step = Step::new(format!("PPE:{}", norm.factor), expression, &norm.item, norm.origin.provenance);
    PpeDue { factor: norm.factor.clone(), degree: norm.degree, item: Some(item), trace: vec![step] }
}

fn gap(factor: &FactorCode, degree: Degree) -> PpeDue {
    let code = format!("PPE:{factor}");
    let step = Step::new(code, format!("degree {degree}"), "NORM_NOT_LOADED", Provenance::Provisional);
    PpeDue { factor: factor.clone(), degree, item: None, trace: vec![step] }
}
