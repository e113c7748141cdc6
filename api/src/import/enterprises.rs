//! Enterprises from a state register. A new one comes with the employer organisation that owns it.

use std::collections::{BTreeSet, HashMap};

use domain::refusal::Refusal;
use entity::row::Rows;
use entity::scope::Scoped;
use entity::{enterprise, enterprise_activity};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use crate::areas::enterprises::{EnterpriseDraft, Secondary, check_draft};
use crate::areas::identity::Employers;
use crate::bulk;
use crate::clock::new_id;
use crate::error::Result;
use crate::import::cells::Cells;
use crate::import::judge::{DATE, Judge};
use crate::import::report::{Change, Ledger};
use crate::import::table::{Column, Desk, Table, optional, required};

/// Fields of a draft and the columns they come from.
const FIELDS: &[(&str, &str)] = &[
    ("nameKk", "name_kk"),
    ("nameRu", "name_ru"),
    ("nameEn", "name_en"),
    ("secondaryOkeds", "secondary_okeds"),
    ("longitude", "lon"),
    ("latitude", "lat"),
    ("validFrom", "valid_from"),
];

/// Enterprises.
pub struct Enterprises;

impl Table for Enterprises {
    const COLUMNS: &'static [Column] = &[
        required("bin"),
        optional("name_kk"),
        required("name_ru"),
        optional("name_en"),
        required("kato"),
        required("oked"),
        optional("secondary_okeds"),
        required("headcount"),
        optional("lon"),
        optional("lat"),
        optional("valid_from"),
    ];
    const KEY: &'static [&'static str] = &["bin"];
    const BLAMED: &'static str = "bin";

    async fn take(&mut self, desk: &Desk<'_>, rows: &[Cells], ledger: &mut Ledger) -> Result<()> {
        let mut stored = Stored::read(desk, rows).await?;
        let mut writes = Writes::default();
        for cells in rows {
            match stored.judge(desk, cells) {
                Ok(written) => ledger.count(writes.add(written)),
                Err(refusals) => ledger.refuse(cells, &refusals),
            }
        }
        if ledger.writes() {
            stored.employers.write(desk.tx).await?;
            writes.write(desk.tx).await?;
        }
        Ok(())
    }
}

/// What a row comes to.
enum Written {
    New { row: enterprise::Model, secondary: BTreeSet<String> },
    Changed { row: enterprise::Model, secondary: Option<BTreeSet<String>> },
    Same,
}

/// What is stored under the BINs of some rows.
struct Stored {
    enterprises: HashMap<String, (enterprise::Model, BTreeSet<String>)>,
    employers: Employers,
}

impl Stored {
    async fn read(desk: &Desk<'_>, rows: &[Cells]) -> Result<Self> {
        let bins: Vec<&str> = rows.iter().map(|cells| cells.text("bin")).collect();
        let found = by_bin(desk, &bins).await?;
        let activities = enterprise_activity::Entity::within(desk.scope)
            .filter(enterprise_activity::Column::EnterpriseId.is_in(found.iter().map(|row| row.id)))
            .rows(desk.tx)
            .await?;
        let mut secondary: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
        for activity in activities {
            secondary.entry(activity.enterprise_id).or_default().insert(activity.oked);
        }
        let with_activities = |row: enterprise::Model| {
            let secondary = secondary.remove(&row.id).unwrap_or_default();
            (row.bin.clone(), (row, secondary))
        };
        Ok(Self {
            enterprises: found.into_iter().map(with_activities).collect(),
            employers: Employers::read(desk.tx, &bins).await?,
        })
    }

    fn judge(&mut self, desk: &Desk<'_>, cells: &Cells) -> Result<Written, Vec<Refusal>> {
        let known = self.enterprises.get(cells.text("bin"));
        let mut judge = Judge::new(cells);
        let draft = draft(&mut judge, cells, known);
        let checked = match check_draft(&draft, desk.book, desk.today) {
            Ok(checked) => Some(checked),
            Err(faults) => {
                judge.take(faults, FIELDS);
                None
            }
        };
        if known.is_none()
            && let Err(refusal) = self.employers.check(cells.text("bin"))
        {
            judge.refuse(refusal);
        }
        let checked = judge.accept(checked)?;
        let secondary = checked.secondary.as_ref().map(|codes| codes.iter().map(ToString::to_string).collect());
        if let Some((before, activities)) = known {
            let row = checked.write_to(before.clone());
            let secondary = secondary.filter(|secondary: &BTreeSet<String>| secondary != activities);
            if row == *before && secondary.is_none() {
                return Ok(Written::Same);
            }
            let row = enterprise::Model { version: row.version + 1, updated_at: desk.now, ..row };
            return Ok(Written::Changed { row, secondary });
        }
        let owner = self.employers.find_or_add(checked.employer(), desk.now).map_err(|refusal| vec![refusal])?;
        let row = checked.into_row(owner, false, desk.now);
        Ok(Written::New { row, secondary: secondary.unwrap_or_default() })
    }
}

