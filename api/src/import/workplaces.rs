//! Workplaces of enterprises that are there already. A unit that does not exist yet is added under its code.

use std::collections::HashMap;

use domain::refusal::{Refusal, RefusalCode};
use entity::row::Rows;
use entity::scope::Scoped;
use entity::{enterprise, unit, workplace};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::areas::workplaces::{CheckedUnit, UnitDraft, WorkplaceDraft, check_draft, check_unit_draft, recount};
use crate::bulk;
use crate::error::Result;
use crate::graphql::user_error::Stop;
use crate::import::cells::Cells;
use crate::import::enterprises::by_bin;
use crate::import::judge::Judge;
use crate::import::report::{Change, Ledger};
use crate::import::table::{Column, Desk, Table, optional, required};

/// Fields of the drafts and the columns they come from.
const FIELDS: &[(&str, &str)] =
    &[("nameKk", "name_kk"), ("nameRu", "name_ru"), ("nameEn", "name_en"), ("professionCode", "profession")];
/// A unit has no column but its code.
const UNIT_FIELDS: &[(&str, &str)] = &[("code", "unit_code"), ("nameRu", "unit_code")];

/// Workplaces.
pub struct Workplaces;

impl Table for Workplaces {
    const COLUMNS: &'static [Column] = &[
        required("bin"),
        required("code"),
        optional("name_kk"),
        required("name_ru"),
        optional("name_en"),
        required("profession"),
        optional("unit_code"),
        required("workers"),
        required("shifts"),
    ];
    const KEY: &'static [&'static str] = &["bin", "code"];
    const BLAMED: &'static str = "code";

    async fn take(&mut self, desk: &Desk<'_>, rows: &[Cells], ledger: &mut Ledger) -> Result<()> {
        let mut stored = Stored::read(desk, rows).await?;
        for cells in rows {
            match stored.judge(desk, cells) {
                Ok(change) => ledger.count(change),
                Err(refusals) => ledger.refuse(cells, &refusals),
            }
        }
        if ledger.writes() { stored.write(desk).await } else { Ok(()) }
    }
}

/// What is stored of the enterprises of some rows, and what is to be written.
struct Stored {
    enterprises: HashMap<String, enterprise::Model>,
    workplaces: HashMap<(Uuid, String), workplace::Model>,
    units: HashMap<(Uuid, String), Uuid>,
    new_units: Vec<unit::Model>,
    new: Vec<workplace::Model>,
    /// Before and after.
    changed: Vec<(workplace::Model, workplace::Model)>,
}

