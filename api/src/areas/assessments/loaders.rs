//! Look-ups by key, batched over a request.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::scope::Scope;
use entity::{assessment, assessment_trace};
use uuid::Uuid;

use crate::areas::assessments::store;
use crate::error::Error;
use crate::graphql::loader::{Batch, grouped};
use crate::graphql::page::{Page, Slice};

/// An assessment by key, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AssessmentById {
    /// Key.
    pub id: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<AssessmentById> for Batch {
    type Value = assessment::Model;
    type Error = Error;

    async fn load(&self, keys: &[AssessmentById]) -> Result<HashMap<AssessmentById, Self::Value>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let ids = keys.iter().map(|key| key.id).collect();
            let rows = store::find_many(self.db.read(), &scope, ids).await?;
            found.extend(rows.into_iter().map(|row| (AssessmentById { id: row.id, scope: scope.clone() }, row)));
        }
        Ok(found)
    }
}

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

/// One page of the assessments of a workplace, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HistoryOf {
    /// The workplace.
    pub workplace: Uuid,
    /// What the caller may see.
    pub scope: Scope,
    /// Which page.
    pub page: Page,
}

impl Loader<HistoryOf> for Batch {
    type Value = Slice<assessment::Model>;
    type Error = Error;

    async fn load(&self, keys: &[HistoryOf]) -> Result<HashMap<HistoryOf, Self::Value>, Error> {
        let mut found = HashMap::new();
        for ((scope, page), keys) in grouped(keys.to_vec(), |key| (key.scope.clone(), key.page.clone())) {
            let ids = keys.iter().map(|key| key.workplace).collect();
            let pages = store::history(self.db.read(), &scope, ids, &page).await?;
            found.extend(
                pages.into_iter().map(|(workplace, slice)| {
                    (HistoryOf { workplace, scope: scope.clone(), page: page.clone() }, slice)
                }),
            );
        }
        Ok(found)
    }
}

/// How many assessments a workplace has, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HistoryLength {
    /// The workplace.
    pub workplace: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<HistoryLength> for Batch {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[HistoryLength]) -> Result<HashMap<HistoryLength, i64>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let ids = keys.iter().map(|key| key.workplace).collect();
            let counts = store::count_history(self.db.read(), &scope, ids).await?;
            found.extend(
                counts.into_iter().map(|(workplace, count)| (HistoryLength { workplace, scope: scope.clone() }, count)),
            );
        }
        Ok(found)
    }
}
