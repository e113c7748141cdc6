use std::collections::BTreeSet;

use domain::ids::{Bin, CodeError};
use domain::localized::Language;
use domain::refusal::{Refusal, RefusalCode};
use domain::risk::InputFault;
use domain::rule_set::Indicator;
use domain::tariff::TariffFault;

#[test]
fn every_code_has_its_own_text_in_three_languages() {
    let mut texts = BTreeSet::new();
    for code in RefusalCode::ALL {
        let template = code.template();
        assert!(template.is_complete(), "{code}");
        assert!(texts.insert(template.en.clone()), "{code} shares its text: {}", template.en);
        assert_eq!(code.as_str().parse::<RefusalCode>().unwrap(), *code);
        assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{code}\""));
    }
}

#[test]
fn a_text_is_filled_in_the_language_of_the_caller() {
    let refusal = Refusal::from(Bin::parse("0205").unwrap_err()).at("bin");
    assert_eq!((refusal.code, refusal.field.as_str()), (RefusalCode::InvalidLength, "bin"));
    assert_eq!(refusal.message(Language::Ru), "Ожидалось знаков: 12, получено: 4");
    assert_eq!(refusal.message(Language::En), "Expected 12 characters, found 4");
    assert_eq!(refusal.message(Language::Kk), "12 таңба күтілді, 4 таңба берілді");
    let part = Refusal::from(CodeError::Structure("month"));
    assert_eq!(part.message(Language::Ru), "Неверная структура кода: месяц");
    assert_eq!(Refusal::new(RefusalCode::TooLong).message(Language::En), "The text must not exceed {max} characters");
}

#[test]
fn faults_of_the_rules_become_refusals() {
    let rate = Refusal::from(TariffFault::RateNotLoaded { class: 7 });
    assert_eq!(rate.code.as_str(), "TARIFF_RATE_NOT_LOADED");
    assert_eq!(rate.message(Language::En), "No insurance rate is loaded for class 7");
    let missing = Refusal::from(InputFault::Missing { indicator: Indicator::Z, code: None });
    assert_eq!(missing.message(Language::En), "Indicator Z lacks data: nothing is given");
    let unmeasured = Refusal::from(InputFault::Missing { indicator: Indicator::V, code: None });
    assert_eq!(unmeasured.message(Language::Ru), "Для показателя V не хватает данных: не измерен ни один фактор");
    assert_eq!((missing.entry(), unmeasured.entry()), (None, None));
}
