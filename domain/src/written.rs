//! Texts as people write them down: without the space around them, and within bounds.

use crate::localized::Localized;
use crate::refusal::{Refusal, RefusalCode};

/// Longest name, characters.
pub const NAME_LENGTH: usize = 300;

/// A text that may be empty, at most `max` characters. Too long a one is a fault at `field`.
pub fn text(field: &str, given: &str, max: usize, faults: &mut Vec<Refusal>) -> String {
    let given = given.trim();
    if given.chars().count() > max {
        faults.push(Refusal::new(RefusalCode::TooLong).at(field).with("max", max));
    }
    given.to_owned()
}

/// A text that must be there, at most `max` characters.
pub fn required(field: &str, given: &str, max: usize, faults: &mut Vec<Refusal>) -> String {
    let given = text(field, given, max, faults);
    if given.is_empty() {
        faults.push(Refusal::new(RefusalCode::Required).at(field));
    }
    given
}

/// A name in three languages, with faults at `nameKk`, `nameRu`, `nameEn`. The Russian one is required, as it is in the
/// source documents; the others may follow later.
pub fn names(kk: Option<&str>, ru: &str, en: Option<&str>, faults: &mut Vec<Refusal>) -> Localized {
    Localized::new(
        text("nameKk", kk.unwrap_or_default(), NAME_LENGTH, faults),
        required("nameRu", ru, NAME_LENGTH, faults),
        text("nameEn", en.unwrap_or_default(), NAME_LENGTH, faults),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_trimmed_and_measured_in_characters() {
        let mut faults = Vec::new();
        assert_eq!(text("a", " ұлт ", 3, &mut faults), "ұлт");
        assert_eq!(required("b", "ұ", 1, &mut faults), "ұ");
        assert!(faults.is_empty());
        text("a", "ұлты", 3, &mut faults);
        required("b", " \t", 3, &mut faults);
        assert_eq!(
            faults,
            [Refusal::new(RefusalCode::TooLong).at("a").with("max", 3), Refusal::new(RefusalCode::Required).at("b")]
        );
    }

    #[test]
    fn only_the_russian_name_is_required() {
        let mut faults = Vec::new();
        assert_eq!(names(None, " Цех ", Some("Shop"), &mut faults), Localized::new("", "Цех", "Shop"));
        assert!(faults.is_empty());
        names(Some(&"а".repeat(301)), "", None, &mut faults);
        let found: Vec<_> = faults.iter().map(|fault| (fault.code, fault.field.as_str())).collect();
        assert_eq!(found, [(RefusalCode::TooLong, "nameKk"), (RefusalCode::Required, "nameRu")]);
    }
}
