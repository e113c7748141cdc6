//! IIN, the identification number of a person.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::checksum::check_digit;
use super::{CodeError, code, digits};

/// Individual identification number (ИИН, ЖСН): 12 digits YYMMDD, century and sex, serial number, check digit.
///
/// Personal data: `Debug` and `Display` show the last two digits only; [`Iin::as_str`] and serde give the whole number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iin(String);

code!(Iin);

impl Iin {
    /// Reads an IIN; surrounding space is ignored.
    ///
    /// # Errors
    /// Length, characters, structure (a day that exists, seventh digit 0–6) and check digit, in this order.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let (text, all) = digits::<12>(text)?;
        birth_date(&all)?;
        match all.split_last() {
            Some((last, first)) if check_digit(first) == Some(*last) => Ok(Self(text.to_owned())),
            _ => Err(CodeError::Checksum),
        }
    }
}

/// The day in the first six digits. The seventh gives the century: 1–2 the 1800s, 3–4 the 1900s, 5–6 the 2000s;
/// 0 is seen with foreign citizens and says nothing, so only the existence of the day in the 2000s is asked.
fn birth_date(digits: &[u8; 12]) -> Result<NaiveDate, CodeError> {
    let [y1, y2, m1, m2, d1, d2, century, ..] = digits.map(u32::from);
    let base = match century {
        1 | 2 => 1800,
        3 | 4 => 1900,
        0 | 5 | 6 => 2000,
        _ => return Err(CodeError::Structure("century")),
    };
    i32::try_from(base + y1 * 10 + y2)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, m1 * 10 + m2, d1 * 10 + d2))
        .ok_or(CodeError::Structure("date of birth"))
}

fn masked(code: &str) -> String {
    format!("**********{}", code.get(10..).unwrap_or(""))
}

impl fmt::Display for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

impl fmt::Debug for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iin({})", masked(&self.0))
    }
}
