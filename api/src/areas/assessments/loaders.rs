//! Look-ups by key and by workplace, batched over a request.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use entity::scope::Scope;
use entity::{assessment, assessment_trace};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::areas::assessments::store;
use crate::by_id;
use crate::error::Error;
use crate::graphql::children::Children;
use crate::graphql::loader::{Batch, grouped};
use crate::graphql::page::{Key, Keyset};

by_id!(
    /// An assessment by key, within a scope.
    AssessmentById, assessment
);

/// Inputs and arithmetic of an assessment, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceOf {
    /// The assessment.
    pub assessment: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<TraceOf> for Batch {
    type Value = assessment_trace::Model;
    type Error = Error;

    async fn load(&self, keys: &[TraceOf]) -> Result<HashMap<TraceOf, Self::Value>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let ids = keys.iter().map(|key| key.assessment).collect();
            let rows = store::find_traces(self.db.read(), &scope, ids).await?;
            let keyed =
                rows.into_iter().map(|row| (TraceOf { assessment: row.assessment_id, scope: scope.clone() }, row));
            found.extend(keyed);
        }
        Ok(found)
    }
}

/// The assessments of a workplace, newest day first, of one day the last filed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AssessmentsOfWorkplace;

impl Children for AssessmentsOfWorkplace {
    type Entity = assessment::Entity;
    type Row = assessment::Model;
    const PARENT: assessment::Column = assessment::Column::WorkplaceId;
    const ORDER: Keyset<assessment::Model> = Keyset {
        tag: "assessment.day",
        columns: &[assessment::Column::AssessedOn, assessment::Column::Id],
        descending: true,
        key: |row| Ok(vec![Key::Day(row.assessed_on), Key::Id(row.id)]),
        kinds: || vec![Key::Day(NaiveDate::MIN), Key::Id(Uuid::nil())],
    };

    fn parent(row: &assessment::Model) -> Result<Uuid, DbErr> {
        Ok(row.workplace_id)
    }
}
