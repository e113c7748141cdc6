//! Recording a measurement.

use async_graphql::{Context, ID, InputObject, SimpleObject};
use domain::exact::Written;
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::{Action, Resource};
use entity::scope::Scope;
use entity::{factor_assignment, measurement, workplace};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::areas::factors::input::{CheckedMeasurement, FULL_SHIFT_MINUTES, MeasurementDraft, check, new_assignment};
use crate::areas::factors::observation::ObservationInput;
use crate::areas::factors::store;
use crate::areas::factors::types::Measurement;
use crate::areas::workplaces;
use crate::error::Result;
use crate::graphql::once::{Keyed, Saved, Writing, once, recalled};
use crate::graphql::scalars::{Date, Given};
use crate::graphql::user_error::{Stop, settle};
use crate::graphql::{Ask, id};
use crate::mutation_error;

mutation_error!(
    /// Why a measurement was not recorded.
    MeasurementRecordUserError, MeasurementRecordErrorCode {
        Required: "A required value is missing.",
        TooLong: "A text is longer than allowed.",
        IdInvalid: "An id is malformed or of another type.",
        InvalidDate: "The day of the measurement is not a civil date.",
        InvalidDecimal: "A text is not a decimal number.",
        TooManyDecimals: "A number has more decimals than are kept.",
        OutOfRange: "A number is outside its range.",
        InFuture: "The day of the measurement is after today.",
        UnknownRuleSet: "There was no rule set in force on the day of the measurement.",
        UnknownFactor: "The factor is not in the catalogue of the rule set in force on the day of the measurement.",
        UnitMismatch: "The value is in another unit than the factor in the catalogue.",
        LimitNotLoaded: "There is no limit for the factor: only a class of conditions from a protocol is accepted.",
        ObservationNotAccepted: "The factor is not measured in this way.",
        Duplicate: "The protocol is recorded already for this workplace, factor and day.",
        NotFound: "The workplace does not exist or may not be seen by the caller.",
    }
);

/// A new measurement.
#[derive(Clone, InputObject)]
pub struct MeasurementRecordInput {
    /// Chosen by the client for this one request, 1 to 128 visible ASCII characters. Sent again with the same input, it
    /// gives the answer of the first time and changes nothing.
    pub idempotency_key: String,
    /// The workplace.
    pub workplace_id: ID,
    /// Code of the factor in the catalogue. A factor that the workplace does not have yet is assigned with an exposure
    /// of eight hours, which asks for the permission `factor_assignment:create`.
    pub factor_code: String,
    /// Day of the measurement, today at the latest. The rule set in force on it gives the class.
    pub measured_on: Given<Date>,
    /// What was observed.
    pub observation: ObservationInput,
    /// Number of the laboratory's protocol, at most 100 characters; once per workplace, factor and day.
    pub protocol_number: String,
    /// The laboratory that measured, at most 300 characters.
    pub laboratory: String,
    /// Does everything and keeps nothing, the idempotency key neither.
    #[graphql(default)]
    pub dry_run: bool,
}

impl Keyed for MeasurementRecordInput {
    fn key(&self) -> Option<&str> {
        Some(&self.idempotency_key)
    }

    fn is_dry_run(&self) -> bool {
        self.dry_run
    }
}

/// Result of `measurementRecord`.
#[derive(SimpleObject)]
pub struct MeasurementRecordPayload {
    /// The new measurement with the class it leads to; of a dry run, what it would be. Null when there are user errors.
    pub measurement: Option<Measurement>,
    /// What was wrong with the input; empty when the measurement was recorded.
    pub user_errors: Vec<MeasurementRecordUserError>,
}

/// Records a measurement, or says what is wrong with it.
pub async fn measurement_record(ctx: &Context<'_>, input: MeasurementRecordInput) -> Result<MeasurementRecordPayload> {
    let scope = ctx.allow(Action::Create, Resource::Measurement)?;
    let run = |tx| record(ctx, tx, &scope, input.clone());
    let outcome =
        once(ctx, &input, run, async |id| recalled(store::find(&ctx.db(), &scope, id), "workplaceId").await).await;
    let (row, user_errors) = settle(outcome, ctx.language(None))?;
    Ok(MeasurementRecordPayload { measurement: row.map(Into::into), user_errors })
}

async fn record(
    ctx: &Context<'_>,
    tx: Writing,
    scope: &Scope,
    input: MeasurementRecordInput,
) -> Result<Saved<measurement::Model>, Stop> {
    let key = id::read("Workplace", &input.workplace_id, "workplaceId");
    let draft = MeasurementDraft::from(input);
    let rules = draft.measured_on.as_ref().ok().and_then(|day| ctx.app().library.book().rules_on(*day));
    let checked = check(&draft, rules.as_deref(), ctx.today());
    let place = match key {
        Ok(key) => Place::lock(&tx, scope, key, &draft).await?,
        Err(refusal) => Err(refusal),
    };
    let (place, checked) = accepted(place, checked)?;
    let assignment = match place.assignment {
        Some(assignment) => assignment,
        None => {
            ctx.allow(Action::Create, Resource::FactorAssignment)?;
            let row = new_assignment(&place.workplace, &checked.factor, FULL_SHIFT_MINUTES, ctx.now());
            store::insert_assignment(&tx, row).await?
        }
    };
    let row = store::insert(&tx, checked.into_row(&assignment, ctx.now())?).await?;
    tx.save(row.id, row).await
}

/// What a measurement meets at its workplace.
struct Place {
    workplace: workplace::Model,
    assignment: Option<factor_assignment::Model>,
    duplicate: Option<Refusal>,
}

impl Place {
    /// The workplace is locked, so that two calls do not assign the factor twice.
    async fn lock(
        tx: &DatabaseTransaction,
        scope: &Scope,
        key: Uuid,
        draft: &MeasurementDraft,
    ) -> Result<Written<Self>> {
        let Some(workplace) = workplaces::lock(tx, scope, key).await? else {
            return Ok(Err(Refusal::new(RefusalCode::NotFound).at("workplaceId")));
        };
        let assignment = store::find_factor(tx, scope, key, draft.factor.trim()).await?;
        let number = draft.protocol_number.trim();
        let recorded = match (&assignment, &draft.measured_on) {
            (Some(row), Ok(day)) => store::protocol_recorded(tx, scope, row.id, *day, number).await?,
            _ => false,
        };
        let duplicate =
            recorded.then(|| Refusal::new(RefusalCode::Duplicate).at("protocolNumber").with("value", number));
        Ok(Ok(Self { workplace, assignment, duplicate }))
    }
}

/// Brings the two judgements together, so that all faults come at once.
fn accepted(
    place: Written<Place>,
    checked: Result<CheckedMeasurement, Vec<Refusal>>,
) -> Result<(Place, CheckedMeasurement), Stop> {
    let mut faults = Vec::new();
    match &place {
        Err(refusal) => faults.push(refusal.clone()),
        Ok(place) => faults.extend(place.duplicate.clone()),
    }
    match (place, checked) {
        (Ok(place), Ok(checked)) if faults.is_empty() => Ok((place, checked)),
        (_, checked) => {
            faults.extend(checked.err().unwrap_or_default());
            Err(faults.into())
        }
    }
}

impl From<MeasurementRecordInput> for MeasurementDraft {
    fn from(input: MeasurementRecordInput) -> Self {
        let (observation, malformed) = input.observation.read();
        Self {
            factor: input.factor_code,
            measured_on: input.measured_on.at("measuredOn"),
            observation,
            malformed,
            protocol_number: input.protocol_number,
            laboratory: input.laboratory,
        }
    }
}