/// The enterprises of some BINs, locked in the order that keeps two writers from waiting for each other.
pub async fn by_bin(desk: &Desk<'_>, bins: &[&str]) -> Result<Vec<enterprise::Model>> {
    Ok(enterprise::Entity::within(desk.scope)
        .filter(enterprise::Column::Bin.is_in(bins.iter().copied()))
        .order_by_asc(enterprise::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .rows(desk.tx)
        .await?)
}

/// What the row says; of an enterprise that is known, columns that the file does not have stay as they are.
fn draft(
    judge: &mut Judge<'_>,
    cells: &Cells,
    known: Option<&(enterprise::Model, BTreeSet<String>)>,
) -> EnterpriseDraft {
    let text = |column: &str, before: fn(&enterprise::Model) -> &String| match known {
        Some((row, _)) if !cells.has(column) => before(row).clone(),
        _ => cells.text(column).to_owned(),
    };
    let list = cells.text("secondary_okeds").split(';').map(str::trim).filter(|part| !part.is_empty());
    let secondary_okeds = match known {
        Some((_, stored)) if !cells.has("secondary_okeds") => Secondary::Kept(stored.iter().cloned().collect()),
        _ => Secondary::Given(list.map(str::to_owned).collect()),
    };
    let moves = cells.has("lon") || cells.has("lat");
    let place = |given, before: fn(&enterprise::Model) -> Option<i64>| match known {
        Some((row, _)) if !moves => before(row).map(entity::micro::to_decimal).map(Ok),
        _ => given,
    };
    EnterpriseDraft {
        bin: judge.required("bin"),
        name_kk: Some(text("name_kk", |row| &row.name_kk)),
        name_ru: cells.text("name_ru").to_owned(),
        name_en: Some(text("name_en", |row| &row.name_en)),
        kato: judge.required("kato"),
        oked: judge.required("oked"),
        secondary_okeds,
        headcount: judge.whole("headcount").unwrap_or_default(),
        longitude: place(judge.decimal("lon").map(Ok), |row| row.lon_micro),
        latitude: place(judge.decimal("lat").map(Ok), |row| row.lat_micro),
        valid_from: judge.optional("valid_from", DATE).or(known.map(|(row, _)| row.valid_from)).map(Ok),
    }
}

/// Rows to be written together.
#[derive(Default)]
struct Writes {
    rows: Vec<enterprise::Model>,
    activities: Vec<enterprise_activity::Model>,
    changed: Vec<enterprise::Model>,
    emptied: Vec<Uuid>,
}

impl Writes {
    fn add(&mut self, written: Written) -> Change {
        match written {
            Written::Same => Change::Unchanged,
            Written::New { row, secondary } => {
                self.activities.extend(activities(row.id, secondary));
                self.rows.push(row);
                Change::Inserted
            }
            Written::Changed { row, secondary } => {
                if let Some(secondary) = secondary {
                    self.emptied.push(row.id);
                    self.activities.extend(activities(row.id, secondary));
                }
                self.changed.push(row);
                Change::Updated
            }
        }
    }

    async fn write(mut self, tx: &DatabaseTransaction) -> Result<()> {
        // In one order, so that two writers of new BINs do not wait for each other.
        self.rows.sort_by(|one, other| one.bin.cmp(&other.bin));
        bulk::insert::<enterprise::Entity, _>(tx, &self.rows).await?;
        for row in self.changed {
            row.into_active_model().reset_all().update(tx).await?;
        }
        if !self.emptied.is_empty() {
            let of_these = enterprise_activity::Column::EnterpriseId.is_in(self.emptied);
            enterprise_activity::Entity::delete_many().filter(of_these).exec(tx).await?;
        }
        bulk::insert::<enterprise_activity::Entity, _>(tx, &self.activities).await?;
        Ok(())
    }
}

fn activities(enterprise: Uuid, secondary: BTreeSet<String>) -> impl Iterator<Item = enterprise_activity::Model> {
    secondary.into_iter().map(move |oked| enterprise_activity::Model { id: new_id(), enterprise_id: enterprise, oked })
}
