//! The rules as clients see them.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use domain::rule_set;

use crate::areas::reference::catalogue::{
    CatalogueEntry, ConditionClass, FactorGroup, GradeBands, HarmfulFactor, MorbidityInputRule,
};
use crate::areas::reference::dues::{self, DegreeRule, GuaranteeRule, RiskIndicatorName, WeightedTerm};
use crate::graphql::Ask;
use crate::graphql::explanation::{Origin, Provenance};
use crate::graphql::scalars::Date;
use crate::language::LocalizedText;

/// Where a rule set is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::RuleSetStatus")]
pub enum RuleSetStatus {
    /// Being prepared or discussed; never used for stored assessments.
    Draft,
    /// In force from its first day.
    InForce,
    /// Replaced; kept to recompute what was scored with it.
    Retired,
}

/// Name and grade of a class of working conditions.
#[derive(Clone, Debug, SimpleObject)]
pub struct ClassGrade {
    /// The class.
    pub condition_class: ConditionClass,
    /// Grade of a factor of this class, 1 (best) to 5 (worst).
    pub grade: i32,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// Kind of source of the grade.
    pub provenance: Provenance,
    /// Citation of the source of the grade.
    pub source: String,
}

/// All rules of the method that were in force together.
pub struct RuleSet(Arc<rule_set::RuleSet>);

impl From<Arc<rule_set::RuleSet>> for RuleSet {
    fn from(rules: Arc<rule_set::RuleSet>) -> Self {
        Self(rules)
    }
}

/// All rules of the method that were in force together. Requires permission `reference:read`.
#[Object]
impl RuleSet {
    /// Stable code; every stored score names it.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name in all three languages.
    async fn names(&self) -> LocalizedText {
        self.0.names.clone().into()
    }

    /// Where it is in its life.
    async fn status(&self) -> RuleSetStatus {
        self.0.status.into()
    }

    /// First day.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Last day. Null while open.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    /// Kind of source of the rule set as a whole.
    async fn provenance(&self) -> Provenance {
        self.0.origin.provenance.into()
    }

    /// Citation of the source of the rule set as a whole.
    async fn source(&self) -> &str {
        &self.0.origin.source
    }

    /// SHA-256 of the rule set as it was loaded, hexadecimal: two servers with the same hash compute the same scores.
    /// Null when the rule set is no longer loaded.
    async fn content_sha256(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.app().library.book().sha256_of(&self.0.code).map(str::to_owned)
    }

    /// The five indicators with their names.
    async fn indicators(&self) -> Vec<RiskIndicatorName> {
        let name = |row: &rule_set::IndicatorName| RiskIndicatorName {
            indicator: row.indicator.into(),
            names: row.names.clone().into(),
        };
        self.0.indicators.iter().map(name).collect()
    }

    /// Terms of the formula of PR; at most five.
    async fn weights(&self) -> Vec<WeightedTerm> {
        self.0.weights.terms.iter().map(WeightedTerm::from).collect()
    }

    /// The formula of PR as people write it: `PR = 0.7*(V+T)/2 + 0.2*(OB+SIZ)/2 + 0.1*Z`.
    async fn formula(&self) -> String {
        dues::formula(&self.0.weights)
    }

    /// Source of the formula.
    async fn formula_origin(&self) -> Origin {
        self.0.weights.origin.clone().into()
    }

    /// Harmful factors, inputs of V; at most one hundred, thirty in the first rule set.
    async fn harmful_factors(
        &self,
        #[graphql(desc = "Only factors of this group; all when absent.")] group: Option<FactorGroup>,
    ) -> Vec<HarmfulFactor> {
        let group = group.map(rule_set::FactorGroup::from);
        let of_group = |factor: &&rule_set::HarmfulFactor| group.is_none_or(|group| factor.group == group);
        self.0.harmful.iter().filter(of_group).map(HarmfulFactor::from).collect()
    }

    /// Mechanical factors, inputs of T; at most one hundred, ten in the first rule set.
    async fn mechanical_factors(&self) -> Vec<CatalogueEntry> {
        self.0.mechanical.iter().map(CatalogueEntry::from).collect()
    }

    /// Criteria of equipment safety, inputs of OB; at most one hundred, ten in the first rule set.
    async fn equipment_criteria(&self) -> Vec<CatalogueEntry> {
        self.0.equipment.iter().map(CatalogueEntry::from).collect()
    }

    /// Share of applicable equipment criteria that are not met, per cent, and the grade of OB it gives.
    async fn equipment_grades(&self) -> GradeBands {
        (&self.0.equipment_bands).into()
    }

    /// Criteria of provision with personal protective equipment, inputs of SIZ; at most one hundred, three in the first
    /// rule set.
    async fn ppe_criteria(&self) -> Vec<CatalogueEntry> {
        self.0.ppe_criteria.iter().map(CatalogueEntry::from).collect()
    }

    /// Grades of SIZ for none, one, two … criteria not met; the last one also for more.
    async fn ppe_grades(&self) -> Vec<i32> {
        self.0.ppe_grades.by_count.iter().map(|grade| grade.get().into()).collect()
    }

    /// Morbidity inputs of Z; at most one hundred, three in the first rule set.
    async fn morbidity_inputs(&self) -> Vec<MorbidityInputRule> {
        self.0.morbidity.iter().map(MorbidityInputRule::from).collect()
    }

    /// The seven classes of working conditions with their grades.
    async fn class_grades(&self) -> Vec<ClassGrade> {
        let grade = |row: &rule_set::ClassGrade| ClassGrade {
            condition_class: row.class.into(),
            grade: row.grade.get().into(),
            names: row.names.clone().into(),
            provenance: row.origin.provenance.into(),
            source: row.origin.source.clone(),
        };
        self.0.class_grades.iter().map(grade).collect()
    }

    /// The five degrees, best first: name, band of PR, level, protection, insurance coefficient.
    async fn degrees(&self) -> Vec<DegreeRule> {
        dues::degrees(&self.0)
    }

    /// The six guarantees at the five degrees.
    async fn guarantees(&self) -> Vec<GuaranteeRule> {
        self.0.guarantees.iter().map(GuaranteeRule::from).collect()
    }
}
