//! Global ids: opaque to clients, with the type inside.

use async_graphql::ID;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::exact::Written;
use domain::refusal::{Refusal, RefusalCode};
use uuid::Uuid;

use crate::error::{Error, Result};

/// The id of an object of GraphQL type `kind`.
pub fn encode(kind: &str, id: Uuid) -> ID {
    let mut bytes = kind.as_bytes().to_vec();
    bytes.push(b':');
    bytes.extend_from_slice(id.as_bytes());
    ID(URL_SAFE_NO_PAD.encode(bytes))
}

/// Type and key inside an id; `None` when it is not one of ours.
pub fn parse(id: &str) -> Option<(String, Uuid)> {
    let bytes = URL_SAFE_NO_PAD.decode(id).ok()?;
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let (kind, key) = bytes.split_at(colon);
    let key = Uuid::from_slice(key.get(1..)?).ok()?;
    Some((String::from_utf8(kind.to_vec()).ok()?, key))
}

/// The key inside an id that must be of type `kind`; `field` names the argument in the error.
pub fn decode(kind: &str, id: &ID, field: &'static str) -> Result<Uuid> {
    match parse(id) {
        Some((found, key)) if found == kind => Ok(key),
        _ => Err(Error::input(field, "ID_INVALID").arg("expected", kind)),
    }
}

/// Like [`decode`] for the input of a mutation, where a malformed id is a fault among the others; `field` is the path
/// below the input.
pub fn read(kind: &'static str, id: &ID, field: &'static str) -> Written<Uuid> {
    decode(kind, id, field).map_err(|_| Refusal::new(RefusalCode::IdInvalid).at(field).with("expected", kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_and_only_as_its_own_type() {
        let key = Uuid::from_u128(0x0123_4567_89ab_cdef);
        let id = encode("Enterprise", key);
        assert_eq!(decode("Enterprise", &id, "id").expect("own"), key);
        assert!(decode("Workplace", &id, "id").is_err());
        for forged in ["", "AAAA", "RW50ZXJwcmlzZTo", "ÿ", "RW50ZXJwcmlzZTphYmM"] {
            assert!(parse(forged).is_none(), "{forged}");
        }
    }
}
