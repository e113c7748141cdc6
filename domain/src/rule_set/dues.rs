//! What follows from a degree: insurance coefficients, guarantees, PPE.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Origin;
use crate::grade::{Degree, Grade};
use crate::ids::{FactorCode, OkedCode};
use crate::localized::Localized;
use crate::named::named;

/// A number with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// The number.
    pub value: Decimal,
    /// Source.
    pub origin: Origin,
}

/// Correction coefficient of the insurance tariff for one degree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coefficient {
    /// Degree.
    pub degree: Degree,
    /// Factor of the tariff, 1 or more.
    pub value: Decimal,
    /// Source.
    pub origin: Origin,
}

/// Rules of accident insurance (ОСНС) that depend on the method; classes and rates are reference tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insurance {
    /// Correction coefficients of the five degrees.
    pub coefficients: Vec<Coefficient>,
    /// Monthly pay of a worker counts up to so many minimum wages (MZP). LAW.
    pub pay_cap_minimum_wages: Parameter,
    /// The premium is at least so many minimum wages (MZP). PRACTICE.
    pub least_premium_minimum_wages: Parameter,
    /// Longest term of a contract, months. LAW.
    pub contract_months: Parameter,
}

named! {
    /// The six social guarantees. DECK.
    pub enum GuaranteeKind {
        /// Occupational pension contributions (ОППВ).
        PensionContributions = "pension_contributions",
        /// Reduced working time.
        ReducedWorkingTime = "reduced_working_time",
        /// Additional paid leave.
        AdditionalLeave = "additional_leave",
        /// Therapeutic and preventive nutrition.
        TherapeuticNutrition = "therapeutic_nutrition",
        /// Milk or equal products.
        Milk = "milk",
        /// Raised pay.
        RaisedPay = "raised_pay",
    }
}

named! {
    /// Unit of a guarantee.
    pub enum GuaranteeUnit {
        /// Per cent of the worker's income.
        PercentOfIncome = "percent_of_income",
        /// Hours of work a week.
        HoursPerWeek = "hours_per_week",
        /// Calendar days a year.
        DaysPerYear = "days_per_year",
        /// Rations a shift.
        RationsPerShift = "rations_per_shift",
        /// Litres a shift.
        LitresPerShift = "litres_per_shift",
        /// Factor of the pay.
        PayCoefficient = "pay_coefficient",
    }
}

named! {
    /// Which way a guarantee grows.
    pub enum Direction {
        /// A larger number is a larger guarantee.
        More = "more",
        /// A smaller number is a larger guarantee (working hours).
        Less = "less",
    }
}

/// A guarantee at one degree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuaranteeStep {
    /// Degree.
    pub degree: Degree,
    /// Whether the degree gives anything beyond the ordinary.
    pub granted: bool,
    /// Least amount; `None` when a formula gives it.
    pub min: Option<Decimal>,
    /// Largest amount; `None` when a formula gives it.
    pub max: Option<Decimal>,
    /// Source.
    pub origin: Origin,
}

/// A guarantee at the five degrees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuaranteeRow {
    /// Which guarantee.
    pub kind: GuaranteeKind,
    /// Name.
    pub names: Localized,
    /// Unit of the amounts.
    pub unit: GuaranteeUnit,
    /// Which way it grows.
    pub direction: Direction,
    /// The five degrees.
    pub degrees: Vec<GuaranteeStep>,
}

/// A sector of raised pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sector {
    /// Stable code, for example `CONSTRUCTION`.
    pub code: String,
    /// Name.
    pub names: Localized,
    /// OKED prefixes of the sector; the longest prefix of all sectors wins.
    pub oked: Vec<OkedCode>,
    /// Sector coefficient D1 of the formula, 1 or more.
    pub d1: Parameter,
    /// Raising coefficient D2 of the formula, 1 or more.
    pub d2: Parameter,
}

/// Coefficient of raised pay: K = (1 + ((A−1)/divisor)·(D1−1))·D2/D1, A the degree. PRACTICE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayFormula {
    /// The divisor of A−1.
    pub divisor: Decimal,
    /// Decimals of K, rounded half up.
    pub scale: u32,
    /// Source of the formula.
    pub origin: Origin,
    /// Sectors with D1 and D2.
    pub sectors: Vec<Sector>,
}

/// One item of PPE due for a factor at a degree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PpeNorm {
    /// Harmful factor.
    pub factor: FactorCode,
    /// Degree of the workplace.
    pub degree: Degree,
    /// Stable code of the item, for example `EAR_PLUGS`.
    pub item: FactorCode,
    /// Name of the item.
    pub names: Localized,
    /// Source.
    pub origin: Origin,
}

/// PPE by harmful factor and degree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PpeMatrix {
    /// Least grade of a factor at which it calls for PPE.
    pub from_grade: Grade,
    /// Least degree of a workplace at which PPE is chosen.
    pub from_degree: Degree,
    /// Source of the two thresholds.
    pub origin: Origin,
    /// Norms.
    pub norms: Vec<PpeNorm>,
}
