//! Tags of answers that may be kept, and clients that still have one.

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};

use super::media::MediaType;

/// Digits of a tag: enough that no two answers of an address have the same.
const DIGITS: usize = 32;

/// The tag of a body. Weak: it may be compressed on its way.
pub(super) fn tag(media_type: MediaType, body: &[u8]) -> Option<HeaderValue> {
    let mut digest = Sha256::new();
    digest.update(media_type.as_str());
    digest.update(body);
    let digits = hex::encode(digest.finalize());
    HeaderValue::try_from(format!("W/\"{}\"", digits.get(..DIGITS)?)).ok()
}

/// What `If-None-Match` says: tags of answers that the client still has.
pub(super) struct Held(Vec<HeaderValue>);

impl Held {
    /// Of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        Self(headers.get_all(IF_NONE_MATCH).iter().cloned().collect())
    }

    /// The answer, or 304 when the client has it. Only one that may be kept has a tag.
    pub fn spare(&self, mut answer: Response) -> Response {
        if answer.headers().get(ETAG).is_some_and(|tag| self.has(tag)) {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            answer.headers_mut().remove(CONTENT_TYPE);
            *answer.body_mut() = Body::empty();
        }
        answer
    }

    /// Compared weakly: how a client writes our tag does not matter.
    fn has(&self, tag: &HeaderValue) -> bool {
        let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
        let Ok(tag) = tag.to_str().map(opaque) else { return false };
        let held = self.0.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        held.map(opaque).any(|known| known == tag || known == "*")
    }
}
