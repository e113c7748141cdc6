//! SQL of reference data. It belongs to no tenant; who may change it is decided by the caller.

use chrono::{DateTime, NaiveDate, Utc};
use domain::provenance::Provenance;
use domain::text::fold;
use entity::{reference_row, rule_set};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select,
};
use serde_json::Value;
use uuid::Uuid;

use crate::areas::reference::kind::ReferenceKind;
use crate::clock::new_id;
use crate::error::{Error, Result};
use crate::graphql::loader::in_keys;
use crate::graphql::page::{Key, Keyset, Page, Slice};

/// A row to be stored.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct NewRow {
    pub kind: ReferenceKind,
    pub code: String,
    pub parent_code: Option<String>,
    /// Kazakh, Russian, English.
    pub names: [String; 3],
    pub attributes: Value,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub provenance: Provenance,
    pub source: String,
}

/// Rows in one statement: below the bind limit of both databases.
const CHUNK: usize = 500;

/// Adds rows, or replaces those with the same kind, code and first day. Returns how many were written.
pub async fn upsert<C: ConnectionTrait>(db: &C, rows: Vec<NewRow>, now: DateTime<Utc>) -> Result<u64> {
    let mut written = 0;
    let mut models = rows.into_iter().map(|row| model(row, now)).peekable();
    while models.peek().is_some() {
        let chunk: Vec<_> = models.by_ref().take(CHUNK).collect();
        let count = chunk.len() as u64;
        reference_row::Entity::insert_many(chunk).on_conflict(replace()).exec_without_returning(db).await?;
        written += count;
    }
    Ok(written)
}

fn replace() -> OnConflict {
    use reference_row::Column::{
        Attributes, Code, Kind, NameEn, NameKk, NameRu, ParentCode, Provenance, SearchFold, Source, ValidFrom, ValidTo,
    };
    OnConflict::columns([Kind, Code, ValidFrom])
        .update_columns([ParentCode, NameKk, NameRu, NameEn, SearchFold, Attributes, ValidTo, Provenance, Source])
        .to_owned()
}

fn model(row: NewRow, now: DateTime<Utc>) -> reference_row::ActiveModel {
    let [kk, ru, en] = row.names;
    let search = [row.code.as_str(), &kk, &ru, &en].map(fold).join(" ");
    reference_row::ActiveModel {
        id: ActiveValue::Set(new_id()),
        kind: ActiveValue::Set(row.kind.as_str().to_owned()),
        code: ActiveValue::Set(row.code),
        parent_code: ActiveValue::Set(row.parent_code),
        name_kk: ActiveValue::Set(kk),
        name_ru: ActiveValue::Set(ru),
        name_en: ActiveValue::Set(en),
        search_fold: ActiveValue::Set(search),
        attributes: ActiveValue::Set(row.attributes.to_string()),
        valid_from: ActiveValue::Set(row.valid_from),
        valid_to: ActiveValue::Set(row.valid_to),
        provenance: ActiveValue::Set(row.provenance.to_string()),
        source: ActiveValue::Set(row.source),
        created_at: ActiveValue::Set(now),
    }
}

/// Which rows a list shows.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Kind.
    pub kind: ReferenceKind,
    /// Only rows directly below this code.
    pub parent: Option<String>,
    /// Folded part of code or names.
    pub search: Option<String>,
    /// Only rows in force on this day.
    pub on: NaiveDate,
}

const BY_CODE: Keyset<reference_row::Model> = Keyset {
    tag: "reference.code",
    columns: &[reference_row::Column::Code, reference_row::Column::Id],
    descending: false,
    key: |row| Ok(vec![Key::Text(row.code.clone()), Key::Id(row.id)]),
    kinds: || vec![Key::Text(String::new()), Key::Id(Uuid::nil())],
};

