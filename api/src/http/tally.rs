//! What is counted of each request. Clients choose the names of their operations, so the number of names that are
//! counted apart is bounded: a hostile client must fill neither our memory nor that of the monitoring.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use async_graphql::{Response, Value};
use metrics::{Counter, Histogram, counter, histogram};

use crate::error::Code;
use crate::graphql::deprecations::{Deprecations, Used};

/// Stands for every name that is not counted apart.
const OTHER: &str = "other";

/// Handles are looked up once for each name: to build the labels for every request costs more than to count it.
#[derive(Clone)]
struct Handles {
    requests: Counter,
    seconds: Histogram,
}

#[derive(Default)]
struct Seen {
    /// By kind of operation, then by its name.
    handles: HashMap<&'static str, HashMap<Box<str>, Handles>>,
    /// Names that clients chose.
    names: usize,
}

/// The counters of one server.
pub struct Tally {
    most_names: usize,
    seen: RwLock<Seen>,
    errors: HashMap<&'static str, Counter>,
    /// By coordinate: the schema bounds their number.
    deprecated: HashMap<&'static str, Counter>,
}

/// One request that was answered.
pub struct Answered<'a> {
    /// `query`, `mutation`, `subscription` or `refused`.
    pub operation: &'static str,
    /// The name of the operation; empty for an anonymous one.
    pub name: &'a str,
    /// Whether the caller is a person.
    pub signed_in: bool,
    /// What it took.
    pub elapsed: Duration,
}

impl Tally {
    /// Counts up to so many names apart, and each deprecated element, beginning at 0: that nobody uses one is what an
    /// operator wants to see.
    pub fn new(most_names: usize, deprecations: &'static Deprecations) -> Self {
        let errors =
            Code::ALL.map(|code| (code.as_str(), counter!("osh_graphql_errors_total", "code" => code.as_str())));
        let uses = |coordinate: &'static str| {
            let counter = counter!("osh_graphql_deprecated_total", "coordinate" => coordinate);
            counter.increment(0);
            (coordinate, counter)
        };
        let deprecated = deprecations.iter().map(|it| uses(&it.coordinate)).collect();
        Self { most_names, seen: RwLock::default(), errors: errors.into(), deprecated }
    }

    /// Counts a request and its errors.
    pub fn count(&self, answered: &Answered, response: &Response) {
        let handles = self.handles(answered);
        handles.requests.increment(1);
        handles.seconds.record(answered.elapsed.as_secs_f64());
        for error in &response.errors {
            let code = match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
                Some(Value::String(code)) => self.errors.get(code.as_str()),
                _ => None,
            };
            // Errors of validation come from the library and have no code yet.
            if let Some(counter) = code.or_else(|| self.errors.get(Code::BadDocument.as_str())) {
                counter.increment(1);
            }
        }
    }

    /// Counts a request, or a subscription once, for each deprecated element that it uses.
    pub fn count_deprecated(&self, used: &Used) {
        for counter in used.iter().filter_map(|it| self.deprecated.get(it.coordinate.as_str())) {
            counter.increment(1);
        }
    }

    fn handles(&self, answered: &Answered) -> Handles {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        let known = seen.find(answered, answered.name).or_else(|| seen.find(answered, self.shown(&seen, answered)));
        drop(seen);
        known.unwrap_or_else(|| {
            self.seen.write().unwrap_or_else(PoisonError::into_inner).add(answered, |seen| self.shown(seen, answered))
        })
    }

    /// The name itself while there is room. The public gets half of it, so that nobody without an account takes all.
    fn shown<'a>(&self, seen: &Seen, answered: &Answered<'a>) -> &'a str {
        let room = if answered.signed_in { self.most_names } else { self.most_names / 2 };
        if answered.name.is_empty() || seen.names < room { answered.name } else { OTHER }
    }
}

impl Seen {
    fn find(&self, answered: &Answered, name: &str) -> Option<Handles> {
        self.handles.get(answered.operation)?.get(name).cloned()
    }

    fn add<'a>(&mut self, answered: &Answered<'a>, shown: impl FnOnce(&Self) -> &'a str) -> Handles {
        // Another request may have come first.
        if let Some(known) = self.find(answered, answered.name) {
            return known;
        }
        let name = shown(self);
        let of_kind = self.handles.entry(answered.operation).or_default();
        if !["", OTHER].contains(&name) && !of_kind.contains_key(name) {
            self.names = self.names.saturating_add(1);
        }
        of_kind.entry(name.into()).or_insert_with(|| new(answered.operation, name)).clone()
    }
}

fn new(operation: &'static str, name: &str) -> Handles {
    let name = name.to_owned();
    Handles {
        requests: counter!("osh_graphql_requests_total", "operation" => operation, "name" => name.clone()),
        seconds: histogram!("osh_graphql_seconds", "operation" => operation, "name" => name),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use async_graphql::parser::parse_query;
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::graphql::coercion::Types;
    use crate::graphql::deprecations::Uses;

    const SCHEMA: &str = "type Query { old: Int @deprecated  older(x: Int @deprecated): Int }";

    #[test]
    fn uses_of_what_is_deprecated_are_counted_from_zero() {
        let deprecations: &'static _ = Box::leak(Box::new(Deprecations::read(SCHEMA).expect("a schema")));
        let types = Types::read(SCHEMA).expect("a schema");
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            let tally = Tally::new(0, deprecations);
            for document in ["{ old again: old }", "{ old }", "{ older }"] {
                let document = parse_query(document).expect("a document");
                let uses = Uses::of(deprecations, &types, &document);
                tally.count_deprecated(&uses.with(deprecations, &types, (&document, None), &Variables::default()));
            }
        });
        let shown = recorder.handle().render();
        for line in ["{coordinate=\"Query.old\"} 2\n", "{coordinate=\"Query.older(x:)\"} 0\n"] {
            assert!(shown.contains(&format!("osh_graphql_deprecated_total{line}")), "{shown}");
        }
    }
}
