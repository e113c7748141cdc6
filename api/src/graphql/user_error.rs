//! What the user of a mutation got wrong, all of it at once.

use domain::exact::Written;
use domain::localized::Language;
use domain::refusal::{Refusal, RefusalCode};

use crate::error::{Error, Result};

/// Declares the error of one mutation: an object `<Name>` and its closed enum of codes `<Code>`, each a subset of
/// [`RefusalCode`]; those of the idempotency key are in each.
#[macro_export]
macro_rules! mutation_error {
    ($(#[$meta:meta])* $name:ident, $code:ident { $($variant:ident: $doc:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, async_graphql::SimpleObject)]
        pub struct $name {
            /// What is wrong, for programs.
            pub code: $code,
            /// Path of the argument at fault, from the input object down; empty when the input as a whole is meant.
            pub field: Vec<String>,
            /// What is wrong, for people, in the language of the request.
            pub message: String,
        }

        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
        pub enum $code {
            $(#[doc = $doc] $variant,)+
            /// The idempotency key is not 1 to 128 visible ASCII characters.
            IdempotencyKeyInvalid,
            /// The idempotency key came with another input before. A new request needs a new key.
            IdempotencyKeyReused,
        }

        impl $crate::graphql::user_error::UserError for $name {
            fn from_parts(code: domain::refusal::RefusalCode, field: Vec<String>, message: String) -> Option<Self> {
                let code = match code {
                    $(domain::refusal::RefusalCode::$variant => $code::$variant,)+
                    domain::refusal::RefusalCode::IdempotencyKeyInvalid => $code::IdempotencyKeyInvalid,
                    domain::refusal::RefusalCode::IdempotencyKeyReused => $code::IdempotencyKeyReused,
                    _ => return None,
                };
                Some(Self { code, field, message })
            }
        }
    };
}

/// The error object of one mutation.
pub trait UserError: Sized {
    /// `None` when the mutation does not declare the code.
    fn from_parts(code: RefusalCode, field: Vec<String>, message: String) -> Option<Self>;
}

/// Refusals as the errors of a mutation. A code the mutation does not declare is a fault of ours.
pub fn user_errors<E: UserError>(refusals: Vec<Refusal>, language: Language) -> Result<Vec<E>> {
    refusals
        .into_iter()
        .map(|refusal| {
            let field = refusal.field.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
            let message = refusal.message(language);
            E::from_parts(refusal.code, field, message)
                .ok_or_else(|| Error::internal(format!("undeclared refusal {} at {}", refusal.code, refusal.field)))
        })
        .collect()
}

/// Both, or the refusals of both.
pub fn both<A, B>(one: Written<A>, other: Result<B, Vec<Refusal>>) -> Result<(A, B), Vec<Refusal>> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (one, other) => Err(one.err().into_iter().chain(other.err().into_iter().flatten()).collect()),
    }
}

/// The value, unless something was refused before; all refusals together.
pub fn beside<T>(faults: Vec<Refusal>, outcome: Result<T, Stop>) -> Result<T, Stop> {
    match outcome {
        Ok(value) if faults.is_empty() => Ok(value),
        Ok(_) => Err(faults.into()),
        Err(Stop::Refused(others)) => Err([faults, others].concat().into()),
        Err(failed) => Err(failed),
    }
}

/// How a mutation ends that changed nothing: the input was refused, or the request failed.
#[derive(Debug)]
pub enum Stop {
    /// Shown as `userErrors`.
    Refused(Vec<Refusal>),
    /// Shown as an error of the request.
    Failed(Error),
}

/// The two halves of a payload: what was changed, or what was wrong with the input.
pub fn settle<T, E: UserError>(outcome: Result<T, Stop>, language: Language) -> Result<(Option<T>, Vec<E>)> {
    match outcome {
        Ok(changed) => Ok((Some(changed), Vec::new())),
        Err(Stop::Refused(refusals)) => Ok((None, user_errors(refusals, language)?)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

impl Stop {
    /// As an error, where nobody reads `userErrors`: the command line.
    pub fn into_error(self) -> Error {
        match self {
            Self::Failed(error) => error,
            Self::Refused(refusals) => refusals.into(),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<sea_orm::DbErr> for Stop {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl From<Vec<Refusal>> for Stop {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self::Refused(refusals)
    }
}
