//! The one place that names all areas.
//!
//! Areas are merged in nested groups: a flat list of more than about twenty does not compile.

use std::sync::LazyLock;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{
    MergedObject, MergedSubscription, Request, Response, SDLExportOptions, SchemaBuilder, ServerError, ValidationMode,
};

use futures::StreamExt;
use futures::stream::BoxStream;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::areas::assessments::{AssessmentMutation, AssessmentQuery, AssessmentSubscription};
use crate::areas::enterprises::{EnterpriseMutation, EnterpriseQuery, EnterpriseSubscription};
use crate::areas::factors::{FactorMutation, FactorQuery};
use crate::areas::identity::IdentityQuery;
use crate::areas::map::MapQuery;
use crate::areas::reference::ReferenceQuery;
use crate::areas::service::{SchemaHash, ServiceQuery};
use crate::areas::workplaces::{WorkplaceMutation, WorkplaceQuery};
use crate::graphql::coercion::Types;
use crate::graphql::deprecations::Deprecations;
use crate::graphql::rules;
use crate::graphql::validate_only::ValidateOnly;
use crate::node::NodeQuery;

/// Who asks, what the server is, and the classifiers.
#[derive(MergedObject, Default)]
pub struct CommonQueries(IdentityQuery, ServiceQuery, ReferenceQuery, NodeQuery);

/// Enterprises, their workplaces and their place on the map.
#[derive(MergedObject, Default)]
pub struct PlaceQueries(EnterpriseQuery, WorkplaceQuery, MapQuery);

/// Factors, measurements and scores.
#[derive(MergedObject, Default)]
pub struct RiskQueries(FactorQuery, AssessmentQuery);

/// Everything that can be read.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct Query(CommonQueries, PlaceQueries, RiskQueries);

/// Everything that can be changed.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct Mutation(EnterpriseMutation, WorkplaceMutation, FactorMutation, AssessmentMutation);

/// Everything that can be heard, over WebSocket or as an event stream.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct Subscription(EnterpriseSubscription, AssessmentSubscription);

type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema without a server: it validates and executes nothing.
#[derive(Clone)]
pub struct Validator(Schema);

/// The schema of a running server with its resolvers. Limits are kept by the guard, before a document comes here.
#[derive(Clone)]
pub struct Executor {
    validator: Validator,
    /// The same schema for documents that have been validated: the library would do it again for every request.
    trusting: Schema,
}

impl Validator {
    /// With or without the fields of introspection.
    pub fn new(introspection: bool) -> Self {
        Self(build(introspection).extension(ValidateOnly).finish())
    }

    /// What is wrong with a document, whatever the variables: their values are judged by [`crate::graphql::coercion`],
    /// and so are their types where they are used, because the library refuses some that the specification allows (a
    /// variable that may be null where the schema has a default, a list that may not be null where one may). What the
    /// library overlooks is found by [`rules`].
    pub async fn faults(&self, document: &ExecutableDocument, operation: Option<&str>) -> Vec<ServerError> {
        let mut request = Request::new(String::new());
        request.operation_name = operation.map(str::to_owned);
        request.set_parsed_query(document.clone());
        let mut errors = self.0.execute(request).await.errors;
        errors.retain(|error| !is_of_a_position(&error.message));
        match errors.is_empty() {
            true => rules::fault(types(), document).into_iter().collect(),
            false => errors,
        }
    }
}

impl Executor {
    /// The schema over a server.
    pub fn new(app: App) -> Self {
        let introspection = app.config.graphql.introspection;
        let trusting = build(introspection).data(app).validation_mode(ValidationMode::Fast).finish();
        Self { validator: Validator::new(introspection), trusting }
    }

    /// As [`Validator::faults`].
    pub async fn faults(&self, document: &ExecutableDocument, operation: Option<&str>) -> Vec<ServerError> {
        self.validator.faults(document, operation).await
    }

    /// Executes a request whose document has no [`Executor::faults`].
    pub async fn execute(&self, request: Request) -> Response {
        self.trusting.execute(request).await
    }

    /// The same for one run of a subscription; see [`crate::graphql::live`].
    pub fn execute_subscription(&self, request: Request) -> BoxStream<'static, Response> {
        self.trusting.execute_stream(request).boxed()
    }
}

/// The library's sentence. Names cannot hold its words, so no other error begins and goes on like it.
fn is_of_a_position(message: &str) -> bool {
    message.starts_with("Variable \"") && message.contains("\" used in position expecting type \"")
}

fn build(introspection: bool) -> SchemaBuilder<Query, Mutation, Subscription> {
    let builder = Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .data(SchemaHash(fingerprint()))
        // Suggestions name fields and types; who may not read the schema must not learn it from errors.
        .disable_suggestions();
    if introspection { builder } else { builder.disable_introspection() }
}

/// What the values of a request are checked against before it runs; see [`crate::graphql::coercion`].
pub fn types() -> &'static Types {
    // A text of the schema that cannot be read leaves all values to the library; a test reads it.
    static TYPES: LazyLock<Types> = LazyLock::new(|| Types::read(&sdl()).unwrap_or_default());
    &TYPES
}

/// What is deprecated; see [`crate::graphql::deprecations`].
pub fn deprecations() -> &'static Deprecations {
    static DEPRECATIONS: LazyLock<Deprecations> = LazyLock::new(|| Deprecations::read(&sdl()).unwrap_or_default());
    &DEPRECATIONS
}

/// Names the contract: the first twelve hexadecimal digits of the SHA-256 of its text.
pub fn fingerprint() -> &'static str {
    static FINGERPRINT: LazyLock<String> = LazyLock::new(|| {
        let digest = Sha256::digest(sdl());
        hex::encode(digest.get(..6).unwrap_or_default())
    });
    &FINGERPRINT
}

/// The contract as text, sorted, for `schema.graphql`.
pub fn sdl() -> String {
    let schema = Schema::build(Query::default(), Mutation::default(), Subscription::default()).finish();
    schema.sdl_with_options(SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items())
}
