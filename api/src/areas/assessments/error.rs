//! Why an assessment was not computed. Besides code, field and message, an error names the indicator and the catalogue
//! entry it is about, so that a form can show it where it belongs.

use async_graphql::{Enum, SimpleObject};
use domain::localized::Language;
use domain::refusal::{Refusal, RefusalCode};
use domain::rule_set::Indicator;

use crate::areas::reference::RiskIndicator;
use crate::error::{Error, Result};

/// Why an assessment was not computed.
#[derive(Clone, Debug, SimpleObject)]
pub struct AssessmentComputeUserError {
    /// What is wrong, for programs.
    pub code: AssessmentComputeErrorCode,
    /// Path of the argument at fault, from the input object down; empty when the input as a whole is meant.
    pub field: Vec<String>,
    /// What is wrong, for people, in the language of the request.
    pub message: String,
    /// The indicator that cannot be graded. Null when the error is not about one.
    pub indicator: Option<RiskIndicator>,
    /// Code of the harmful factor or catalogue entry the error is about. Null when it is not about one; with
    /// `INDICATOR_MISSING` and `V` null means that the workplace has no factor at all.
    pub catalogue_code: Option<String>,
}

/// Why an assessment was not computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum AssessmentComputeErrorCode {
    /// An input of an indicator is missing; for `V`, a factor of the workplace has no measurement on or before the day.
    IndicatorMissing,
    /// A code is not in the catalogue of the rule set.
    UnknownFactor,
    /// The same catalogue entry is given twice.
    Duplicate,
    /// A grade or figure is outside its range.
    OutOfRange,
    /// The id of the workplace is malformed or of another type.
    IdInvalid,
    /// The day is not a civil date.
    InvalidDate,
    /// A figure is not a decimal number.
    InvalidDecimal,
    /// A figure has more decimals than are kept.
    TooManyDecimals,
    /// The day is after today.
    InFuture,
    /// No rule set was in force on the day.
    UnknownRuleSet,
    /// The workplace does not exist or may not be assessed by the caller.
    NotFound,
    /// The idempotency key is not 1 to 128 visible ASCII characters.
    IdempotencyKeyInvalid,
    /// The idempotency key came with another input before. A new request needs a new key.
    IdempotencyKeyReused,
}

impl AssessmentComputeErrorCode {
    fn of(code: RefusalCode) -> Option<Self> {
        Some(match code {
            RefusalCode::IndicatorMissing => Self::IndicatorMissing,
            RefusalCode::UnknownFactor => Self::UnknownFactor,
            RefusalCode::Duplicate => Self::Duplicate,
            RefusalCode::OutOfRange => Self::OutOfRange,
            RefusalCode::IdInvalid => Self::IdInvalid,
            RefusalCode::InvalidDate => Self::InvalidDate,
            RefusalCode::InvalidDecimal => Self::InvalidDecimal,
            RefusalCode::TooManyDecimals => Self::TooManyDecimals,
            RefusalCode::InFuture => Self::InFuture,
            RefusalCode::UnknownRuleSet => Self::UnknownRuleSet,
            RefusalCode::NotFound => Self::NotFound,
            RefusalCode::IdempotencyKeyInvalid => Self::IdempotencyKeyInvalid,
            RefusalCode::IdempotencyKeyReused => Self::IdempotencyKeyReused,
            _ => return None,
        })
    }
}

/// Refusals as the errors of the mutation. A code that is not declared is a fault of ours.
pub fn user_errors(refusals: &[Refusal], language: Language) -> Result<Vec<AssessmentComputeUserError>> {
    refusals.iter().map(|refusal| user_error(refusal, language)).collect()
}

fn user_error(refusal: &Refusal, language: Language) -> Result<AssessmentComputeUserError> {
    let undeclared = || Error::internal(format!("undeclared refusal {} at {}", refusal.code, refusal.field));
    let parameter = |wanted| refusal.parameters.iter().find(|(name, _)| *name == wanted).map(|(_, value)| &**value);
    let indicator = parameter("indicator").and_then(|name| name.parse::<Indicator>().ok());
    Ok(AssessmentComputeUserError {
        code: AssessmentComputeErrorCode::of(refusal.code).ok_or_else(undeclared)?,
        field: refusal.field.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        message: refusal.message(language),
        indicator: indicator.map(RiskIndicator::from),
        catalogue_code: refusal.entry().map(str::to_owned),
    })
}
