//! Media types: which one an answer has, and whether a body is JSON.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde::{Deserialize, Serialize};

/// Media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MediaType {
    /// `application/json`: every well-formed request is answered with 200, whatever became of it.
    #[serde(rename = "application/json")]
    Json,
    /// `application/graphql-response+json`: the status says what became of the request.
    #[serde(rename = "application/graphql-response+json")]
    GraphqlResponse,
}

impl MediaType {
    const ALL: [Self; 2] = [Self::GraphqlResponse, Self::Json];

    /// As in `Accept`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GraphqlResponse => "application/graphql-response+json",
        }
    }

    /// As in `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// One range of an `Accept` header.
struct Range {
    name: String,
    /// 0 to 1,000.
    quality: u16,
}

/// Media type for the answer: the one the client prefers; `default` where it has no preference; `None` if it accepts
/// neither (406).
pub fn negotiate(headers: &HeaderMap, default: MediaType) -> Option<MediaType> {
    let ranges: Vec<Range> =
        headers.get_all(ACCEPT).iter().filter_map(|it| it.to_str().ok()).flat_map(ranges).collect();
    let sent = headers.get_all(ACCEPT).iter().any(|value| !value.as_bytes().trim_ascii().is_empty());
    if !sent {
        return Some(default);
    }
    // Best first: quality, then named rather than covered by a wildcard, then the order in the header; for wildcards
    // the default decides.
    let key = |media: MediaType| {
        let (place, wildcard, quality) = best(&ranges, media.as_str())?;
        (quality > 0).then_some((std::cmp::Reverse(quality), wildcard, place, media != default))
    };
    MediaType::ALL.into_iter().filter_map(|media| Some((key(media)?, media))).min_by_key(|it| it.0).map(|it| it.1)
}

/// Whether a client accepts this media type by its name; what a wildcard covers is not asked for.
pub(in crate::http) fn accepts(headers: &HeaderMap, name: &str) -> bool {
    let mut ranges = headers.get_all(ACCEPT).iter().filter_map(|it| it.to_str().ok()).flat_map(ranges);
    ranges.any(|range| range.name == name && range.quality > 0)
}

/// Place, width (0 exact, 1 `application/*`, 2 `*/*`) and quality of the most exact range for a type.
fn best(ranges: &[Range], name: &str) -> Option<(usize, u8, u16)> {
    let candidates = ranges.iter().enumerate().filter_map(|(place, range)| {
        let width = match range.name.as_str() {
            exact if exact == name => 0,
            "application/*" => 1,
            "*/*" => 2,
            _ => return None,
        };
        Some((if width == 0 { place } else { usize::MAX }, width, range.quality))
    });
    candidates.min_by_key(|(place, width, _)| (*width, *place))
}

fn ranges(header: &str) -> impl Iterator<Item = Range> {
    header.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next()?.to_ascii_lowercase();
        let mut quality = 1000;
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            match key.trim().to_ascii_lowercase().as_str() {
                "q" => quality = thousandths(value.trim())?,
                // We write UTF-8 only.
                "charset" if !is_utf8(value) => return None,
                _ => {}
            }
        }
        Some(Range { name, quality })
    })
}

fn thousandths(quality: &str) -> Option<u16> {
    let quality: f32 = quality.parse().ok()?;
    // In range, hence exact enough and never truncated.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (0.0..=1.0).contains(&quality).then_some((quality * 1000.0).round() as u16)
}

fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim().trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// Whether the body is declared as JSON in UTF-8. Anything else must not be taken for it: a browser sends `text/plain`
/// and forms across sites without asking.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next().and_then(|value| value.to_str().ok()), values.next()) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
        && parts
            .filter_map(|part| part.split_once('='))
            .all(|(key, value)| !key.trim().eq_ignore_ascii_case("charset") || is_utf8(value))
}