fn in_force(on: NaiveDate) -> Condition {
    Condition::all()
        .add(reference_row::Column::ValidFrom.lte(on))
        .add(reference_row::Column::ValidTo.is_null().or(reference_row::Column::ValidTo.gte(on)))
}

fn matching(filter: &Filter) -> Select<reference_row::Entity> {
    let mut select = reference_row::Entity::find()
        .filter(reference_row::Column::Kind.eq(filter.kind.as_str()))
        .filter(in_force(filter.on));
    if let Some(parent) = &filter.parent {
        select = select.filter(reference_row::Column::ParentCode.eq(parent.as_str()));
    }
    if let Some(term) = &filter.search {
        let escaped = term.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = LikeExpr::new(format!("%{escaped}%")).escape('\\');
        select = select.filter(Expr::col(reference_row::Column::SearchFold).like(pattern));
    }
    select
}

/// One page, by code.
pub async fn page<C: ConnectionTrait>(db: &C, filter: &Filter, page: &Page) -> Result<Slice<reference_row::Model>> {
    page.fetch(matching(filter), &BY_CODE, db).await
}

/// How many match.
pub async fn count<C: ConnectionTrait>(db: &C, filter: &Filter) -> Result<i64> {
    Ok(i64::try_from(matching(filter).count(db).await?).unwrap_or(i64::MAX))
}

/// The rows in force of one kind under many codes; of two in force the newer one comes last.
pub async fn find_many<C: ConnectionTrait>(
    db: &C,
    kind: ReferenceKind,
    codes: Vec<String>,
    on: NaiveDate,
) -> Result<Vec<reference_row::Model>> {
    Ok(reference_row::Entity::find()
        .filter(reference_row::Column::Kind.eq(kind.as_str()))
        .filter(reference_row::Column::Code.is_in(codes))
        .filter(in_force(on))
        .order_by_asc(reference_row::Column::ValidFrom)
        .all(db)
        .await?)
}

/// All rows of one kind, past and future ones too: rate tables are small.
pub async fn all<C: ConnectionTrait>(db: &C, kind: ReferenceKind) -> Result<Vec<reference_row::Model>> {
    Ok(reference_row::Entity::find()
        .filter(reference_row::Column::Kind.eq(kind.as_str()))
        .order_by_asc(reference_row::Column::Code)
        .order_by_asc(reference_row::Column::ValidFrom)
        .all(db)
        .await?)
}

/// All rule sets, oldest first.
pub async fn rule_sets<C: ConnectionTrait>(db: &C) -> Result<Vec<rule_set::Model>> {
    Ok(rule_set::Entity::find().order_by_asc(rule_set::Column::ValidFrom).all(db).await?)
}

/// Adds a rule set. One that is stored under the code stays as it is when its content is the same; other content under
/// the same code is refused, because stored scores name the code.
pub async fn insert_rule_set<C: ConnectionTrait>(db: &C, row: rule_set::Model) -> Result<()> {
    let stored = rule_set::Entity::find().filter(rule_set::Column::Code.eq(row.code.as_str())).one(db).await?;
    match stored {
        Some(stored) if stored.content_sha256 == row.content_sha256 => Ok(()),
        Some(stored) => Err(Error::internal(format!("rule set {} is stored with other content", stored.code))),
        None => {
            rule_set::Entity::insert(sea_orm::IntoActiveModel::into_active_model(row))
                .exec_without_returning(db)
                .await?;
            Ok(())
        }
    }
}

/// Whether nothing has been loaded yet.
pub async fn is_empty<C: ConnectionTrait>(db: &C) -> Result<bool> {
    Ok(rule_set::Entity::find().one(db).await?.is_none())
}

/// Rows by key.
pub async fn find_by_ids<C: ConnectionTrait>(db: &C, ids: Vec<Uuid>) -> Result<Vec<reference_row::Model>> {
    let by_id = in_keys(reference_row::Column::Id, ids, db.get_database_backend());
    Ok(reference_row::Entity::find().filter(by_id).all(db).await?)
}
