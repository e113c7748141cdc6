//! What clients see of reference data.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::NaiveDate;
use domain::localized::LocalizedStr;
use domain::roles::{Action, Resource};
use entity::reference_row;
use serde_json::Value;
use uuid::Uuid;

use crate::areas::reference::kind::ReferenceKind;
use crate::areas::reference::store;
use crate::error::{Error, Result};
use crate::graphql::explanation::Provenance;
use crate::graphql::loader::{Batch, grouped};
use crate::graphql::scalars::Date;
use crate::graphql::{Ask, id};
use crate::language::{Language, LocalizedText, pick};

/// A value that only this kind of row has.
#[derive(Clone, Debug, SimpleObject)]
pub struct ReferenceAttribute {
    /// Name, documented with the kind.
    pub name: String,
    /// Value; exact numbers as decimal strings.
    pub value: String,
}

/// One dated row of a classifier or rate table.
#[derive(Clone)]
pub struct ReferenceRow {
    row: reference_row::Model,
    kind: ReferenceKind,
}

/// One dated row of a classifier or rate table. Requires permission `reference:read`.
#[Object]
impl ReferenceRow {
    /// Opaque id.
    pub(crate) async fn id(&self) -> ID {
        id::encode("ReferenceRow", self.row.id)
    }

    /// What the row is about.
    async fn kind(&self) -> ReferenceKind {
        self.kind
    }

    /// Code within the kind.
    async fn code(&self) -> &str {
        &self.row.code
    }

    /// Code of the row above. Null at the top.
    async fn parent_code(&self) -> Option<&str> {
        self.row.parent_code.as_deref()
    }

    /// Name in the language asked for, else in that of the request. Empty for rates.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> &str {
        pick(self.names_text(), ctx, language)
    }

    /// Name in all three languages.
    async fn names(&self) -> LocalizedText {
        self.names_text().into()
    }

    /// Values that only this kind of row has; at most ten.
    async fn attributes(&self) -> Option<Result<Vec<ReferenceAttribute>>> {
        Some(
            async {
                let attributes: serde_json::Map<String, Value> =
                    serde_json::from_str(&self.row.attributes).map_err(Error::internal)?;
                let text = |value: Value| match value {
                    Value::String(text) => Some(text),
                    Value::Null => None,
                    other => Some(other.to_string()),
                };
                let attributes = attributes.into_iter();
                Ok(attributes
                    .filter_map(|(name, value)| Some(ReferenceAttribute { name, value: text(value)? }))
                    .collect())
            }
            .await,
        )
    }

    /// First day in force.
    async fn valid_from(&self) -> Date {
        Date(self.row.valid_from)
    }

    /// Last day in force. Null while open.
    async fn valid_to(&self) -> Option<Date> {
        self.row.valid_to.map(Date)
    }

    /// Kind of source the row rests on.
    async fn provenance(&self) -> Option<Result<Provenance>> {
        Some(
            async {
                let parsed: domain::provenance::Provenance = self.row.provenance.parse().map_err(Error::internal)?;
                Ok(parsed.into())
            }
            .await,
        )
    }

    /// Citation of the source.
    async fn source(&self) -> &str {
        &self.row.source
    }
}

impl ReferenceRow {
    fn names_text(&self) -> LocalizedStr<'_> {
        LocalizedStr { kk: &self.row.name_kk, ru: &self.row.name_ru, en: &self.row.name_en }
    }

    /// A stored row; a kind this version does not know is a fault of the data.
    pub fn new(row: reference_row::Model) -> Result<Self> {
        let kind = ReferenceKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind);
        let kind = kind.ok_or_else(|| Error::internal(format!("unknown kind of reference row: {}", row.kind)))?;
        Ok(Self { row, kind })
    }

    /// The row in force today under a code, batched over the request. `None` when there is none.
    pub async fn load(ctx: &Context<'_>, kind: ReferenceKind, code: &str) -> Result<Option<Self>> {
        ctx.allow(Action::Read, Resource::Reference)?;
        let row = ctx.load(RowByCode { kind, code: code.to_owned(), on: ctx.today() }).await?;
        row.map(Self::new).transpose()
    }
}

/// The row in force under a code on a day.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct RowByCode {
    kind: ReferenceKind,
    code: String,
    on: NaiveDate,
}

impl Loader<RowByCode> for Batch {
    type Value = reference_row::Model;
    type Error = Error;

    async fn load(&self, keys: &[RowByCode]) -> Result<HashMap<RowByCode, Self::Value>, Error> {
        let mut found = HashMap::new();
        for ((kind, on), keys) in grouped(keys.to_vec(), |key| (key.kind, key.on)) {
            let codes = keys.into_iter().map(|key| key.code).collect();
            let rows = store::find_many(self.db.read(), kind, codes, on).await?;
            found.extend(rows.into_iter().map(|row| (RowByCode { kind, code: row.code.clone(), on }, row)));
        }
        Ok(found)
    }
}

/// A row by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReferenceRowById(pub Uuid);

impl Loader<ReferenceRowById> for Batch {
    type Value = reference_row::Model;
    type Error = Error;

    async fn load(&self, keys: &[ReferenceRowById]) -> Result<HashMap<ReferenceRowById, Self::Value>, Error> {
        let keys = keys.iter().map(|key| key.0).collect();
        let rows = store::find_by_ids(self.db.read(), keys).await?;
        Ok(rows.into_iter().map(|row| (ReferenceRowById(row.id), row)).collect())
    }
}
