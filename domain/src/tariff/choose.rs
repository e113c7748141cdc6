//! The class and rate of an enterprise with one or several activities.

use chrono::NaiveDate;

use super::{ActivityTariff, TariffChoice, TariffFault, TariffTable};
use crate::ids::OkedCode;
use crate::provenance::Provenance;
use crate::trace::{Step, join, plain};

/// Chooses the tariff: class of each activity by the longest prefix and the headcount, then the highest rate.
///
/// # Errors
/// [`TariffFault::ActivityClassNotLoaded`] when the main activity has no class row (a secondary one without a row is
/// reported in the choice), [`TariffFault::RateNotLoaded`] when the class of any activity has no rate.
pub fn choose(
    table: &TariffTable,
    main: &OkedCode,
    secondary: &[OkedCode],
    headcount: u32,
    on: NaiveDate,
) -> Result<TariffChoice, TariffFault> {
    let mut trace = Vec::new();
    let mut activities: Vec<ActivityTariff> = Vec::new();
    let mut unresolved: Vec<OkedCode> = Vec::new();
    for oked in std::iter::once(main).chain(secondary) {
        if unresolved.contains(oked) || activities.iter().any(|activity| activity.oked == *oked) {
            continue;
        }
        match resolve(table, oked, headcount, on, &mut trace) {
            Ok(activity) => activities.push(activity),
            Err(TariffFault::ActivityClassNotLoaded { oked }) if oked != *main => {
                let code = format!("CLASS:{oked}");
                trace.push(Step::new(code, "no row covers the activity", "NOT_LOADED", Provenance::Provisional));
                unresolved.push(oked);
            }
            Err(fault) => return Err(fault),
        }
    }
    let not_loaded = TariffFault::ActivityClassNotLoaded { oked: main.clone() };
    let chosen = highest(&activities).ok_or(not_loaded)?.clone();
    let rates = join(activities.iter().map(|activity| plain(activity.rate_percent)), ", ");
    let provenance = activities.iter().map(|activity| activity.rate_origin.provenance).max();
    let provenance = provenance.unwrap_or(Provenance::Provisional);
    trace.push(Step::new("RATE", format!("max({rates})"), plain(chosen.rate_percent), provenance));
    Ok(TariffChoice { chosen, activities, unresolved, trace })
}

/// The first activity with the highest rate; the main one is first.
fn highest(activities: &[ActivityTariff]) -> Option<&ActivityTariff> {
    activities.iter().reduce(|best, next| if next.rate_percent > best.rate_percent { next } else { best })
}

fn resolve(
    table: &TariffTable,
    oked: &OkedCode,
    headcount: u32,
    on: NaiveDate,
    trace: &mut Vec<Step>,
) -> Result<ActivityTariff, TariffFault> {
    let row = table.class_of(oked, headcount, on);
    let row = row.ok_or_else(|| TariffFault::ActivityClassNotLoaded { oked: oked.clone() })?;
    let rate = table.rate_of(row.class, on).ok_or(TariffFault::RateNotLoaded { class: row.class })?;
    let band = match (row.headcount_min, row.headcount_max) {
        (None, None) => String::new(),
        (min, max) => {
            let min = min.map(|min| min.to_string()).unwrap_or_default();
            let max = max.map(|max| max.to_string()).unwrap_or_default();
            format!(", {headcount} workers in {min}..{max}")
        }
    };
    let expression = format!("longest prefix {} of {oked}{band}", row.oked_prefix);
    trace.push(Step::new(format!("CLASS:{oked}"), expression, row.class, row.origin.provenance));
    let rate_percent = plain(rate.rate_percent);
    let expression = format!("rate of class {}, %", row.class);
    trace.push(Step::new(format!("RATE:{oked}"), expression, rate_percent, rate.origin.provenance));
    let (class_origin, rate_origin) = (row.origin.clone(), rate.origin.clone());
    Ok(ActivityTariff { oked: oked.clone(), class: row.class, rate_percent, class_origin, rate_origin })
}
