//! Scalars of the contract. What arrives is judged by the handler, so that a wrong value is reported with its field and
//! reason next to all other faults of the input, and not alone by the library: codes arrive as texts, dates and numbers
//! as [`Given`].

use std::borrow::Cow;

use async_graphql::registry::Registry;
use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, NaiveDate, Utc};
use domain::exact::{self, DECIMALS, MONEY_DECIMALS, Written};
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

/// A moment, as a string by RFC 3339 in UTC: `2026-11-25T10:00:00+00:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub DateTime<Utc>);

/// A moment, as a string by RFC 3339 in UTC: `2026-11-25T10:00:00+00:00`.
#[Scalar(name = "DateTime")]
impl ScalarType for Moment {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(DateTime::parse_from_rfc3339(text)?.into())),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339())
    }
}

/// A scalar that is read from what somebody wrote.
pub trait Readable: InputType + ScalarType {
    /// What handlers reckon with.
    type Inner: Clone + std::fmt::Debug + Send + Sync;

    /// The value, or why it is none; `None` for a value of JSON that can never be one, such as a list.
    fn read(value: &Value) -> Option<Written<Self::Inner>>;

    /// The scalar of a value.
    fn of(inner: Self::Inner) -> Self;
}

/// An argument of the scalar `T` as it was given: a value, or why it is none. The handler takes it out with the field it
/// stands in, so that a malformed one is a fault among the others.
#[derive(Clone, Debug)]
pub struct Given<T: Readable>(Written<T::Inner>);

impl<T: Readable> Given<T> {
    /// The value, or its refusal at a field.
    pub fn at(self, field: impl Into<String>) -> Written<T::Inner> {
        self.0.map_err(|refusal| refusal.at(field))
    }

    /// The value, if it is one: where the refusal is told in another place.
    pub fn ok(&self) -> Option<T::Inner> {
        self.0.as_ref().ok().cloned()
    }
}

impl<T: Readable> From<Written<T::Inner>> for Given<T> {
    fn from(written: Written<T::Inner>) -> Self {
        Self(written)
    }
}

/// In the schema there is one scalar, whatever holds it here.
impl<T: Readable> InputType for Given<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <T as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <T as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let value = value.unwrap_or_default();
        T::read(&value).map(Self).ok_or_else(|| InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        self.ok().map_or(Value::Null, |inner| ScalarType::to_value(&T::of(inner)))
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        Some(self)
    }
}

macro_rules! readable_scalar {
    ($(#[$meta:meta])* $name:ident, $inner:ty, $read:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub $inner);

        $(#[$meta])*
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                let read = Self::read(&value).and_then(Result::ok);
                read.map(Self).ok_or_else(|| InputValueError::expected_type(value))
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }
        }

        impl Readable for $name {
            type Inner = $inner;

            fn read(value: &Value) -> Option<Written<$inner>> {
                $read(value)
            }

            fn of(inner: $inner) -> Self {
                Self(inner)
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }
    };
}

macro_rules! exact_scalar {
    ($(#[$meta:meta])* $name:ident, $decimals:expr) => {
        readable_scalar!($(#[$meta])* $name, Exact, |value| number(value, $decimals));

        impl $name {
            /// From a column in millionths.
            pub fn from_micro(value: i64) -> Self {
                Self(micro::to_decimal(value))
            }
        }
    };
}

fn number(value: &Value, decimals: u32) -> Option<Written<Exact>> {
    match value {
        Value::String(text) => Some(exact::decimal(text, decimals)),
        // A JSON number has passed through binary floating point on its way here and is taken by its text.
        Value::Number(number) => Some(exact::decimal(&number.to_string(), decimals)),
        _ => None,
    }
}

fn day(value: &Value) -> Option<Written<NaiveDate>> {
    match value {
        Value::String(text) => Some(exact::date(text)),
        _ => None,
    }
}

exact_scalar!(
    /// An exact decimal number, as a string such as `"3.05"`; never a binary floating point number. Numbers are accepted as input.
    Decimal,
    DECIMALS
);
exact_scalar!(
    /// An exact share in per cent, as a string: `"2.17"` means 2.17 %.
    Percent,
    DECIMALS
);
exact_scalar!(
    /// An exact amount in tenge, as a string with at most two decimals.
    Money,
    MONEY_DECIMALS
);
readable_scalar!(
    /// A civil date in Kazakhstan, as a string `YYYY-MM-DD`.
    Date,
    NaiveDate,
    day
);
