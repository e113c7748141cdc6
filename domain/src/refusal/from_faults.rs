//! Faults of the rules as refusals of a mutation.

use super::messages::{NO_ENTRY, NO_FACTOR};
use super::{Refusal, RefusalCode};
use crate::factors::FactorFault;
use crate::ids::CodeError;
use crate::risk::InputFault;
use crate::rule_set::Indicator;
use crate::tariff::TariffFault;

impl From<CodeError> for Refusal {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Length { expected, found } => {
                Self::new(RefusalCode::InvalidLength).with("expected", expected).with("found", found)
            }
            CodeError::NotDigits => Self::new(RefusalCode::NotDigits),
            CodeError::Checksum => Self::new(RefusalCode::InvalidChecksum),
            CodeError::Structure(part) => Self::new(RefusalCode::InvalidStructure).with("part", part),
        }
    }
}

/// A bound in a message: a missing one is infinite.
fn bound(value: Option<impl ToString>) -> String {
    value.map_or_else(|| String::from("∞"), |value| value.to_string())
}

impl From<FactorFault> for Refusal {
    fn from(fault: FactorFault) -> Self {
        match fault {
            FactorFault::UnknownFactor { factor } => Self::new(RefusalCode::UnknownFactor).with("value", factor),
            FactorFault::UnitMismatch { expected, found } => {
                Self::new(RefusalCode::UnitMismatch).with("expected", expected).with("found", found)
            }
            FactorFault::LimitNotLoaded { factor } => Self::new(RefusalCode::LimitNotLoaded).with("value", factor),
            FactorFault::ValueOutOfRange { value, lowest, highest } => {
                let min = lowest.map_or_else(|| String::from("-∞"), |low| low.to_string());
                Self::new(RefusalCode::OutOfRange).with("min", min).with("max", bound(highest)).with("value", value)
            }
            FactorFault::ShiftNotApplicable { factor } => {
                Self::new(RefusalCode::ObservationNotAccepted).with("value", factor)
            }
            FactorFault::NoExposure => Self::new(RefusalCode::Required),
            FactorFault::ShiftTooLong { minutes, longest } => {
                Self::new(RefusalCode::OutOfRange).with("min", 1).with("max", longest).with("value", minutes)
            }
            FactorFault::GradeNotLoaded { class } => Self::new(RefusalCode::UnknownRuleSet).with("value", class),
        }
    }
}

impl From<InputFault> for Refusal {
    fn from(fault: InputFault) -> Self {
        match fault {
            InputFault::Missing { indicator, code } => {
                let nothing = if indicator == Indicator::V { NO_FACTOR } else { NO_ENTRY };
                Self::new(RefusalCode::IndicatorMissing)
                    .with("indicator", indicator)
                    .with("code", code.map_or_else(|| nothing.to_owned(), String::from))
            }
            InputFault::Unknown { code, .. } => Self::new(RefusalCode::UnknownFactor).with("value", code),
            InputFault::Duplicate { code, .. } => Self::new(RefusalCode::Duplicate).with("value", code),
            InputFault::OutOfRange { value, lowest, highest, .. } => {
                Self::new(RefusalCode::OutOfRange).with("min", lowest).with("max", bound(highest)).with("value", value)
            }
            InputFault::AlwaysApplies { code, .. } => {
                Self::new(RefusalCode::ObservationNotAccepted).with("value", code)
            }
            InputFault::RuleSetIncomplete(part) => Self::new(RefusalCode::UnknownRuleSet).with("value", part),
        }
    }
}

impl From<TariffFault> for Refusal {
    fn from(fault: TariffFault) -> Self {
        match fault {
            TariffFault::ActivityClassNotLoaded { oked } => {
                Self::new(RefusalCode::ActivityClassNotLoaded).with("value", oked)
            }
            TariffFault::RateNotLoaded { class } => Self::new(RefusalCode::TariffRateNotLoaded).with("class", class),
            TariffFault::CoefficientNotLoaded { degree } => {
                Self::new(RefusalCode::UnknownRuleSet).with("value", degree)
            }
            TariffFault::RateOutOfRange { rate_percent } => {
                Self::new(RefusalCode::OutOfRange).with("min", 0).with("max", 100).with("value", rate_percent)
            }
            TariffFault::PayOutOfRange { monthly_pay } => Self::new(RefusalCode::Negative).with("value", monthly_pay),
            TariffFault::MonthsOutOfRange { months, longest } => {
                Self::new(RefusalCode::OutOfRange).with("min", 1).with("max", longest).with("value", months)
            }
            TariffFault::PayrollTooLarge => Self::new(RefusalCode::OutOfRange).with("min", 0).with("max", "∞"),
        }
    }
}
