//! The catalogues of a rule set: what is measured, graded, checked and counted.

use async_graphql::{ComplexObject, Context, Enum, SimpleObject};
use domain::grade;
use domain::rule_set;

use crate::graphql::explanation::Provenance;
use crate::graphql::scalars::Decimal;
use crate::language::{Language, LocalizedText, pick};

/// Class of working conditions of a factor, by the hygienic classification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "grade::ConditionClass")]
pub enum ConditionClass {
    /// Class 1: optimal.
    #[graphql(name = "CLASS_1")]
    C1,
    /// Class 2: permissible, within the limit.
    #[graphql(name = "CLASS_2")]
    C2,
    /// Class 3.1: harmful, first step.
    #[graphql(name = "CLASS_3_1")]
    C31,
    /// Class 3.2: harmful, second step.
    #[graphql(name = "CLASS_3_2")]
    C32,
    /// Class 3.3: harmful, third step.
    #[graphql(name = "CLASS_3_3")]
    C33,
    /// Class 3.4: harmful, fourth step.
    #[graphql(name = "CLASS_3_4")]
    C34,
    /// Class 4: dangerous.
    #[graphql(name = "CLASS_4")]
    C4,
}

/// Group of harmful factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::FactorGroup")]
pub enum FactorGroup {
    /// Substances in the air, aerosols.
    Chemical,
    /// Noise, vibration, radiation, climate, light.
    Physical,
    /// Microorganisms and biological substances.
    Biological,
    /// Heaviness, intensity and regime of labour.
    Psychophysiological,
}

/// What a limit of a factor means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::LimitKind")]
pub enum LimitKind {
    /// The value must not be above.
    Maximum,
    /// The value must not be below.
    Minimum,
    /// The value must lie between two bounds.
    Range,
    /// A protocol of an expert procedure gives a class; there is no single value.
    ClassOnly,
}

/// How the distance of a value from its limit is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::Basis")]
pub enum LimitBasis {
    /// A difference in the unit of the factor.
    Excess,
    /// A ratio: value to limit for a maximum, limit to value for a minimum.
    Ratio,
}

/// Up to this distance from the limit, inclusive, the conditions are of this class.
#[derive(Clone, Debug, SimpleObject)]
pub struct LimitBand {
    /// Largest distance: a difference above 0 or a ratio above 1, by the `basis` of the limit.
    pub up_to: Decimal,
    /// Class of working conditions.
    pub condition_class: ConditionClass,
}

/// A limit of a harmful factor and the classes beyond it.
#[derive(Clone, Debug, SimpleObject)]
pub struct FactorLimit {
    /// Lower bound in the unit of the factor. Null when there is none.
    pub lower: Option<Decimal>,
    /// Upper bound in the unit of the factor. Null when there is none.
    pub upper: Option<Decimal>,
    /// How the distance from the limit is measured.
    pub basis: LimitBasis,
    /// Class within the limit.
    pub within: ConditionClass,
    /// Classes by distance, ascending; at most five.
    pub bands: Vec<LimitBand>,
    /// Class beyond the last band.
    pub beyond: ConditionClass,
    /// Kind of source of the limit and its bands.
    pub provenance: Provenance,
    /// Citation of the source of the limit and its bands.
    pub source: String,
}

/// A harmful factor: an input of the indicator V.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct HarmfulFactor {
    /// Stable code, such as `NOISE_CONSTANT`.
    pub code: String,
    /// Group.
    pub group: FactorGroup,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// Unit of a measured value, such as `dBA`. Null when only a class exists.
    pub unit: Option<String>,
    /// Smallest value a measurement can have. Null when there is no bound.
    pub lowest: Option<Decimal>,
    /// Largest value a measurement can have. Null when there is no bound.
    pub highest: Option<Decimal>,
    /// What a limit for this factor means.
    pub limit_kind: LimitKind,
    /// The limit. Null until it is imported: then only a class from a laboratory protocol is accepted.
    pub limit: Option<FactorLimit>,
    /// Kind of source of the entry itself.
    pub provenance: Provenance,
    /// Citation of the source of the entry itself.
    pub source: String,
}

/// A mechanical factor or a criterion that is graded or checked, not measured.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct CatalogueEntry {
    /// Stable code.
    pub code: String,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// Kind of source.
    pub provenance: Provenance,
    /// Citation of the source.
    pub source: String,
}

