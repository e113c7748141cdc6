//! Codes of the catalogues in a rule set.

use serde::{Deserialize, Serialize};

use super::{CodeError, code, shown};

/// Longest code; it must fit an indexed column.
const MAX_LENGTH: usize = 64;

/// Code of a catalogue entry of a rule set (harmful factor, mechanical factor, criterion, morbidity input):
/// SCREAMING_SNAKE, for example `NOISE_CONSTANT`. Whether it exists is the rule set's matter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FactorCode(String);

code!(FactorCode);
shown!(FactorCode);

impl FactorCode {
    /// Reads a code; surrounding space is ignored.
    ///
    /// # Errors
    /// [`CodeError::Length`] when empty or over 64 characters, [`CodeError::Structure`] when it is not
    /// an upper-case Latin letter followed by upper-case Latin letters, digits and underscores.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        let found = text.chars().count();
        if found == 0 || found > MAX_LENGTH {
            let expected = if found == 0 { 1 } else { MAX_LENGTH };
            return Err(CodeError::Length { expected, found });
        }
        let well_formed = text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !well_formed {
            return Err(CodeError::Structure("code"));
        }
        Ok(Self(text.to_owned()))
    }
}
