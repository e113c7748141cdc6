//! Why a well-formed request was refused: one closed list of codes, shared by mutations and imports.
//!
//! A refusal names the field, keeps the refused value where that is harmless, and has its text in three languages.

mod from_faults;
mod messages;

use crate::localized::{Language, Localized};
use crate::named::named;

named! {
    /// The closed list of reasons. The text is the code that clients program against.
    pub enum RefusalCode {
        /// A required value is missing.
        Required = "REQUIRED",
        /// Text longer than allowed. Parameters: max.
        TooLong = "TOO_LONG",
        /// A code of the wrong length. Parameters: expected, found.
        InvalidLength = "INVALID_LENGTH",
        /// A code with something else than digits.
        NotDigits = "NOT_DIGITS",
        /// A code whose check digit is wrong.
        InvalidChecksum = "INVALID_CHECKSUM",
        /// A code with an impossible part. Parameters: part.
        InvalidStructure = "INVALID_STRUCTURE",
        /// Text that is not a value of its type (number, date, name of a list). Parameters: expected.
        InvalidFormat = "INVALID_FORMAT",
        /// An id that is malformed or of another type. Parameters: expected.
        IdInvalid = "ID_INVALID",
        /// Text that is not a civil date, or a day that no calendar has.
        InvalidDate = "INVALID_DATE",
        /// Text that is not a plain decimal number.
        InvalidDecimal = "INVALID_DECIMAL",
        /// A number with more decimals than are kept. Parameters: max.
        TooManyDecimals = "TOO_MANY_DECIMALS",
        /// A number below zero where that has no meaning.
        Negative = "NEGATIVE",
        /// A number outside its range. Parameters: min, max.
        OutOfRange = "OUT_OF_RANGE",
        /// A date after today.
        InFuture = "IN_FUTURE",
        /// An end before its beginning.
        PeriodReversed = "PERIOD_REVERSED",
        /// A territorial unit (KATO) that is not in the reference data.
        UnknownTerritory = "UNKNOWN_TERRITORY",
        /// An activity (OKED) that is not in the reference data.
        UnknownActivity = "UNKNOWN_ACTIVITY",
        /// A profession that is not in the reference data.
        UnknownProfession = "UNKNOWN_PROFESSION",
        /// A factor that is not in the catalogue of the rule set.
        UnknownFactor = "UNKNOWN_FACTOR",
        /// A rule set that does not exist or was not in force on the day.
        UnknownRuleSet = "UNKNOWN_RULE_SET",
        /// Another row that the input refers to is missing or not visible.
        UnknownReference = "UNKNOWN_REFERENCE",
        /// A measurement in another unit than the limit. Parameters: expected, found.
        UnitMismatch = "UNIT_MISMATCH",
        /// There is no limit for the factor: only a class from a laboratory protocol is accepted.
        LimitNotLoaded = "LIMIT_NOT_LOADED",
        /// A kind of observation that the factor does not take.
        ObservationNotAccepted = "OBSERVATION_NOT_ACCEPTED",
        /// An assessment lacks an input. Parameters: indicator, code.
        IndicatorMissing = "INDICATOR_MISSING",
        /// The same thing twice in one input. Parameters: value.
        Duplicate = "DUPLICATE",
        /// The activity has no class of professional risk in the loaded tables.
        ActivityClassNotLoaded = "ACTIVITY_CLASS_NOT_LOADED",
        /// The class of professional risk has no rate in the loaded tables. Parameters: class.
        TariffRateNotLoaded = "TARIFF_RATE_NOT_LOADED",
        /// The minimum wage of the year is not loaded. Parameters: year.
        MinimumWageNotLoaded = "MINIMUM_WAGE_NOT_LOADED",
        /// Cannot be registered with this value; deliberately silent about who already has it.
        NotAvailable = "NOT_AVAILABLE",
        /// An employer names a BIN that is not its own organisation's.
        NotOwnBin = "NOT_OWN_BIN",
        /// The row was changed by someone else since it was read.
        Conflict = "CONFLICT",
        /// An idempotency key of another form. Parameters: max.
        IdempotencyKeyInvalid = "IDEMPOTENCY_KEY_INVALID",
        /// An idempotency key that came with another input before.
        IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED",
        /// The row is missing or not visible to the caller.
        NotFound = "NOT_FOUND",
        /// Nothing would change.
        NothingToChange = "NOTHING_TO_CHANGE",
        /// The state of the row does not allow the action. Parameters: state.
        WrongState = "WRONG_STATE",
    }
}

impl RefusalCode {
    /// The text with `{parameter}` places, in three languages.
    pub fn template(self) -> Localized {
        messages::template(self)
    }

    /// The text in a language, its places filled. A place without a parameter stays visible as `{name}`, so that nothing
    /// is lost silently.
    pub fn text<'a>(self, language: Language, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let mut text = self.template().get(language).to_owned();
        for (name, value) in parameters {
            let word = messages::word(name, value);
            let value = word.as_ref().map_or(value, |word| word.get(language));
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }
}

/// One refused field of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub code: RefusalCode,
    /// Path of the field in the input (`activities.0`), or the column of a file; empty for the input as a whole.
    pub field: String,
    /// What fills the places of the text.
    pub parameters: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal of the input as a whole.
    pub fn new(code: RefusalCode) -> Self {
        Self { code, field: String::new(), parameters: Vec::new() }
    }

    /// The same refusal, about one field.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    /// The same refusal with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.parameters.push((name, value.to_string()));
        self
    }

    /// Code of the catalogue entry the refusal is about; `None` when it is not about one.
    pub fn entry(&self) -> Option<&str> {
        let code = self.parameters.iter().find(|(name, _)| *name == "code").map(|(_, value)| value.as_str());
        code.filter(|code| !matches!(*code, messages::NO_FACTOR | messages::NO_ENTRY))
    }

    /// The text in a language.
    pub fn message(&self, language: Language) -> String {
        self.code.text(language, self.parameters.iter().map(|(name, value)| (*name, value.as_str())))
    }
}
