//! Scalars of the contract. Codes arrive as texts and are judged by the handler, so that a wrong one is reported with
//! its field and reason next to all other faults of the input, and not alone by the library.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, NaiveDate};
use entity::micro;
use rust_decimal::Decimal as Exact;

macro_rules! text_scalar {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub String);

        $(#[$meta])*
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => Ok(Self(text)),
                    other => Err(InputValueError::expected_type(other)),
                }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    };
}

text_scalar!(
    /// Business identification number of an organisation: twelve digits with a check digit, as a string.
    Bin
);
text_scalar!(
    /// Code of the classifier of administrative territorial units (KATO): nine digits, as a string.
    KatoCode
);
text_scalar!(
    /// Code of the classifier of economic activities (OKED): a section letter or two to five digits, as a string.
    OkedCode
);

macro_rules! exact_scalar {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub Exact);

        $(#[$meta])*
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                // A JSON number has passed through binary floating point on its way here and is taken by its text.
                let text = match &value {
                    Value::String(text) => text.clone(),
                    Value::Number(number) => number.to_string(),
                    _ => return Err(InputValueError::expected_type(value)),
                };
                Exact::from_str_exact(&text).map(Self).map_err(|_| InputValueError::expected_type(value))
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }
        }

        impl From<Exact> for $name {
            fn from(value: Exact) -> Self {
                Self(value)
            }
        }

        impl $name {
            /// From a column in millionths.
            pub fn from_micro(value: i64) -> Self {
                Self(micro::to_decimal(value))
            }
        }
    };
}

exact_scalar!(
    /// An exact decimal number, as a string such as `"3.05"`; never a binary floating point number. Numbers are accepted as input.
    Decimal
);
exact_scalar!(
    /// An exact share in per cent, as a string: `"2.17"` means 2.17 %.
    Percent
);
exact_scalar!(
    /// An exact amount in tenge, as a string with at most two decimals.
    Money
);

/// A civil date in Kazakhstan, as a string `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A civil date in Kazakhstan, as a string `YYYY-MM-DD`.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let date = match &value {
            Value::String(text) if text.len() == 10 => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
            _ => None,
        };
        let date = date.filter(|date| (1..=9999).contains(&date.year()));
        date.map(Self).ok_or_else(|| InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<NaiveDate> for Date {
    fn from(date: NaiveDate) -> Self {
        Self(date)
    }
}
