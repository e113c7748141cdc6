//! What was observed of a factor, as clients give it and see it.

use async_graphql::{InputObject, OneofObject, SimpleObject, Union};
use domain::factors;

use crate::areas::reference::ConditionClass;
use crate::graphql::scalars::Decimal;

/// A measured value.
#[derive(Clone, Debug, SimpleObject)]
pub struct MeasuredValue {
    /// The value, exact.
    pub value: Decimal,
    /// Its unit, that of the factor in the catalogue.
    pub unit: String,
}

/// One stay in noise during a shift.
#[derive(Clone, Debug, SimpleObject)]
pub struct NoiseExposure {
    /// Equivalent level while it lasts, dBA.
    pub level_dba: Decimal,
    /// How long it lasts, minutes.
    pub minutes: i32,
}

/// The noise of one shift, stay by stay; the class follows from its level over eight hours. Source: ISO 9612.
#[derive(Clone, Debug, SimpleObject)]
pub struct NoiseExposures {
    /// The stays; at most a hundred.
    pub exposures: Vec<NoiseExposure>,
}

/// A class of conditions given by the protocol of an accredited laboratory.
#[derive(Clone, Debug, SimpleObject)]
pub struct ProtocolClass {
    /// The class.
    pub condition_class: ConditionClass,
}

/// What was observed of a factor.
#[derive(Clone, Debug, Union)]
pub enum Observation {
    /// A measured value.
    Value(MeasuredValue),
    /// The noise of one shift.
    Shift(NoiseExposures),
    /// A class from a protocol.
    Class(ProtocolClass),
}

impl From<factors::Observation> for Observation {
    fn from(observation: factors::Observation) -> Self {
        match observation {
            factors::Observation::Value { value, unit } => Self::Value(MeasuredValue { value: Decimal(value), unit }),
            factors::Observation::Class(class) => Self::Class(ProtocolClass { condition_class: class.into() }),
            factors::Observation::Shift { exposures } => {
                let exposure = |exposure: factors::Exposure| NoiseExposure {
                    level_dba: Decimal(exposure.level_dba),
                    minutes: i32::try_from(exposure.minutes).unwrap_or(i32::MAX),
                };
                Self::Shift(NoiseExposures { exposures: exposures.into_iter().map(exposure).collect() })
            }
        }
    }
}

/// A measured value.
#[derive(Clone, Debug, InputObject)]
pub struct MeasuredValueInput {
    /// The value, exact.
    pub value: Decimal,
    /// Its unit, exactly as in the catalogue of factors.
    pub unit: String,
}

/// One stay in noise during a shift.
#[derive(Clone, Debug, InputObject)]
pub struct NoiseExposureInput {
    /// Equivalent level while it lasts, dBA.
    pub level_dba: Decimal,
    /// How long it lasts, minutes, at least 1.
    pub minutes: i32,
}

/// What was observed of a factor: exactly one field.
#[derive(Clone, Debug, OneofObject)]
pub enum ObservationInput {
    /// A measured value, for factors with a limit.
    Value(MeasuredValueInput),
    /// The noise of one shift, stay by stay, at most a hundred; silence need not be listed. For noise only.
    Exposures(Vec<NoiseExposureInput>),
    /// A class of conditions from the protocol of an accredited laboratory, for any factor.
    ConditionClass(ConditionClass),
}

impl From<ObservationInput> for factors::Observation {
    fn from(input: ObservationInput) -> Self {
        match input {
            ObservationInput::Value(given) => Self::Value { value: given.value.0, unit: given.unit },
            ObservationInput::ConditionClass(class) => Self::Class(class.into()),
            ObservationInput::Exposures(exposures) => {
                // Less than nothing is nothing: the check of the draft refuses both with the same bounds.
                let exposure = |given: NoiseExposureInput| factors::Exposure {
                    level_dba: given.level_dba.0,
                    minutes: u32::try_from(given.minutes).unwrap_or_default(),
                };
                Self::Shift { exposures: exposures.into_iter().map(exposure).collect() }
            }
        }
    }
}
