//! Codes of organisations, people, territories, activities and catalogue entries: parsed once on entry, valid ever after.

mod activity;
mod catalogue;
mod checksum;
mod organisation;
mod person;
mod territory;

pub use activity::OkedCode;
pub use catalogue::FactorCode;
pub use organisation::Bin;
pub use person::Iin;
pub use territory::KatoCode;

/// Why a text is not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Wrong number of characters.
    #[error("expected {expected} characters, found {found}")]
    Length {
        /// Characters that the code has.
        expected: usize,
        /// Characters that the text has.
        found: usize,
    },
    /// A character that is not an ASCII digit.
    #[error("only digits are allowed")]
    NotDigits,
    /// The last digit does not follow from the others.
    #[error("the check digit is wrong")]
    Checksum,
    /// A part has a value that the structure of the code does not allow; the text names the part.
    #[error("the code has a wrong {0}")]
    Structure(&'static str),
}

/// The common part of every code: parsing from text, reading as text, serde as a string.
macro_rules! code {
    ($name:ident) => {
        impl $name {
            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ids::CodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::ids::CodeError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> String {
                code.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

/// `Display` and `Debug` that show the code; not for personal identifiers.
macro_rules! shown {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

use {code, shown};

/// The text without surrounding space, if it is exactly `N` ASCII digits, and the digits as numbers.
fn digits<const N: usize>(text: &str) -> Result<(&str, [u8; N]), CodeError> {
    let text = text.trim();
    let found = text.chars().count();
    if found != N {
        return Err(CodeError::Length { expected: N, found });
    }
    let mut digits = [0; N];
    for (slot, byte) in digits.iter_mut().zip(text.bytes()) {
        if !byte.is_ascii_digit() {
            return Err(CodeError::NotDigits);
        }
        *slot = byte - b'0';
    }
    // N characters of N bytes: a longer character would have failed as a non-digit above.
    Ok((text, digits))
}
