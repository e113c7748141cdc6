use domain::text::fold;

#[test]
fn kazakh_russian_and_latin_fold_to_the_same() {
    let cases = [
        ("ҚАЗАҚМЫС", "казакмыс"),
        ("Қазақстан Темір Жолы", "казакстан темир жолы"),
        ("ӘӘ ҒҒ ҚҚ ҢҢ ӨӨ ҰҰ ҮҮ ҺҺ ІІ", "аа гг кк нн оо уу уу хх ии"),
        ("Ёлка", "елка"),
        ("Е\u{308}лка", "елка"),
        ("Йод", "йод"),
        ("  ТОО\t «Алтын\u{a0}\n Дала»  ", "тоо «алтын дала»"),
        ("ＦＵＬＬ Ｗｉｄｔｈ", "full width"),
        ("KazMunayGas", "kazmunaygas"),
        ("a\u{0}b", "a b"),
        ("   ", ""),
        ("", ""),
    ];
    for (text, folded) in cases {
        assert_eq!(fold(text), folded);
    }
    assert_eq!(fold("Өскемен"), fold("ОСКЕМЕН"));
}

#[test]
fn a_mark_that_composes_after_folding_is_settled() {
    let text = "ү\u{306} ө\u{308} і\u{306}";
    assert_eq!(fold(&fold(text)), fold(text));
}
