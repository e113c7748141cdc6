//! Texts for people, in three languages, from one file: `messages.csv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::localized::Language;
use domain::refusal::RefusalCode;

/// `code,kk,ru,en`; `{name}` in a text is a placeholder.
const FILE: &str = include_str!("../messages.csv");

struct Texts {
    kk: String,
    ru: String,
    en: String,
}

static TEXTS: LazyLock<HashMap<String, Texts>> = LazyLock::new(|| {
    csv::Reader::from_reader(FILE.as_bytes())
        .deserialize::<(String, String, String, String)>()
        .filter_map(Result::ok)
        .map(|(code, kk, ru, en)| (code, Texts { kk, ru, en }))
        .collect()
});

/// The text of `code` in a language, placeholders filled: from the file, else that of a [`RefusalCode`]. A code without
/// a text gives the code itself; a test sees to it that there is none.
pub fn text<'a>(code: &str, language: Language, args: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let Some(texts) = TEXTS.get(code) else { return refusal(code, language, args) };
    let template = match language {
        Language::Kk => &texts.kk,
        Language::Ru => &texts.ru,
        Language::En => &texts.en,
    };
    args.into_iter().fold(template.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value))
}

fn refusal<'a>(code: &str, language: Language, args: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let Ok(refusal) = code.parse::<RefusalCode>() else { return code.to_owned() };
    let args: Vec<(&str, String)> = args.into_iter().collect();
    refusal.text(language, args.iter().map(|(name, value)| (*name, value.as_str())))
}

/// Whether `code` has a text.
pub fn knows(code: &str) -> bool {
    TEXTS.contains_key(code) || code.parse::<RefusalCode>().is_ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::error::Code;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn every_text_is_there_in_three_languages_with_the_same_placeholders() {
        let rows = csv::Reader::from_reader(FILE.as_bytes()).into_deserialize().collect::<Result<Vec<_>, _>>();
        let rows: Vec<(String, String, String, String)> = rows.expect("messages.csv has four columns");
        assert_eq!(rows.len(), TEXTS.len(), "a code stands twice");
        for (code, kk, ru, en) in &rows {
            assert!(![kk, ru, en].iter().any(|text| text.trim().is_empty()), "{code}");
            assert_eq!(placeholders(kk), placeholders(ru), "{code}");
            assert_eq!(placeholders(ru), placeholders(en), "{code}");
        }
    }

    #[test]
    fn every_error_code_has_a_text() {
        for code in Code::ALL {
            assert!(knows(code.as_str()), "{}", code.as_str());
        }
    }

    #[test]
    fn placeholders_are_filled() {
        let text = text("FORBIDDEN", Language::En, [("permission", "enterprise:update".to_owned())]);
        assert!(text.contains("enterprise:update"), "{text}");
    }

    #[test]
    fn a_refusal_keeps_its_own_text() {
        let args = [("min", "1".to_owned()), ("max", "12".to_owned())];
        assert_eq!(text("OUT_OF_RANGE", Language::En, args), "The value must be between 1 and 12");
        let part = text("INVALID_STRUCTURE", Language::Ru, [("part", "month".to_owned())]);
        assert_eq!(part, "Неверная структура кода: месяц");
        assert!(knows("NEGATIVE") && !knows("NO_SUCH_CODE"));
    }
}
