use domain::localized::{Language, Localized};

#[test]
fn a_header_chooses_the_language() {
    let cases = [
        ("", Language::Ru),
        ("kk", Language::Kk),
        ("KK-kz", Language::Kk),
        ("en-US,en;q=0.9,ru;q=0.8", Language::En),
        ("de, kk;q=0.3, ru;q=0.7", Language::Ru),
        ("ru;q=0.5, kk;q=0.5", Language::Ru),
        ("kk;q=0.5, ru;q=0.5", Language::Kk),
        ("ru;q=0, en;q=0.001", Language::En),
        ("en;q=1.5, kk;q=0.1", Language::Kk),
        ("*", Language::Ru),
        ("en ; q=0.2 , kk ; q=0.9", Language::Kk),
        (";;;,,,q=", Language::Ru),
    ];
    for (header, language) in cases {
        assert_eq!(Language::parse_accept(header), language, "{header}");
    }
}

#[test]
fn a_missing_translation_falls_back() {
    let full = Localized::new("кк", "ру", "en");
    assert_eq!([full.get(Language::Kk), full.get(Language::Ru), full.get(Language::En)], ["кк", "ру", "en"]);
    let russian = Localized::new("", "ру", " ");
    assert!(Language::ALL.iter().all(|language| russian.get(*language) == "ру"));
    assert_eq!(Localized::new("кк", "", "").get(Language::En), "кк");
    assert_eq!(Localized::default().get(Language::En), "");
    assert!(full.is_complete() && !russian.is_complete());
}
