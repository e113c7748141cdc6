//! What clients see of personal protective equipment.

use async_graphql::{Context, Object, SimpleObject};
use domain::grade::Level;
use domain::localized::Localized;
use domain::rule_set::Origin;

use crate::areas::enterprises::RiskLevel;
use crate::graphql::explanation::{Explanation, Provenance};
use crate::language::{Language, LocalizedText, pick};

/// An item of personal protective equipment that a factor calls for.
pub struct PpeItem {
    pub(super) factor_code: String,
    pub(super) factor_names: Localized,
    pub(super) item_code: String,
    pub(super) names: Localized,
    pub(super) protection: Level,
    pub(super) origin: Origin,
}

/// An item of personal protective equipment that a factor calls for. Requires permission `ppe_due:read`.
#[Object]
impl PpeItem {
    /// Code of the harmful factor in the catalogue of the rule set.
    async fn factor_code(&self) -> &str {
        &self.factor_code
    }

    /// Name of the factor in the language asked for, else in that of the request.
    async fn factor_name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> &str {
        pick(self.factor_names.as_str(), ctx, language)
    }

    /// Stable code of the item, such as `EAR_PLUGS`.
    async fn item_code(&self) -> &str {
        &self.item_code
    }

    /// Name of the item in the language asked for, else in that of the request.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> &str {
        pick(self.names.as_str(), ctx, language)
    }

    /// Name of the item in all three languages.
    async fn names(&self) -> LocalizedText {
        self.names.clone().into()
    }

    /// Level of protection the item must give, by the degree of the workplace: D minimal, C medium, B high, A maximal.
    async fn protection_level(&self) -> RiskLevel {
        self.protection.into()
    }

    /// Kind of source the norm rests on.
    async fn provenance(&self) -> Provenance {
        self.origin.provenance.into()
    }

    /// Citation of the source.
    async fn source(&self) -> &str {
        &self.origin.source
    }
}

/// Personal protective equipment due at a workplace, by its harmful factors and its degree of risk, not by profession.
/// Requires permission `ppe_due:read`.
#[derive(SimpleObject)]
pub struct WorkplacePpe {
    /// Degree of professional risk the items are chosen for, 1 (acceptable) to 5 (very high).
    pub degree: i32,
    /// Items due, in the order of the factors; empty when the degree or the factors call for none. At most a few per
    /// factor.
    pub items: Vec<PpeItem>,
    /// Codes of the factors that call for equipment while no norm is loaded for this degree. They are gaps of the rule
    /// set to be filled: not a statement that nothing is due.
    pub gaps: Vec<String>,
    /// How the items were chosen.
    pub explanation: Explanation,
}
