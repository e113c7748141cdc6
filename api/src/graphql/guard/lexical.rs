//! The look at a document before the library sees it: one pass over the bytes, no recursion, no tree.
//!
//! The library's parser recurses into literals without a bound, so that 2,000 nested `[` end the process. The rules
//! of strings, block strings and comments here are those of the specification, and where the parser would go on
//! after a broken one (it reads an unterminated `"""` as an empty string and a rest), this scan refuses: it must
//! never see fewer brackets than the parser does.

use super::limits::Limits;
use super::refusal::{Refusal, within};

/// What the scan counted.
#[derive(Debug)]
pub(super) struct Scan<'s> {
    /// Tokens; comments, commas and white space are none.
    pub(super) tokens: u64,
    /// Name after each `$`, definitions and uses alike.
    pub(super) variables: Vec<&'s str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bracket {
    Brace,
    Square,
    Round,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'s> {
    Open(Bracket),
    Close(Bracket),
    Name(&'s str),
    Colon,
    Dollar,
    At,
    Other,
}

/// An open bracket.
struct Frame {
    bracket: Bracket,
    at: usize,
    /// A `{` inside an argument list or a default value is an input object, outside it is a selection set.
    is_object: bool,
    /// First of its keys in `Scanner::keys`.
    keys_from: usize,
}