impl Stored {
    async fn read(desk: &Desk<'_>, rows: &[Cells]) -> Result<Self> {
        let bins: Vec<&str> = rows.iter().map(|cells| cells.text("bin")).collect();
        // Whoever also changes the enterprise locks that one first.
        let enterprises = by_bin(desk, &bins).await?;
        let keys: Vec<Uuid> = enterprises.iter().map(|row| row.id).collect();
        let workplaces = workplace::Entity::within(desk.scope)
            .filter(workplace::Column::EnterpriseId.is_in(keys.iter().copied()))
            .filter(workplace::Column::Code.is_in(rows.iter().map(|cells| cells.text("code"))))
            .order_by_asc(workplace::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .rows(desk.tx)
            .await?;
        let units = unit::Entity::within(desk.scope)
            .filter(unit::Column::EnterpriseId.is_in(keys))
            .filter(unit::Column::Code.is_in(rows.iter().map(|cells| cells.text("unit_code"))))
            .rows(desk.tx)
            .await?;
        Ok(Self {
            enterprises: enterprises.into_iter().map(|row| (row.bin.clone(), row)).collect(),
            workplaces: workplaces.into_iter().map(|row| ((row.enterprise_id, row.code.clone()), row)).collect(),
            units: units.into_iter().map(|row| ((row.enterprise_id, row.code), row.id)).collect(),
            new_units: Vec::new(),
            new: Vec::new(),
            changed: Vec::new(),
        })
    }

    fn judge(&mut self, desk: &Desk<'_>, cells: &Cells) -> Result<Change, Vec<Refusal>> {
        let mut judge = Judge::new(cells);
        let owner = owner(&mut judge, cells, &self.enterprises).map(|row| row.id);
        let known = owner.and_then(|owner| self.workplaces.get(&(owner, cells.text("code").to_owned())));
        let draft = draft(&mut judge, cells, known);
        let checked = match check_draft(&draft, desk.book) {
            Ok(checked) => Some(checked),
            Err(faults) => {
                judge.take(faults, FIELDS);
                None
            }
        };
        let unit = match (cells.filled("unit_code"), known) {
            (Some(code), _) => check_unit(&mut judge, code),
            (None, _) => None,
        };
        let (checked, owner) = judge.accept(checked.zip(owner))?;
        let known = known.cloned();
        let unit = match (unit, &known) {
            (Some(unit), _) => Some(self.unit(owner, unit, desk)),
            (None, Some(before)) if !cells.has("unit_code") => before.unit_id,
            (None, _) => None,
        };
        let Some(before) = known else {
            self.new.push(checked.into_row(owner, unit, desk.now));
            return Ok(Change::Inserted);
        };
        let after = workplace::Model { unit_id: unit, ..checked.write_to(before.clone()) };
        if after == before {
            return Ok(Change::Unchanged);
        }
        let after = workplace::Model { version: before.version + 1, updated_at: desk.now, ..after };
        self.changed.push((before, after));
        Ok(Change::Updated)
    }

    /// The unit of a code; added when the enterprise does not have it.
    fn unit(&mut self, owner: Uuid, checked: CheckedUnit, desk: &Desk<'_>) -> Uuid {
        let key = (owner, checked.code.clone());
        if let Some(id) = self.units.get(&key) {
            return *id;
        }
        let row = checked.into_row(owner, None, desk.now);
        let id = row.id;
        self.units.insert(key, id);
        self.new_units.push(row);
        id
    }

    async fn write(self, desk: &Desk<'_>) -> Result<()> {
        bulk::insert::<unit::Entity, _>(desk.tx, &self.new_units).await?;
        bulk::insert::<workplace::Entity, _>(desk.tx, &self.new).await?;
        let mut owners: HashMap<Uuid, enterprise::Model> =
            self.enterprises.into_values().map(|row| (row.id, row)).collect();
        for (before, after) in self.changed {
            if let Some(owner) = owners.remove(&after.enterprise_id) {
                let owner = recount(desk.tx, desk.book, owner, &before, &after).await.map_err(Stop::into_error)?;
                owners.insert(owner.id, owner);
            }
            after.into_active_model().reset_all().update(desk.tx).await?;
        }
        Ok(())
    }
}

/// The enterprise of the row's BIN.
pub fn owner<'a>(
    judge: &mut Judge<'_>,
    cells: &Cells,
    enterprises: &'a HashMap<String, enterprise::Model>,
) -> Option<&'a enterprise::Model> {
    let bin = judge.code("bin", domain::ids::Bin::parse)?;
    let owner = enterprises.get(bin.as_str());
    if owner.is_none() {
        judge.refuse(Refusal::new(RefusalCode::UnknownReference).at("bin").with("value", cells.text("bin")));
    }
    owner
}

fn check_unit(judge: &mut Judge<'_>, code: &str) -> Option<CheckedUnit> {
    let draft = UnitDraft { code: code.to_owned(), name_ru: code.to_owned(), ..UnitDraft::default() };
    check_unit_draft(&draft).map_err(|faults| judge.take(faults, UNIT_FIELDS)).ok()
}

/// What the row says; of a workplace that is known, names that the file does not have stay as they are.
fn draft(judge: &mut Judge<'_>, cells: &Cells, known: Option<&workplace::Model>) -> WorkplaceDraft {
    let text = |column: &str, before: fn(&workplace::Model) -> &String| match known {
        Some(row) if !cells.has(column) => before(row).clone(),
        _ => cells.text(column).to_owned(),
    };
    WorkplaceDraft {
        code: cells.text("code").to_owned(),
        name_kk: Some(text("name_kk", |row| &row.name_kk)),
        name_ru: cells.text("name_ru").to_owned(),
        name_en: Some(text("name_en", |row| &row.name_en)),
        profession: judge.required("profession"),
        workers: judge.whole("workers").unwrap_or_default(),
        shifts: judge.whole("shifts").unwrap_or(1),
    }
}
