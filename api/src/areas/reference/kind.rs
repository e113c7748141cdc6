//! The kinds of reference rows.

use async_graphql::Enum;

/// What a row of reference data is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum ReferenceKind {
    /// Administrative territorial unit; code: KATO. Attributes: `level`.
    Territory,
    /// Economic activity; code: OKED. Attributes: `level`, `section`.
    Activity,
    /// Class of professional risk of an activity; code: OKED prefix, and the headcount band where there are several.
    /// Attributes: `oked_prefix`, `risk_class`, `headcount_min`, `headcount_max`.
    ActivityClass,
    /// Insurance rate of a class; code: class 1..22. Attributes: `rate_percent`.
    TariffRate,
    /// Minimum wage and monthly calculation index; code: year. Attributes: `mzp`, `mrp`, tenge.
    MinimumWage,
    /// Profession. Attributes: `oked_sections`, `harmful_factors`.
    Profession,
}

impl ReferenceKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Territory, Self::Activity, Self::ActivityClass, Self::TariffRate, Self::MinimumWage, Self::Profession];

    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Territory => "territory",
            Self::Activity => "activity",
            Self::ActivityClass => "activity_class",
            Self::TariffRate => "tariff_rate",
            Self::MinimumWage => "minimum_wage",
            Self::Profession => "profession",
        }
    }
}
