//! Names in Kazakh, Russian and English, and the choice of a language.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use crate::named::named;

named! {
    /// A language of names and messages.
    #[derive(Default)]
    pub enum Language {
        /// Kazakh.
        Kk = "kk",
        /// Russian, the language of the source documents and the default.
        #[default]
        Ru = "ru",
        /// English.
        En = "en",
    }
}

impl Language {
    /// This language and those that stand in for it where it has no text, the nearest first: the two state languages
    /// for each other before English, Russian before Kazakh for English.
    pub fn nearest(self) -> [Self; 3] {
        match self {
            Self::Kk => [Self::Kk, Self::Ru, Self::En],
            Self::Ru => [Self::Ru, Self::Kk, Self::En],
            Self::En => [Self::En, Self::Ru, Self::Kk],
        }
    }

    /// The first text that is not blank, this language's or a [stand-in's](Language::nearest); only as many are asked
    /// for as it takes.
    ///
    /// # Errors
    /// That of `text`.
    pub fn first_text<'t, E>(self, text: impl Fn(Self) -> Result<&'t str, E>) -> Result<&'t str, E> {
        for language in self.nearest() {
            let text = text(language)?;
            if !text.trim().is_empty() {
                return Ok(text);
            }
        }
        Ok("")
    }

    /// Chooses from an `Accept-Language` header (RFC 9110, quality values in thousandths).
    ///
    /// The highest quality among the supported languages wins, the earlier one on equal quality;
    /// nothing supported, or nonsense, gives Russian.
    pub fn parse_accept(header: &str) -> Self {
        let mut best: Option<(u32, Self)> = None;
        for item in header.split(',') {
            let Some((quality, language)) = parse_item(item) else {
                continue;
            };
            if quality > 0 && best.is_none_or(|(top, _)| quality > top) {
                best = Some((quality, language));
            }
        }
        best.map_or(Self::default(), |(_, language)| language)
    }
}

/// One item of the header, `kk-KZ;q=0.8`, as quality in thousandths and language.
fn parse_item(item: &str) -> Option<(u32, Language)> {
    let mut parts = item.split(';').map(str::trim);
    let tag = parts.next()?.to_ascii_lowercase();
    let language = tag.split('-').next()?.parse().ok()?;
    let quality = match parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q="))) {
        Some(text) => parse_quality(text)?,
        None => 1000,
    };
    Some((quality, language))
}

/// `0.8` → 800. The grammar allows `0`, `1` and up to three decimals.
fn parse_quality(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let fraction: u32 = format!("{fraction:0<3}").parse().ok()?;
    let quality = whole.checked_mul(1000)?.checked_add(fraction)?;
    (quality <= 1000).then_some(quality)
}

/// A text in the three languages; an empty string means that there is no translation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    /// Kazakh.
    pub kk: String,
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

/// A text in the three languages, borrowed from where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalizedStr<'t> {
    /// Kazakh.
    pub kk: &'t str,
    /// Russian.
    pub ru: &'t str,
    /// English.
    pub en: &'t str,
}

impl<'t> LocalizedStr<'t> {
    /// The text in the asked language, else in the nearest one that has a text; see [`Language::first_text`].
    pub fn get(self, language: Language) -> &'t str {
        let text = |language| {
            Ok::<_, Infallible>(match language {
                Language::Kk => self.kk,
                Language::Ru => self.ru,
                Language::En => self.en,
            })
        };
        language.first_text(text).unwrap_or_else(|never| match never {})
    }
}

impl Localized {
    /// A text in all three languages.
    pub fn new(kk: impl Into<String>, ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self { kk: kk.into(), ru: ru.into(), en: en.into() }
    }

    /// The text in the asked language, else in the nearest one that has a text; see [`LocalizedStr::get`].
    pub fn get(&self, language: Language) -> &str {
        self.as_str().get(language)
    }

    /// The same text, borrowed.
    pub fn as_str(&self) -> LocalizedStr<'_> {
        LocalizedStr { kk: &self.kk, ru: &self.ru, en: &self.en }
    }

    /// Whether all three languages have a text.
    pub fn is_complete(&self) -> bool {
        [&self.kk, &self.ru, &self.en].into_iter().all(|text| !text.trim().is_empty())
    }
}
