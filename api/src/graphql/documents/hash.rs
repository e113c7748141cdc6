//! The name that a text gives itself.

use std::fmt;

use sha2::{Digest, Sha256};

/// SHA-256 of a document's text in UTF-8, as clients compute it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sha([u8; 32]);

impl Sha {
    /// That of a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// From 64 hexadecimal digits.
    pub fn parse(digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).ok().map(|()| Self(bytes))
    }

    /// From an id of the appendix on persisted documents: `sha256:` and the digits.
    pub fn prefixed(id: &str) -> Option<Self> {
        Self::parse(id.strip_prefix("sha256:")?)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Sha {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the appendix.
    #[test]
    fn a_hash_is_what_other_programs_compute() {
        let digits = "71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b";
        let sha = Sha::of("query($id:ID!){user(id:$id){name}}");
        assert_eq!((sha.to_string().as_str(), Sha::parse(digits)), (digits, Some(sha)));
        assert_eq!(Sha::prefixed(&format!("sha256:{digits}")), Some(sha));
        assert_eq!(Sha::parse(&digits.to_uppercase()), Some(sha));
        for wrong in ["", "71f7", &format!("{digits}00"), &digits.replace('7', "g")] {
            assert_eq!((Sha::parse(wrong), Sha::prefixed(wrong)), (None, None));
        }
        assert_eq!(Sha::prefixed(digits), None);
    }
}
