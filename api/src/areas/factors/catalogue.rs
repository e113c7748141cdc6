//! The catalogue of harmful factors as clients see it.

use async_graphql::{Context, Enum, Object, SimpleObject};
use domain::rule_set;

use crate::graphql::explanation::Provenance;
use crate::graphql::scalars::Decimal;
use crate::language::{Language, LocalizedText};

/// Class of working conditions, from best to worst. Source: hygienic criteria of the attestation of workplaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::grade::ConditionClass")]
pub enum ConditionClass {
    /// Class 1: optimal.
    #[graphql(name = "CLASS_1")]
    C1,
    /// Class 2: permissible.
    #[graphql(name = "CLASS_2")]
    C2,
    /// Class 3.1: harmful, reversible functional changes.
    #[graphql(name = "CLASS_3_1")]
    C31,
    /// Class 3.2: harmful, initial forms of occupational disease.
    #[graphql(name = "CLASS_3_2")]
    C32,
    /// Class 3.3: harmful, light and medium occupational disease.
    #[graphql(name = "CLASS_3_3")]
    C33,
    /// Class 3.4: harmful, severe occupational disease.
    #[graphql(name = "CLASS_3_4")]
    C34,
    /// Class 4: dangerous, injuries and acute disease.
    #[graphql(name = "CLASS_4")]
    C4,
}

/// Group of harmful factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::FactorGroup")]
pub enum FactorGroup {
    /// Chemical substances and dusts with chemical action.
    Chemical,
    /// Noise, vibration, microclimate, light, fields, radiation, dust.
    Physical,
    /// Microorganisms and biological preparations.
    Biological,
    /// Heaviness, intensity and regime of labour.
    Psychophysiological,
}

/// What a limit means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::LimitKind")]
pub enum FactorLimitKind {
    /// The value must not be above the upper bound.
    Maximum,
    /// The value must not be below the lower bound.
    Minimum,
    /// The value must lie between the two bounds.
    Range,
    /// There is no single value: a laboratory protocol gives a class of conditions.
    ClassOnly,
}

/// How the distance of a value from its limit is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::Basis")]
pub enum FactorLimitBasis {
    /// As a difference, in the unit of the factor.
    Excess,
    /// As a ratio: value to limit for an upper bound, limit to value for a lower one.
    Ratio,
}

/// Up to this distance from the limit the conditions are of this class.
#[derive(Clone, Debug, SimpleObject)]
pub struct FactorLimitBand {
    /// Largest distance of the band, inclusive: a difference above 0 or a ratio above 1, by the basis of the limit.
    pub up_to: Decimal,
    /// Class of conditions.
    pub condition_class: ConditionClass,
}

/// A limit and the classes beyond it.
#[derive(Clone, Debug, SimpleObject)]
pub struct FactorLimit {
    /// Lower bound, in the unit of the factor. Null for a maximum.
    pub lower: Option<Decimal>,
    /// Upper bound, in the unit of the factor. Null for a minimum.
    pub upper: Option<Decimal>,
    /// How the distance from the limit is measured.
    pub basis: FactorLimitBasis,
    /// Class within the limit.
    pub within: ConditionClass,
    /// Classes by distance, nearest first; at most five.
    pub bands: Vec<FactorLimitBand>,
    /// Class beyond the last band.
    pub beyond: ConditionClass,
    /// Kind of source of the limit and its bands.
    pub provenance: Provenance,
    /// Citation of the source.
    pub source: String,
}

impl From<&rule_set::Limit> for FactorLimit {
    fn from(limit: &rule_set::Limit) -> Self {
        let band = |band: &rule_set::ClassBand| FactorLimitBand {
            up_to: band.up_to.into(),
            condition_class: band.class.into(),
        };
        Self {
            lower: limit.lower.map(Decimal),
            upper: limit.upper.map(Decimal),
            basis: limit.basis.into(),
            within: limit.within.into(),
            bands: limit.bands.iter().map(band).collect(),
            beyond: limit.beyond.into(),
            provenance: limit.origin.provenance.into(),
            source: limit.origin.source.clone(),
        }
    }
}

/// A harmful factor of the catalogue of a rule set.
#[derive(Clone, Debug)]
pub struct HarmfulFactor(rule_set::HarmfulFactor);

impl From<&rule_set::HarmfulFactor> for HarmfulFactor {
    fn from(entry: &rule_set::HarmfulFactor) -> Self {
        Self(entry.clone())
    }
}

/// A harmful factor of the catalogue of a rule set. Requires permission `reference:read`.
#[Object]
impl HarmfulFactor {
    /// Stable code, such as `NOISE_CONSTANT`.
    async fn code(&self) -> &str {
        self.0.code.as_str()
    }

    /// Name in the language asked for, else in that of the request.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> String {
        LocalizedText::from(self.0.names.clone()).pick(ctx, language)
    }

    /// Name in all three languages.
    async fn names(&self) -> LocalizedText {
        self.0.names.clone().into()
    }

    /// Group.
    async fn group(&self) -> FactorGroup {
        self.0.group.into()
    }

    /// Unit of a measured value, such as `dBA`; a measurement must name exactly this one. Null when only a class of
    /// conditions exists.
    async fn unit(&self) -> Option<&str> {
        self.0.unit.as_deref()
    }

    /// Smallest value a measurement can have, in `unit`. Null: no bound.
    async fn lowest(&self) -> Option<Decimal> {
        self.0.lowest.map(Decimal)
    }

    /// Largest value a measurement can have, in `unit`. Null: no bound.
    async fn highest(&self) -> Option<Decimal> {
        self.0.highest.map(Decimal)
    }

    /// What a limit for this factor means.
    async fn limit_kind(&self) -> FactorLimitKind {
        self.0.limit_kind.into()
    }

    /// The limit and the classes beyond it. Null while none is loaded: then only a class of conditions from a
    /// laboratory protocol is accepted.
    async fn limit(&self) -> Option<FactorLimit> {
        self.0.limit.as_ref().map(FactorLimit::from)
    }

    /// Kind of source of the entry itself.
    async fn provenance(&self) -> Provenance {
        self.0.origin.provenance.into()
    }

    /// Citation of the source of the entry itself.
    async fn source(&self) -> &str {
        &self.0.origin.source
    }
}
