//! The small scales of the method: grade of an indicator, degree of risk, class of working conditions, level A–E.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::named::{UnknownName, named};

/// A whole number that is not on the scale 1..=5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not on the scale 1..5")]
pub struct OffScale(pub u8);

macro_rules! five_point_scale {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u8", into = "u8")]
        pub struct $name(u8);

        impl $name {
            /// The best value, 1.
            pub const BEST: Self = Self(1);
            /// The worst value, 5.
            pub const WORST: Self = Self(5);
            /// The five values from best to worst.
            pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

            /// The value 1..=5.
            ///
            /// # Errors
            /// [`OffScale`] for any other number.
            pub const fn new(value: u8) -> Result<Self, OffScale> {
                if value >= 1 && value <= 5 { Ok(Self(value)) } else { Err(OffScale(value)) }
            }

            /// The value of a number however wide; `None` when it is off the scale, as 0, "not yet known", is.
            pub fn numbered(number: impl TryInto<u8>) -> Option<Self> {
                number.try_into().ok().and_then(|number| Self::new(number).ok())
            }

            /// The number 1..=5.
            pub const fn get(self) -> u8 {
                self.0
            }

            /// Position in [`Self::ALL`], 0..=4.
            pub const fn index(self) -> usize {
                (self.0 - 1) as usize
            }
        }

        impl TryFrom<u8> for $name {
            type Error = OffScale;

            fn try_from(value: u8) -> Result<Self, OffScale> {
                Self::new(value)
            }
        }

        impl From<$name> for u8 {
            fn from(value: $name) -> u8 {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

five_point_scale! {
    /// Grade of one indicator (V, T, Ob, SIZ, Z) or of one factor, 1 (best) to 5 (worst). DECK.
    Grade
}

five_point_scale! {
    /// Degree of professional risk of a workplace or enterprise, 1 (acceptable) to 5 (very high). DECK.
    /// The names of the degrees are in the rule set.
    Degree
}

/// Class of working conditions: 1 optimal, 2 permissible, 3.1–3.4 harmful, 4 dangerous. DECK. Ordered from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConditionClass {
    /// 1, optimal.
    #[serde(rename = "1")]
    C1,
    /// 2, permissible.
    #[serde(rename = "2")]
    C2,
    /// 3.1, harmful: reversible functional changes.
    #[serde(rename = "3.1")]
    C31,
    /// 3.2, harmful: initial forms of occupational disease.
    #[serde(rename = "3.2")]
    C32,
    /// 3.3, harmful: light and medium occupational disease.
    #[serde(rename = "3.3")]
    C33,
    /// 3.4, harmful: severe occupational disease.
    #[serde(rename = "3.4")]
    C34,
    /// 4, dangerous: injuries and acute disease.
    #[serde(rename = "4")]
    C4,
}

impl ConditionClass {
    /// The seven classes from best to worst.
    pub const ALL: &'static [Self] = &[Self::C1, Self::C2, Self::C31, Self::C32, Self::C33, Self::C34, Self::C4];

    /// As written in attestation documents: `1`, `2`, `3.1` … `4`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::C1 => "1",
            Self::C2 => "2",
            Self::C31 => "3.1",
            Self::C32 => "3.2",
            Self::C33 => "3.3",
            Self::C34 => "3.4",
            Self::C4 => "4",
        }
    }

    /// The next worse class; class 4 stays.
    pub const fn one_step_worse(self) -> Self {
        match self {
            Self::C1 => Self::C2,
            Self::C2 => Self::C31,
            Self::C31 => Self::C32,
            Self::C32 => Self::C33,
            Self::C33 => Self::C34,
            Self::C34 | Self::C4 => Self::C4,
        }
    }

    /// Harmful or dangerous: 3.1 and worse.
    pub fn is_harmful(self) -> bool {
        self >= Self::C31
    }
}

impl fmt::Display for ConditionClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ConditionClass {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|class| class.as_str() == text)
            .ok_or_else(|| UnknownName { kind: "ConditionClass", value: text.to_owned() })
    }
}

named! {
    /// Level of an enterprise on the digital map. DECK; which degree gives which letter is in the rule set.
    pub enum Level {
        /// Maximal protection needed, the highest risk.
        A = "A",
        /// High protection.
        B = "B",
        /// Medium protection.
        C = "C",
        /// Minimal protection.
        D = "D",
        /// No added protection needed, the lowest risk.
        E = "E",
    }
}
