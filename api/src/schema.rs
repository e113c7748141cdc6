//! The one place that names all areas.
//!
//! Areas are merged in nested groups: a flat list of more than about twenty does not compile.

use std::sync::LazyLock;

use async_graphql::{
    EmptySubscription, MergedObject, Request, Response, SDLExportOptions, SchemaBuilder, ValidationMode,
};

use crate::app::App;
use crate::areas::assessments::{AssessmentMutation, AssessmentQuery};
use crate::areas::enterprises::{EnterpriseMutation, EnterpriseQuery};
use crate::areas::factors::{FactorMutation, FactorQuery};
use crate::areas::identity::IdentityQuery;
use crate::areas::map::MapQuery;
use crate::areas::reference::ReferenceQuery;
use crate::areas::service::ServiceQuery;
use crate::areas::workplaces::{WorkplaceMutation, WorkplaceQuery};
use crate::graphql::coercion::Types;
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

type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// The schema of a running server with its resolvers. Limits are kept by the guard, before a document comes here.
#[derive(Clone)]
pub struct Executor {
    validating: Schema,
    /// The same schema for documents that have been validated: the library would do it again for every request.
    trusting: Schema,
}

impl Executor {
    /// The schema over a server.
    pub fn new(app: App) -> Self {
        let validating = build(app.clone()).finish();
        Self { validating, trusting: build(app).validation_mode(ValidationMode::Fast).finish() }
    }

    /// Executes a request; `valid` says that its document was validated before.
    pub async fn execute(&self, request: Request, valid: bool) -> Response {
        if valid { self.trusting.execute(request).await } else { self.validating.execute(request).await }
    }
}

fn build(app: App) -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    let introspection = app.config.graphql.introspection;
    let builder = Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .data(app)
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

/// The contract as text, sorted, for `schema.graphql`.
pub fn sdl() -> String {
    let schema = Schema::build(Query::default(), Mutation::default(), EmptySubscription).finish();
    schema.sdl_with_options(SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items())
}
