//! What a change of a workplace means for the score of its enterprise.

use domain::refusal::Refusal;
use entity::{enterprise, workplace};
use sea_orm::DatabaseTransaction;

use crate::areas::enterprises;
use crate::areas::reference::Book;
use crate::areas::workplaces::input::WORKERS;
use crate::areas::workplaces::store::counted;
use crate::error::Error;
use crate::events::log;
use crate::graphql::user_error::Stop;

/// Refuses more workers than the enterprise has room for. A number that no workplace can have is refused by itself.
pub fn has_room(owner: &enterprise::Model, row: &workplace::Model, workers: i32) -> Result<(), Refusal> {
    match counted(row) {
        Some(out) if i64::from(workers) <= WORKERS => {
            enterprises::admits(owner, Some(out), workers).map_err(|refusal| refusal.at("workers"))
        }
        _ => Ok(()),
    }
}

/// Counts a workplace as it is `after` a change and no longer as it was `before`: another number of workers is another
/// weight. Gives the enterprise as it is then. `owner` must be locked, and so must the workplace.
pub async fn recount(
    tx: &DatabaseTransaction,
    book: &Book,
    owner: enterprise::Model,
    before: &workplace::Model,
    after: &workplace::Model,
) -> Result<enterprise::Model, Stop> {
    let (out, into) = (counted(before), counted(after));
    if out == into {
        return Ok(owner);
    }
    has_room(&owner, before, after.workers)?;
    // Rules and day of the score stay: nothing was assessed anew.
    let rules = owner.rule_set_code.as_deref().and_then(|code| book.rule_set(code));
    let (rules, assessed_on) = rules
        .zip(owner.assessed_on)
        .ok_or_else(|| Error::internal(format!("enterprise {}: no rule set of its score", owner.id)))?;
    let moved = enterprises::moved_tally(owner.clone(), out, into, &rules, assessed_on)?;
    let level = enterprises::level_event(book, &owner, &moved);
    log::write(tx, &owner, after.updated_at, Vec::from_iter(level)).await?;
    Ok(enterprises::save_tally(tx, moved).await?)
}