/// Up to this value, inclusive, the grade is this.
#[derive(Clone, Debug, SimpleObject)]
pub struct GradeBand {
    /// Largest value of the band.
    pub up_to: Decimal,
    /// Grade, 1 (best) to 5 (worst).
    pub grade: i32,
}

/// Grades of a number by ascending bands.
#[derive(Clone, Debug, SimpleObject)]
pub struct GradeBands {
    /// Bands, ascending; at most five.
    pub bands: Vec<GradeBand>,
    /// Grade beyond the last band, 1 (best) to 5 (worst).
    pub beyond: i32,
    /// Kind of source.
    pub provenance: Provenance,
    /// Citation of the source.
    pub source: String,
}

/// A morbidity input of the indicator Z.
#[derive(Clone, Debug, SimpleObject)]
pub struct MorbidityInputRule {
    /// Stable code.
    pub code: String,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// Unit of the value, such as `days/100`.
    pub unit: String,
    /// Smallest possible value.
    pub lowest: Decimal,
    /// Largest possible value. Null when there is no bound.
    pub highest: Option<Decimal>,
    /// Grades of the value.
    pub grades: GradeBands,
    /// Kind of source of the entry itself.
    pub provenance: Provenance,
    /// Citation of the source of the entry itself.
    pub source: String,
}

impl From<&rule_set::Limit> for FactorLimit {
    fn from(limit: &rule_set::Limit) -> Self {
        let band =
            |band: &rule_set::ClassBand| LimitBand { up_to: band.up_to.into(), condition_class: band.class.into() };
        Self {
            lower: limit.lower.map(Into::into),
            upper: limit.upper.map(Into::into),
            basis: limit.basis.into(),
            within: limit.within.into(),
            bands: limit.bands.iter().map(band).collect(),
            beyond: limit.beyond.into(),
            provenance: limit.origin.provenance.into(),
            source: limit.origin.source.clone(),
        }
    }
}

#[ComplexObject]
impl HarmfulFactor {
    /// Name in the language asked for, else in that of the request.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> &str {
        pick(self.names.as_str(), ctx, language)
    }
}

impl From<&rule_set::HarmfulFactor> for HarmfulFactor {
    fn from(factor: &rule_set::HarmfulFactor) -> Self {
        Self {
            code: factor.code.to_string(),
            group: factor.group.into(),
            names: factor.names.clone().into(),
            unit: factor.unit.clone(),
            lowest: factor.lowest.map(Into::into),
            highest: factor.highest.map(Into::into),
            limit_kind: factor.limit_kind.into(),
            limit: factor.limit.as_ref().map(FactorLimit::from),
            provenance: factor.origin.provenance.into(),
            source: factor.origin.source.clone(),
        }
    }
}

#[ComplexObject]
impl CatalogueEntry {
    /// Name in the language asked for, else in that of the request.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> &str {
        pick(self.names.as_str(), ctx, language)
    }
}

impl From<&rule_set::CatalogueEntry> for CatalogueEntry {
    fn from(entry: &rule_set::CatalogueEntry) -> Self {
        Self {
            code: entry.code.to_string(),
            names: entry.names.clone().into(),
            provenance: entry.origin.provenance.into(),
            source: entry.origin.source.clone(),
        }
    }
}

impl From<&rule_set::GradeBands> for GradeBands {
    fn from(bands: &rule_set::GradeBands) -> Self {
        let band = |band: &rule_set::GradeBand| GradeBand { up_to: band.up_to.into(), grade: band.grade.get().into() };
        Self {
            bands: bands.bands.iter().map(band).collect(),
            beyond: bands.beyond.get().into(),
            provenance: bands.origin.provenance.into(),
            source: bands.origin.source.clone(),
        }
    }
}

impl From<&rule_set::MorbidityIndicator> for MorbidityInputRule {
    fn from(input: &rule_set::MorbidityIndicator) -> Self {
        Self {
            code: input.code.to_string(),
            names: input.names.clone().into(),
            unit: input.unit.clone(),
            lowest: input.lowest.into(),
            highest: input.highest.map(Into::into),
            grades: (&input.grades).into(),
            provenance: input.origin.provenance.into(),
            source: input.origin.source.clone(),
        }
    }
}
