//! Faults of the rules as refusals of a mutation.

use super::{Refusal, RefusalCode};
use crate::ids::CodeError;

impl From<CodeError> for Refusal {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Length { expected, found } => {
                Self::new(RefusalCode::InvalidLength).with("expected", expected).with("found", found)
            }
            CodeError::NotDigits => Self::new(RefusalCode::NotDigits),
            CodeError::Checksum => Self::new(RefusalCode::InvalidChecksum),
            CodeError::Structure(part) => Self::new(RefusalCode::InvalidStructure).with("part", part),
        }
    }
}
