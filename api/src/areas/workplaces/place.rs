//! A workplace among the other rows of its enterprise.

use domain::exact::Written;
use domain::refusal::{Refusal, RefusalCode};
use entity::scope::Scope;
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::areas::reference::Book;
use crate::areas::workplaces::input::{CheckedWorkplace, WorkplaceDraft, check_draft};
use crate::areas::workplaces::store;
use crate::graphql::user_error::Stop;

/// Where a workplace stands: what its draft is judged against besides the classifiers.
pub struct Place {
    /// The enterprise, locked.
    pub enterprise: Uuid,
    /// The unit that was named, or why its id is none.
    pub unit: Written<Option<Uuid>>,
    /// The workplace itself, when it exists already.
    pub itself: Option<Uuid>,
}

impl Place {
    /// Judges a draft by itself and against the other rows of the enterprise. All faults come at once.
    pub async fn judge(
        &self,
        tx: &DatabaseTransaction,
        scope: &Scope,
        draft: &WorkplaceDraft,
        book: &Book,
    ) -> Result<CheckedWorkplace, Stop> {
        let code = draft.code.trim();
        let mut faults = Vec::new();
        match &self.unit {
            Ok(Some(unit)) if store::find_unit_of(tx, scope, self.enterprise, *unit).await?.is_none() => {
                faults.push(Refusal::new(RefusalCode::UnknownReference).at("unitId"));
            }
            read => faults.extend(read.as_ref().err().cloned()),
        }
        if store::code_taken(tx, scope, self.enterprise, code, self.itself).await? {
            faults.push(Refusal::new(RefusalCode::Duplicate).at("code").with("value", code));
        }
        let checked = check_draft(draft, book).map_err(|found| [found, faults.clone()].concat())?;
        if faults.is_empty() { Ok(checked) } else { Err(faults.into()) }
    }
}
