//! BIN, the identification number of an organisation.

use serde::{Deserialize, Serialize};

use super::checksum::check_digit;
use super::{CodeError, code, digits, shown};

/// Business identification number (БИН, БСН): 12 digits YYMM, kind, kind of part, serial number, check digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bin(String);

code!(Bin);
shown!(Bin);

impl Bin {
    /// Reads a BIN; surrounding space is ignored.
    ///
    /// # Errors
    /// Length, characters, structure (month 01–12, fifth digit 4–6, sixth 0–3) and check digit, in this order.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let (text, all) = digits::<12>(text)?;
        check_structure(&all)?;
        match all.split_last() {
            Some((last, first)) if check_digit(first) == Some(*last) => Ok(Self(text.to_owned())),
            _ => Err(CodeError::Checksum),
        }
    }

    /// Completes eleven digits with their check digit; `None` when they cannot begin a BIN. For made-up data.
    pub fn with_checksum(first11: &str) -> Option<Self> {
        let (text, first) = digits::<11>(first11).ok()?;
        let last = check_digit(&first)?;
        Self::parse(&format!("{text}{last}")).ok()
    }
}

fn check_structure(digits: &[u8; 12]) -> Result<(), CodeError> {
    let [_, _, month_tens, month_units, kind, part, ..] = *digits;
    if !(1..=12).contains(&(month_tens * 10 + month_units)) {
        return Err(CodeError::Structure("month"));
    }
    if !(4..=6).contains(&kind) {
        return Err(CodeError::Structure("kind of organisation"));
    }
    if part > 3 {
        return Err(CodeError::Structure("kind of part"));
    }
    Ok(())
}
