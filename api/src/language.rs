//! Names in three languages at the edge of the schema.

use async_graphql::{Context, Enum, SimpleObject};
use domain::localized::{self, LocalizedStr};
use sea_orm::DbErr;

use crate::error::Result;
use crate::graphql::Ask;

/// A language of names and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "localized::Language")]
pub enum Language {
    /// Kazakh.
    Kk,
    /// Russian.
    Ru,
    /// English.
    En,
}

/// One text in three languages. A language without a text of its own shows the nearest one.
#[derive(Clone, Debug, SimpleObject)]
pub struct LocalizedText {
    /// In Kazakh.
    pub kk: String,
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
}

/// The text in the language asked for, else in that of the request.
pub fn pick<'t>(names: LocalizedStr<'t>, ctx: &Context<'_>, language: Option<Language>) -> &'t str {
    names.get(ctx.language(language.map(Into::into)))
}

/// Like [`pick`], of names that are read one by one.
pub fn pick_read<'t>(
    name: impl Fn(localized::Language) -> Result<&'t str, DbErr>,
    ctx: &Context<'_>,
    language: Option<Language>,
) -> Result<&'t str> {
    Ok(ctx.language(language.map(Into::into)).first_text(name)?)
}

impl LocalizedText {
    /// The same text, borrowed.
    pub fn as_str(&self) -> LocalizedStr<'_> {
        LocalizedStr { kk: &self.kk, ru: &self.ru, en: &self.en }
    }
}

impl From<LocalizedStr<'_>> for LocalizedText {
    fn from(text: LocalizedStr<'_>) -> Self {
        use localized::Language::{En, Kk, Ru};
        Self { kk: text.get(Kk).to_owned(), ru: text.get(Ru).to_owned(), en: text.get(En).to_owned() }
    }
}

impl From<localized::Localized> for LocalizedText {
    fn from(text: localized::Localized) -> Self {
        text.as_str().into()
    }
}
