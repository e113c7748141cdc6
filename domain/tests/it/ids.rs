use domain::ids::{Bin, CodeError, FactorCode, Iin, KatoCode, OkedCode};

#[test]
fn valid_bins_are_read() {
    for text in ["940140000385", "990140004654", "081140000436", "000140002217", "020540003431", "991140001226"] {
        assert_eq!(Bin::parse(text).unwrap().as_str(), text);
        assert_eq!(Bin::parse(&format!(" {text}\n")).unwrap().to_string(), text);
    }
}

#[test]
fn a_wrong_bin_says_what_is_wrong() {
    let cases = [
        ("020540003432", CodeError::Checksum),
        ("02054000343", CodeError::Length { expected: 12, found: 11 }),
        ("0205400034311", CodeError::Length { expected: 12, found: 13 }),
        ("", CodeError::Length { expected: 12, found: 0 }),
        ("02054000343X", CodeError::NotDigits),
        ("02054000343١", CodeError::NotDigits),
        ("021340003431", CodeError::Structure("month")),
        ("020040003431", CodeError::Structure("month")),
        ("020530003431", CodeError::Structure("kind of organisation")),
        ("020570003431", CodeError::Structure("kind of organisation")),
        ("020544003431", CodeError::Structure("kind of part")),
    ];
    for (text, error) in cases {
        assert_eq!(Bin::parse(text), Err(error), "{text}");
    }
}

/// The scheme itself misses some: the first weight of the eleventh digit is 11, which is 0 modulo 11, and a change that
/// turns to the second weights may fit by chance.
#[test]
fn a_changed_digit_of_a_bin_is_noticed() {
    let valid = "940140000385";
    let mut missed = Vec::new();
    for at in 0..12 {
        for digit in '0'..='9' {
            let mut changed: Vec<char> = valid.chars().collect();
            changed[at] = digit;
            let changed: String = changed.into_iter().collect();
            if changed != valid && Bin::parse(&changed).is_ok() {
                missed.push(changed);
            }
        }
    }
    assert_eq!(
        missed,
        [
            "940140700385",
            "940140000305",
            "940140000315",
            "940140000325",
            "940140000335",
            "940140000345",
            "940140000355",
            "940140000365",
            "940140000375",
            "940140000395"
        ]
    );
}

#[test]
fn check_digits_use_the_second_weights_and_skip_impossible_numbers() {
    assert_eq!(Bin::with_checksum("94014000038").unwrap().as_str(), "940140000385");
    // The first pass gives 10 for these, the second a digit.
    assert_eq!(Bin::with_checksum("99014000080").unwrap().as_str(), "990140000806");
    assert_eq!(Bin::with_checksum("99014000081").unwrap().as_str(), "990140000818");
    // Both passes give 10: never issued.
    assert_eq!(Bin::with_checksum("99014000082"), None);
    assert_eq!(Bin::with_checksum("9901400008"), None);
    assert_eq!(Bin::with_checksum("99133000080"), None);
}

#[test]
fn iins_are_read_and_hidden() {
    for text in ["900101350122", "850229500123", "040229550120", "170102100124", "000101050125"] {
        match Iin::parse(text) {
            Ok(iin) => {
                assert_eq!(iin.as_str(), text);
                let hidden = format!("**********{}", &text[10..]);
                assert_eq!((iin.to_string(), format!("{iin:?}")), (hidden.clone(), format!("Iin({hidden})")));
            }
            // 29 February 1985 did not exist.
            Err(error) => assert_eq!((text, error), ("850229500123", CodeError::Structure("date of birth"))),
        }
    }
    assert_eq!(Iin::parse("900101350121"), Err(CodeError::Checksum));
    assert_eq!(Iin::parse("901301350122"), Err(CodeError::Structure("date of birth")));
    assert_eq!(Iin::parse("900101750122"), Err(CodeError::Structure("century")));
}

#[test]
fn a_kato_code_knows_its_region() {
    let village = KatoCode::parse("103230100").unwrap();
    assert_eq!(village.region().as_str(), "100000000");
    assert!(village.region().is_region() && !village.is_region());
    assert_eq!(KatoCode::parse("750000000").unwrap().region().as_str(), "750000000");
    assert_eq!(KatoCode::parse("7500000"), Err(CodeError::Length { expected: 9, found: 7 }));
    assert_eq!(KatoCode::parse("75000000O"), Err(CodeError::NotDigits));
    assert_eq!(KatoCode::parse("050000000"), Err(CodeError::Structure("region")));
}

#[test]
fn oked_codes_are_sections_or_two_to_five_digits() {
    for (text, read) in
        [("F", "F"), ("41", "41"), ("41.2", "412"), ("4120", "4120"), ("41.20.1", "41201"), (" 07298 ", "07298")]
    {
        assert_eq!(OkedCode::parse(text).unwrap().as_str(), read);
    }
    let cases = [
        ("V", CodeError::Structure("section")),
        ("f", CodeError::Length { expected: 2, found: 1 }),
        ("4", CodeError::Length { expected: 2, found: 1 }),
        ("", CodeError::Length { expected: 2, found: 0 }),
        ("412001", CodeError::Length { expected: 5, found: 6 }),
        ("4A", CodeError::NotDigits),
        ("00", CodeError::Structure("division")),
    ];
    for (text, error) in cases {
        assert_eq!(OkedCode::parse(text), Err(error), "{text}");
    }
}

#[test]
fn an_oked_prefix_holds_its_parts() {
    let code = |text| OkedCode::parse(text).unwrap();
    assert!(code("07").is_prefix_of(&code("07298")) && code("07298").is_prefix_of(&code("07298")));
    assert!(!code("07298").is_prefix_of(&code("07")) && !code("F").is_prefix_of(&code("41")));
    assert!(code("F").is_section() && !code("41").is_section());
}

#[test]
fn catalogue_codes_are_screaming_snake() {
    assert!(FactorCode::parse("NOISE_CONSTANT").is_ok() && FactorCode::parse("PM2").is_ok());
    for text in ["noise", "2PM", "_A", "A-B", "ШУМ"] {
        assert_eq!(FactorCode::parse(text), Err(CodeError::Structure("code")), "{text}");
    }
    assert!(matches!(FactorCode::parse(""), Err(CodeError::Length { .. })));
    assert!(matches!(FactorCode::parse(&"A".repeat(65)), Err(CodeError::Length { .. })));
}

#[test]
fn codes_are_strings_in_json_and_checked_when_read() {
    let bin: Bin = serde_json::from_str("\"940140000385\"").unwrap();
    assert_eq!(serde_json::to_string(&bin).unwrap(), "\"940140000385\"");
    assert!(serde_json::from_str::<Bin>("\"940140000386\"").is_err());
    assert!(serde_json::from_str::<OkedCode>("\"x\"").is_err());
}
