//! Names in three languages at the edge of the schema.

use async_graphql::{Context, Enum, SimpleObject};
use domain::localized;

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

impl LocalizedText {
    /// From the three columns of a row.
    pub fn new(kk: &str, ru: &str, en: &str) -> Self {
        localized::Localized::new(kk, ru, en).into()
    }

    /// The text in the language asked for, else in that of the request.
    pub fn pick(self, ctx: &Context<'_>, language: Option<Language>) -> String {
        match ctx.language(language.map(Into::into)) {
            localized::Language::Kk => self.kk,
            localized::Language::Ru => self.ru,
            localized::Language::En => self.en,
        }
    }
}

impl From<localized::Localized> for LocalizedText {
    fn from(text: localized::Localized) -> Self {
        use localized::Language::{En, Kk, Ru};
        Self { kk: text.get(Kk).to_owned(), ru: text.get(Ru).to_owned(), en: text.get(En).to_owned() }
    }
}
