//! What was observed of a factor, as clients give it and see it.

use async_graphql::{InputObject, OneofObject, SimpleObject, Union};
use domain::exact::Written;
use domain::factors;
use domain::refusal::Refusal;

use crate::areas::reference::ConditionClass;
use crate::graphql::scalars::{Decimal, Given};

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
    pub value: Given<Decimal>,
    /// Its unit, exactly as in the catalogue of factors.
    pub unit: String,
}

/// One stay in noise during a shift.
#[derive(Clone, Debug, InputObject)]
pub struct NoiseExposureInput {
    /// Equivalent level while it lasts, dBA.
    pub level_dba: Given<Decimal>,
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

impl ObservationInput {
    /// What was observed, and the refusals of numbers that are none; zero stands for those, so that the rest can be judged
    /// nevertheless.
    pub fn read(self) -> (factors::Observation, Vec<Refusal>) {
        let mut malformed = Vec::new();
        let mut number = |given: Written<_>| given.map_err(|refusal| malformed.push(refusal)).unwrap_or_default();
        let observation = match self {
            Self::Value(given) => factors::Observation::Value {
                value: number(given.value.at("observation.value.value")),
                unit: given.unit,
            },
            Self::ConditionClass(class) => factors::Observation::Class(class.into()),
            Self::Exposures(exposures) => {
                // Less than nothing is nothing: the check of the draft refuses both with the same bounds.
                let exposure = |(index, given): (usize, NoiseExposureInput)| factors::Exposure {
                    level_dba: number(given.level_dba.at(format!("observation.exposures.{index}.levelDba"))),
                    minutes: u32::try_from(given.minutes).unwrap_or_default(),
                };
                factors::Observation::Shift { exposures: exposures.into_iter().enumerate().map(exposure).collect() }
            }
        };
        (observation, malformed)
    }
}
