//! OKED, the classifier of economic activities.

use serde::{Deserialize, Serialize};

use super::{CodeError, code, shown};

/// Code of an economic activity (ОКЭД, ЭҚЖЖ): a section letter A–U or 2–5 digits (NACE Rev. 2, the fifth is national).
/// Whether the activity exists, and its section, is reference data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OkedCode(String);

code!(OkedCode);
shown!(OkedCode);

impl OkedCode {
    /// Reads an OKED code; surrounding space and the dots of the written form (`41.20.1`) are ignored.
    ///
    /// # Errors
    /// [`CodeError::Length`] (2 when too short, 5 when too long), [`CodeError::NotDigits`],
    /// [`CodeError::Structure`] for a letter after U or the division 00.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text: String = text.trim().chars().filter(|c| *c != '.').collect();
        let found = text.chars().count();
        if found == 1 && text.chars().all(|c| c.is_ascii_uppercase()) {
            return if text.as_str() <= "U" { Ok(Self(text)) } else { Err(CodeError::Structure("section")) };
        }
        if !(2..=5).contains(&found) {
            let expected = if found < 2 { 2 } else { 5 };
            return Err(CodeError::Length { expected, found });
        }
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(CodeError::NotDigits);
        }
        if text.starts_with("00") {
            return Err(CodeError::Structure("division"));
        }
        Ok(Self(text))
    }

    /// Whether this is a section letter.
    pub fn is_section(&self) -> bool {
        self.0.bytes().all(|b| b.is_ascii_uppercase())
    }

    /// Whether `other` is this activity or a part of it. A section letter is a prefix of itself only:
    /// the divisions of a section are reference data.
    pub fn is_prefix_of(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// Number of characters: the longer of two prefixes is the more specific activity.
    pub fn specificity(&self) -> usize {
        self.0.len()
    }
}
