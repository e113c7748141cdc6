//! KATO, the classifier of territorial units.

use serde::{Deserialize, Serialize};

use super::{CodeError, code, digits, shown};

/// Code of a territorial unit (КАТО, ӘАОЖ): 9 digits, the first two are the region. Whether the unit exists is reference data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KatoCode(String);

code!(KatoCode);
shown!(KatoCode);

impl KatoCode {
    /// Reads a KATO code; surrounding space is ignored.
    ///
    /// # Errors
    /// Length, characters, and structure: no region is numbered below 10.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let (text, all) = digits::<9>(text)?;
        let [tens, ..] = all;
        if tens == 0 {
            return Err(CodeError::Structure("region"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The region (oblast or city of republican significance) that the unit lies in: two digits and seven zeros.
    pub fn region(&self) -> Self {
        let region = self.0.get(..2).unwrap_or_default();
        Self(format!("{region}0000000"))
    }

    /// Whether this is a region itself.
    pub fn is_region(&self) -> bool {
        self.0.ends_with("0000000")
    }
}
