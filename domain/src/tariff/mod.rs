//! Accident insurance (ОСНС): activity → class of professional risk → rate → correction by degree → premium.
//!
//! Rates are not monotone in the class number (13 → 1.29, 14 → 1.55, 16 → 1.17), so nothing is interpolated: a class
//! without a loaded rate is an answer of its own. With several activities the highest *rate* counts, not the class.

mod choose;
mod premium;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use choose::choose;
pub use premium::{corrected_rate, premium};

use crate::grade::Degree;
use crate::ids::OkedCode;
use crate::rule_set::Origin;
use crate::trace::Step;

/// A row that maps activities to a class of professional risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityClass {
    /// The activities that begin with this code; the longest prefix wins.
    pub oked_prefix: OkedCode,
    /// Class of professional risk, 1..=22.
    pub class: u8,
    /// Smallest headcount of the row, inclusive; `None`: any.
    pub headcount_min: Option<u32>,
    /// Largest headcount of the row, inclusive; `None`: any.
    pub headcount_max: Option<u32>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; `None` while open.
    pub valid_to: Option<NaiveDate>,
    /// Source.
    pub origin: Origin,
}

/// The rate of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassRate {
    /// Class of professional risk, 1..=22.
    pub class: u8,
    /// Rate, per cent of payroll.
    pub rate_percent: Decimal,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; `None` while open.
    pub valid_to: Option<NaiveDate>,
    /// Source.
    pub origin: Origin,
}

/// Minimum wage and monthly index of a year, tenge. LAW on the republican budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minimum {
    /// Calendar year.
    pub year: i32,
    /// Minimum wage (МЗП), tenge a month.
    pub mzp: Decimal,
    /// Monthly calculation index (МРП), tenge.
    pub mrp: Decimal,
    /// Source.
    pub origin: Origin,
}

/// The loaded tables of accident insurance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TariffTable {
    /// Activities and their classes.
    pub classes: Vec<ActivityClass>,
    /// Classes and their rates.
    pub rates: Vec<ClassRate>,
    /// Minimum wages by year.
    pub minimums: Vec<Minimum>,
}

impl TariffTable {
    /// The minimum wage in force on a day; `None` when the year is not loaded.
    pub fn minimum_on(&self, day: NaiveDate) -> Option<&Minimum> {
        self.minimums.iter().find(|row| row.year == day.year())
    }

    /// The class row of one activity: among rows valid on the day that admit the headcount, the longest prefix,
    /// then a row with a headcount band before one without, then the latest. `None` when no row covers it.
    pub fn class_of(&self, activity: &OkedCode, headcount: u32, on: NaiveDate) -> Option<&ActivityClass> {
        let fits = |row: &&ActivityClass| {
            row.oked_prefix.is_prefix_of(activity)
                && valid(row.valid_from, row.valid_to, on)
                && row.headcount_min.is_none_or(|min| headcount >= min)
                && row.headcount_max.is_none_or(|max| headcount <= max)
        };
        self.classes.iter().filter(fits).max_by_key(|row| {
            let banded = row.headcount_min.is_some() || row.headcount_max.is_some();
            (row.oked_prefix.specificity(), banded, row.valid_from)
        })
    }

    /// The rate of a class on a day, the latest if rows overlap; `None` when it is not loaded.
    pub fn rate_of(&self, class: u8, on: NaiveDate) -> Option<&ClassRate> {
        let fits = |row: &&ClassRate| row.class == class && valid(row.valid_from, row.valid_to, on);
        self.rates.iter().filter(fits).max_by_key(|row| row.valid_from)
    }
}

fn valid(from: NaiveDate, to: Option<NaiveDate>, on: NaiveDate) -> bool {
    from <= on && to.is_none_or(|to| on <= to)
}

/// Class and rate of one activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityTariff {
    /// The activity.
    pub oked: OkedCode,
    /// Its class of professional risk.
    pub class: u8,
    /// The rate of the class, per cent of payroll.
    pub rate_percent: Decimal,
    /// The row that gave the class.
    pub class_origin: Origin,
    /// The row that gave the rate.
    pub rate_origin: Origin,
}

/// The tariff of an enterprise before correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TariffChoice {
    /// The activity with the highest rate; the main one on equal rates.
    pub chosen: ActivityTariff,
    /// All activities with a class, the main one first.
    pub activities: Vec<ActivityTariff>,
    /// Secondary activities without a class row: they could raise the rate once their rows are imported.
    pub unresolved: Vec<OkedCode>,
    /// The arithmetic.
    pub trace: Vec<Step>,
}

/// A rate after correction by degree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectedTariff {
    /// Rate of the class, per cent of payroll.
    pub base_percent: Decimal,
    /// Degree of the enterprise.
    pub degree: Degree,
    /// Correction coefficient of the degree.
    pub coefficient: Decimal,
    /// Product, per cent of payroll, exact.
    pub result_percent: Decimal,
    /// The arithmetic.
    pub trace: Vec<Step>,
}

/// Workers with the same monthly pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayBand {
    /// Number of workers.
    pub workers: u32,
    /// Pay of each, tenge a month.
    pub monthly_pay: Decimal,
}

/// Payroll that is insured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payroll {
    /// Workers by pay; a band of one worker each is a list by person.
    pub bands: Vec<PayBand>,
    /// Months of the contract.
    pub months: u8,
}

/// Insurance premium of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Premium {
    /// Premium, tenge, two decimals, rounded half up.
    pub amount: Decimal,
    /// Payroll that counts, tenge for the whole contract.
    pub counted_payroll: Decimal,
    /// Most that counts of one worker's pay, tenge a month.
    pub cap_per_worker: Decimal,
    /// Whether the least premium was applied.
    pub minimum_applied: bool,
    /// The arithmetic.
    pub trace: Vec<Step>,
}

/// Why a tariff or premium cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffFault {
    /// No row gives a class for the activity.
    #[error("no class of professional risk is loaded for activity {oked}")]
    ActivityClassNotLoaded {
        /// The activity.
        oked: OkedCode,
    },
    /// No row gives a rate for the class. Also for a secondary activity: the highest rate would be a guess.
    #[error("no rate is loaded for class {class}")]
    RateNotLoaded {
        /// The class.
        class: u8,
    },
    /// The rule set has no coefficient; impossible in a validated rule set.
    #[error("no coefficient is loaded for degree {degree}")]
    CoefficientNotLoaded {
        /// The degree.
        degree: Degree,
    },
    /// A rate that is not above 0 and at most 100 per cent.
    #[error("a rate of {rate_percent} % is impossible")]
    RateOutOfRange {
        /// The rate.
        rate_percent: Decimal,
    },
    /// A negative pay.
    #[error("a monthly pay of {monthly_pay} is impossible")]
    PayOutOfRange {
        /// The pay, tenge.
        monthly_pay: Decimal,
    },
    /// A contract without months or longer than the law allows.
    #[error("a contract of {months} months is not between 1 and {longest}")]
    MonthsOutOfRange {
        /// Months of the payroll.
        months: u8,
        /// Longest contract, months.
        longest: Decimal,
    },
    /// Sums beyond what a decimal holds.
    #[error("the payroll is too large")]
    PayrollTooLarge,
}