struct Scanner<'s> {
    source: &'s str,
    limits: &'s Limits,
    at: usize,
    frames: Vec<Frame>,
    /// Keys of all open input objects, innermost last.
    keys: Vec<(&'s str, usize)>,
    rounds: usize,
    directives: u64,
    previous: (Token<'s>, usize),
    scan: Scan<'s>,
}

/// Counts tokens and brackets and refuses what exceeds the limits, what the lexical grammar does not know, brackets
/// that do not match, and input objects that give a field twice (the parser would keep one of the two silently).
pub(super) fn scan<'s>(source: &'s str, limits: &'s Limits) -> Result<Scan<'s>, Refusal> {
    let scan = Scan { tokens: 0, variables: Vec::new() };
    let (frames, keys, previous) = (Vec::new(), Vec::new(), (Token::Other, 0));
    let mut scanner = Scanner { source, limits, at: 0, frames, keys, rounds: 0, directives: 0, previous, scan };
    while let Some((token, at)) = scanner.token()? {
        scanner.scan.tokens = scanner.scan.tokens.saturating_add(1);
        within("tokens", limits.tokens, scanner.scan.tokens)?;
        scanner.step(token, at)?;
        scanner.previous = (token, at);
    }
    match scanner.frames.last() {
        Some(frame) => Err(Refusal::syntax("Syntax error: a bracket is not closed", source, frame.at)),
        None if scanner.scan.tokens == 0 => Err(Refusal::syntax("Syntax error: the document is empty", source, 0)),
        None => Ok(scanner.scan),
    }
}

impl<'s> Scanner<'s> {
    fn step(&mut self, token: Token<'s>, at: usize) -> Result<(), Refusal> {
        match token {
            Token::Open(bracket) => self.open(bracket, at),
            Token::Close(bracket) => self.close(bracket, at),
            Token::Colon => {
                if let (Token::Name(name), name_at) = self.previous
                    && self.frames.last().is_some_and(|frame| frame.is_object)
                {
                    self.keys.push((name, name_at));
                }
                Ok(())
            }
            Token::Name(name) => {
                if self.previous.0 == Token::Dollar {
                    self.scan.variables.push(name);
                    within("variable_uses", self.limits.variable_uses, count(self.scan.variables.len()))?;
                }
                within("name_bytes", self.limits.name_bytes, count(name.len()))
            }
            Token::At => {
                self.directives = self.directives.saturating_add(1);
                within("directives", self.limits.directives, self.directives)
            }
            Token::Dollar | Token::Other => Ok(()),
        }
    }

    fn open(&mut self, bracket: Bracket, at: usize) -> Result<(), Refusal> {
        let is_object = bracket == Bracket::Brace && self.rounds > 0;
        self.rounds = self.rounds.saturating_add(usize::from(bracket == Bracket::Round));
        self.frames.push(Frame { bracket, at, is_object, keys_from: self.keys.len() });
        within("nesting", self.limits.nesting, count(self.frames.len()))
    }

    fn close(&mut self, bracket: Bracket, at: usize) -> Result<(), Refusal> {
        let Some(frame) = self.frames.pop().filter(|frame| frame.bracket == bracket) else {
            return Err(Refusal::syntax("Syntax error: a closing bracket does not match", self.source, at));
        };
        self.rounds = self.rounds.saturating_sub(usize::from(bracket == Bracket::Round));
        if bracket == Bracket::Round && self.previous.0 == Token::Open(Bracket::Round) {
            return Err(Refusal::syntax("Syntax error: nothing between the brackets", self.source, at));
        }
        if let Some(keys) = self.keys.get_mut(frame.keys_from..) {
            keys.sort_unstable();
            let twice = keys.windows(2).find_map(|pair| match pair {
                [(first, _), (second, at)] if first == second => Some((*second, *at)),
                _ => None,
            });
            if let Some((name, at)) = twice {
                let message = format!("There can be only one input field named \"{name}\".");
                return Err(Refusal { reason: "duplicate_input_field", ..Refusal::syntax(message, self.source, at) });
            }
        }
        self.keys.truncate(frame.keys_from);
        Ok(())
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at.saturating_add(ahead)).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        self.source.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    fn skip_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&accept) {
            self.advance(1);
        }
    }

    /// White space, commas, byte order marks and comments.
    fn skip_ignored(&mut self) {
        loop {
            match self.byte(0) {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => self.advance(1),
                Some(b'#') => self.skip_while(|byte| byte != b'\n' && byte != b'\r'),
                Some(0xEF) if self.starts_with("\u{feff}") => self.advance(3),
                _ => return,
            }
        }
    }

    fn token(&mut self) -> Result<Option<(Token<'s>, usize)>, Refusal> {
        self.skip_ignored();
        let at = self.at;
        let Some(byte) = self.byte(0) else { return Ok(None) };
        let token = match byte {
            b'{' => Token::Open(Bracket::Brace),
            b'}' => Token::Close(Bracket::Brace),
            b'[' => Token::Open(Bracket::Square),
            b']' => Token::Close(Bracket::Square),
            b'(' => Token::Open(Bracket::Round),
            b')' => Token::Close(Bracket::Round),
            b':' => Token::Colon,
            b'$' => Token::Dollar,
            b'@' => Token::At,
            b'!' | b'=' | b'|' | b'&' => Token::Other,
            b'"' => return self.string().map(|()| Some((Token::Other, at))),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                self.skip_while(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
                return Ok(Some((Token::Name(self.source.get(at..self.at).unwrap_or_default()), at)));
            }
            b'-' | b'0'..=b'9' => {
                self.number();
                return Ok(Some((Token::Other, at)));
            }
            b'.' if self.starts_with("...") => {
                self.advance(3);
                return Ok(Some((Token::Other, at)));
            }
            _ => return Err(Refusal::syntax("Syntax error: unexpected character", self.source, at)),
        };
        self.advance(1);
        Ok(Some((token, at)))
    }

    /// A number; `1-1` is two, as the parser has it, lest many be counted as one.
    fn number(&mut self) {
        self.advance(1);
        self.skip_while(|byte| byte.is_ascii_digit());
        if self.byte(0) == Some(b'.') && self.byte(1).is_some_and(|byte| byte.is_ascii_digit()) {
            self.advance(1);
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        if matches!(self.byte(0), Some(b'e' | b'E')) {
            self.advance(1);
            if matches!(self.byte(0), Some(b'+' | b'-')) {
                self.advance(1);
            }
            self.skip_while(|byte| byte.is_ascii_digit());
        }
    }

    fn string(&mut self) -> Result<(), Refusal> {
        let at = self.at;
        let block = self.starts_with("\"\"\"");
        self.advance(if block { 3 } else { 1 });
        loop {
            match self.byte(0) {
                Some(b'"') if !block => break self.advance(1),
                Some(b'"') if self.starts_with("\"\"\"") => break self.advance(3),
                Some(b'\\') if block => self.advance(if self.starts_with("\\\"\"\"") { 4 } else { 1 }),
                Some(b'\\') => self.advance(2),
                Some(b'\n' | b'\r') if !block => {
                    return Err(Refusal::syntax("Syntax error: unterminated string", self.source, at));
                }
                Some(_) => self.advance(1),
                None => return Err(Refusal::syntax("Syntax error: unterminated string", self.source, at)),
            }
        }
        Ok(())
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(source: &str) -> Result<Scan<'_>, Refusal> {
        static LIMITS: std::sync::LazyLock<Limits> = std::sync::LazyLock::new(Limits::default);
        scan(source, &LIMITS)
    }

    fn tokens(source: &str) -> u64 {
        look(source).unwrap().tokens
    }

    fn reason(source: &str) -> &'static str {
        let refusal = look(source).unwrap_err();
        refusal.limit.map_or(refusal.reason, |limit| limit.name)
    }

    #[test]
    fn tokens_are_those_of_the_grammar() {
        assert_eq!(tokens("{a(b:-1.5e+3,c:$d)@e{...f}}"), 18);
        assert_eq!(tokens("\u{feff}{a # [[[ \"\"\" \r b}"), 4);
        assert_eq!(tokens("{a(b:[1-1-1])}"), 12);
    }

    #[test]
    fn brackets_inside_strings_and_comments_do_not_count() {
        assert_eq!(tokens(r#"{a(b:"[[[{{{(((\"",c:"""[[[ \""" " "" {{{""")}"#), 11);
        assert_eq!(tokens("{a #{{{{\n}"), 3);
        assert_eq!(tokens(r#"{a(b:"""x\\ """)}"#), 8);
    }

    #[test]
    fn every_kind_of_bracket_is_bounded() {
        for open in ["[", "{", "(", "{a(b:[", "("] {
            assert_eq!(reason(&format!("{{a(b:{}", open.repeat(2_000))), "nesting");
        }
    }

    #[test]
    fn a_string_that_does_not_end_is_refused_where_it_begins() {
        for source in
            ["{a(b:\"x)}", "{a(b:\"x\n\")}", "{a(b:\"\"\"x\"\")}", "{a(b:\"\"\"x\\\"\"\")}", "{a(b:\"\\", "\""]
        {
            let refusal = look(source).unwrap_err();
            assert_eq!(refusal.reason, "syntax", "{source}");
            assert_eq!(refusal.location.unwrap().line, 1);
        }
    }

    #[test]
    fn the_parser_fails_too_where_it_might_read_a_broken_block_string_differently() {
        // Here the parser's own fallback would find `""`, `"abc"` and 2,000 open lists.
        assert_eq!(reason(&format!("{{a(b:[\"\"\"abc\" {}", "[".repeat(2_000))), "syntax");
    }

    #[test]
    fn strange_characters_are_refused() {
        for source in ["{a\0}", "{ж}", "{a..b}", "{a}%", "{a;b}", "{a\u{a0}}"] {
            assert_eq!(reason(source), "syntax", "{source:?}");
        }
    }

    #[test]
    fn brackets_must_match() {
        for source in ["{a(b:[1)}", "{a", "}", "{a}}", "{a(b:{c:1]})}", "query(){a}", ""] {
            assert_eq!(reason(source), "syntax", "{source}");
        }
        assert_eq!(reason("  # nothing"), "syntax");
    }

    #[test]
    fn an_input_field_is_given_once() {
        for source in
            ["{a(b:{c:1,c:2})}", "{a(b:[{c:{d:1 e:E d:2}}])}", "query($v:I={c:1 c:1}){a}", "{a@b(c:{d:1 d:1})}"]
        {
            assert_eq!(reason(source), "duplicate_input_field", "{source}");
        }
        for source in ["{a(b:{c:1,d:{c:1}})}", "{a(b:{c:E d:c e:$c})}", "{c:a c:a}", "{a(b:[{c:1}{c:1}])}"] {
            assert!(look(source).is_ok(), "{source}");
        }
    }

    #[test]
    fn long_names_many_variables_and_many_directives_are_refused() {
        assert_eq!(reason(&format!("{{{}}}", "n".repeat(129))), "name_bytes");
        assert_eq!(reason(&format!("{{a(b:[{}])}}", "$v".repeat(1_001))), "variable_uses");
        assert_eq!(reason(&format!("{{a{}}}", "@b".repeat(61))), "directives");
    }
}
