//! Folding of names for search: the same function writes the search columns and folds the search terms,
//! because SQLite's `lower()` knows ASCII only and people type Kazakh names on Russian keyboards.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Folded text settles after one or two passes; the bound only guards against an unknown Unicode oddity.
const MAX_PASSES: usize = 4;

/// Folds a text for search: NFKC, lower case, Kazakh letters and `ё` to their Russian neighbour,
/// white space and control characters to single spaces.
///
/// `fold(fold(x)) == fold(x)`; two texts that differ only in case, width, spacing or these letters fold to the same.
pub fn fold(text: &str) -> String {
    let mut folded = fold_once(text);
    // A mapped letter may meet a combining mark and compose to a new letter: repeat until nothing changes.
    for _ in 1..MAX_PASSES {
        let again = fold_once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

fn fold_once(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    // The letter before has lost its dots: further ones would make it `ё` again, one in each pass.
    let mut undotted = false;
    for c in text.nfkc().flat_map(char::to_lowercase).nfkc() {
        if c.is_whitespace() || c.is_control() {
            gap = !folded.is_empty();
            continue;
        }
        if canonical_combining_class(c) == 0 {
            undotted = c == 'ё';
        } else if undotted && c == '\u{308}' {
            continue;
        }
        if gap {
            folded.push(' ');
            gap = false;
        }
        folded.push(neighbour(c));
    }
    folded
}

/// The Russian letter that stands for a Kazakh one on a keyboard without Kazakh letters.
const fn neighbour(c: char) -> char {
    match c {
        'ё' => 'е',
        'ә' => 'а',
        'ғ' => 'г',
        'қ' => 'к',
        'ң' => 'н',
        'ө' => 'о',
        'ұ' | 'ү' => 'у',
        'һ' => 'х',
        'і' => 'и',
        other => other,
    }
}
