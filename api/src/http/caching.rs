//! Who may keep an answer, and for how long: the one place that decides it.

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use http::Method;
use http::header::{AUTHORIZATION, HeaderValue};
use http::request::Parts;

/// Who may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// Everybody on the way, for so many seconds: it is the same for all who ask without a token.
    Shared(u64),
    /// The client alone, who asks each time whether it still holds.
    Own,
    /// Nobody.
    Never,
}

impl Keeping {
    /// Decided once the answer is there and before it is written. `max_age` is `http.public_max_age_seconds`.
    ///
    /// A field that shows the moment has the library's hint `cache_control(no_cache)` where it is written, and one
    /// that only its reader may keep would have `cache_control(private)`.
    pub fn of(max_age: u64, parts: &Parts, operation: OperationType, response: &Response) -> Self {
        let is_read = matches!(parts.method, Method::GET | Method::HEAD) && operation == OperationType::Query;
        if !is_read || !response.errors.is_empty() {
            return Self::Never;
        }
        let hint = response.cache_control;
        // Whatever stands there: an answer to somebody must not be told to others.
        let is_public = !parts.headers.contains_key(AUTHORIZATION) && hint.public && hint.max_age >= 0;
        if is_public && max_age > 0 { Self::Shared(max_age) } else { Self::Own }
    }

    /// `Cache-Control`; none for what is never kept, which is written so unless somebody says otherwise.
    pub fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Shared(seconds) => HeaderValue::try_from(format!("public, max-age={seconds}")).ok(),
            Self::Own => Some(HeaderValue::from_static("private, no-cache")),
            Self::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{CacheControl, ServerError};

    use super::*;

    fn parts(method: Method, authorization: Option<&str>) -> Parts {
        let mut request = http::Request::builder().method(method);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn of(method: Method, authorization: Option<&str>, operation: OperationType, response: &Response) -> Keeping {
        Keeping::of(60, &parts(method, authorization), operation, response)
    }

    #[test]
    fn only_what_the_public_reads_is_shared() {
        let good = Response::default();
        let query = OperationType::Query;
        assert_eq!(of(Method::GET, None, query, &good), Keeping::Shared(60));
        assert_eq!(of(Method::HEAD, None, query, &good), Keeping::Shared(60));
        assert_eq!(Keeping::of(0, &parts(Method::GET, None), query, &good), Keeping::Own);
        for token in ["Bearer x", "", "Basic y"] {
            assert_eq!(of(Method::GET, Some(token), query, &good), Keeping::Own, "{token}");
        }
        let hinted = |public, max_age| Response::default().cache_control(CacheControl { public, max_age });
        assert_eq!(of(Method::GET, None, query, &hinted(true, -1)), Keeping::Own);
        assert_eq!(of(Method::GET, None, query, &hinted(false, 0)), Keeping::Own);
    }

    #[test]
    fn errors_and_what_is_not_read_are_never_kept() {
        let (good, bad) = (Response::default(), Response::from_errors(vec![ServerError::new("no", None)]));
        assert_eq!(of(Method::GET, None, OperationType::Query, &bad), Keeping::Never);
        assert_eq!(of(Method::POST, None, OperationType::Query, &good), Keeping::Never);
        for operation in [OperationType::Mutation, OperationType::Subscription] {
            assert_eq!(of(Method::GET, None, operation, &good), Keeping::Never);
        }
        assert_eq!(Keeping::Never.header(), None);
        assert_eq!(Keeping::Shared(9).header().unwrap(), "public, max-age=9");
    }
}
