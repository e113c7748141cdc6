//! What the server tells of itself.

use async_graphql::{Context, Enum, Object, SimpleObject};
use domain::roles::{Action, Resource};

use crate::areas::enterprises::SEARCH_LENGTH;
use crate::areas::map::{self, Freshness};
use crate::budget::Terms;
use crate::config::{self, Config};
use crate::error::{Code, Result};
use crate::events::log;
use crate::graphql::guard::Limits;
use crate::graphql::scalars::{Date, Moment};
use crate::graphql::{Ask, id};
use crate::language::Language;
use crate::node;

/// What one request may ask for. Every bound is inclusive; above it the answer is an error that names the limit.
#[derive(Clone, Debug, SimpleObject)]
pub struct ServiceLimits {
    /// Largest body of a request, bytes, after decoding.
    pub max_body_bytes: u64,
    /// Largest `first` or `last` of a list.
    pub max_page_size: u32,
    /// Rows of a list that says neither `first` nor `last`.
    pub default_page_size: u32,
    /// Most ids of one `nodes`.
    pub max_ids: usize,
    /// Shortest text that is searched for, characters.
    pub min_search_length: usize,
    /// Longest text that is searched for, characters.
    pub max_search_length: usize,
    /// Length of a document, bytes of UTF-8.
    pub document_bytes: u64,
    /// Lexical tokens of a document, comments not counted.
    pub tokens: u64,
    /// Brackets open at once, of every kind.
    pub nesting: u64,
    /// Length of one name, bytes.
    pub name_bytes: u64,
    /// Operations in one document.
    pub operations: u64,
    /// Directives written in a document.
    pub directives: u64,
    /// Uses of variables written in a document.
    pub variable_uses: u64,
    /// Values that the variables put into a document, each use counted.
    pub variable_values: u64,
    /// Selections after every fragment is written out.
    pub expanded_fields: u64,
    /// Levels of selections after every fragment is written out, fragments counted.
    pub expanded_nesting: u64,
    /// Fields inside fields, introspection not counted.
    pub depth: u64,
    /// Aliases written in a document.
    pub aliases: u64,
    /// Fields at the root of an operation, fragments written out.
    pub root_fields: u64,
    /// Estimated values of an introspection answer.
    pub introspection: u64,
    /// Cost of the operation that runs, by the published formula.
    pub cost: u64,
    /// Hours for which an idempotency key is kept at least.
    pub idempotency_hours: i64,
    /// Seconds a request may run before it is answered with `TIMEOUT`.
    pub request_seconds: u64,
    /// Seconds within which a client sends the head of a request, its first word included.
    pub header_seconds: u64,
    /// Seconds within which the body follows.
    pub body_seconds: u64,
    /// Seconds that a client may take nothing of its answer before it is let go.
    pub write_seconds: u64,
    /// Connections that may be open at once on a replica; a further one waits.
    pub max_connections: usize,
    /// Seconds that caches on the way may keep an answer to a query which came by GET without a token. 0: not at all.
    pub public_max_age_seconds: u64,
}

/// What runs besides the documents that are on the list of a client application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "config::TrustedDocuments")]
pub enum TrustedDocuments {
    /// There are no lists.
    Off,
    /// Everything; what is on no list is counted.
    Report,
    /// Nothing: it is answered with `DOCUMENT_NOT_TRUSTED`.
    Only,
}

/// How a request may name its document besides by its text.
#[derive(Clone, Debug, SimpleObject)]
pub struct ServiceDocuments {
    /// Whether by its hash, once this server has seen the text: `extensions.persistedQuery`.
    pub automatic: bool,
    /// Whether there are lists, by whose ids a client may name its documents: `documentId` and `X-Osh-Client`.
    pub trusted: TrustedDocuments,
}

impl From<&Config> for ServiceLimits {
    fn from(config: &Config) -> Self {
        // Each by its name: a limit that is added cannot be forgotten.
        let Limits {
            document_bytes,
            tokens,
            nesting,
            name_bytes,
            operations,
            directives,
            variable_uses,
            variable_values,
            expanded_fields,
            expanded_nesting,
            depth,
            aliases,
            root_fields,
            introspection,
            cost,
            default_page_size: _,
        } = config.limits;
        Self {
            max_body_bytes: config.http.max_body_bytes,
            max_page_size: config.graphql.max_page_size,
            default_page_size: config.graphql.default_page_size,
            max_ids: node::MOST,
            min_search_length: *SEARCH_LENGTH.start(),
            max_search_length: *SEARCH_LENGTH.end(),
            document_bytes,
            tokens,
            nesting,
            name_bytes,
            operations,
            directives,
            variable_uses,
            variable_values,
            expanded_fields,
            expanded_nesting,
            depth,
            aliases,
            root_fields,
            introspection,
            cost,
            idempotency_hours: config.graphql.idempotency_hours,
            request_seconds: config.http.request_timeout_seconds,
            header_seconds: config.http.header_timeout_seconds,
            body_seconds: config.http.body_timeout_seconds,
            write_seconds: config.http.write_timeout_seconds,
            max_connections: config.http.max_connections,
            public_max_age_seconds: config.http.public_max_age_seconds,
        }
    }
}

/// Points that a client may have spent, and how they come back. `extensions.cost` of every answer says what is left.
#[derive(Clone, Debug, SimpleObject)]
pub struct ServiceBudget {
    /// Points of a full budget.
    pub points: u64,
    /// Points that come back in a second.
    pub points_per_second: u64,
}

/// What a client may ask for over time. A budget that is null has no bound.
#[derive(Clone, Debug, SimpleObject)]
pub struct ServiceBudgets {
    /// Of one person.
    pub person: Option<ServiceBudget>,
    /// Of all persons who act for one organisation; they pay from both.
    pub organisation: Option<ServiceBudget>,
    /// Of all at one address who have not signed in.
    pub address: Option<ServiceBudget>,
}

impl From<&config::Budgets> for ServiceBudgets {
    fn from(budgets: &config::Budgets) -> Self {
        let shown = |terms: Terms| {
            let Terms { points, per_second } = terms;
            (points > 0).then_some(ServiceBudget { points, points_per_second: per_second })
        };
        let of = [budgets.person(), budgets.organisation(), budgets.address()];
        let [person, organisation, address] = of.map(shown);
        Self { person, organisation, address }
    }
}

/// What bounds subscriptions, over WebSocket and as event streams.
#[derive(Clone, Debug, SimpleObject)]
pub struct RealtimeLimits {
    /// WebSockets and event streams that may be open at once on a replica; half of them for clients that have not signed
    /// in.
    pub max_sockets: usize,
    /// Of these, for one person.
    pub sockets_per_person: usize,
    /// Of these, for one address that has not signed in; an IPv6 network of 64 bits counts as one.
    pub sockets_per_address: usize,
    /// Operations that may run over one WebSocket at once.
    pub operations_per_socket: usize,
    /// Largest message of a client over WebSocket, bytes.
    pub frame_bytes: usize,
    /// Seconds within which a WebSocket must send `connection_init`.
    pub init_seconds: u64,
    /// Seconds after which a WebSocket is asked whether its client is still there; after twice as many without a word it
    /// is closed.
    pub ping_seconds: u64,
    /// Seconds that a client over WebSocket may take nothing before it is closed.
    pub send_seconds: u64,
    /// Hours that the cursor of an event can be subscribed after.
    pub keep_events_hours: i64,
}

impl From<&Config> for RealtimeLimits {
    fn from(config: &Config) -> Self {
        let realtime = &config.realtime;
        Self {
            max_sockets: realtime.max_sockets,
            sockets_per_person: realtime.sockets_per_person,
            sockets_per_address: realtime.sockets_per_address,
            operations_per_socket: realtime.operations_per_socket,
            frame_bytes: realtime.frame_bytes,
            init_seconds: realtime.init_timeout_seconds,
            ping_seconds: realtime.ping_seconds,
            send_seconds: realtime.send_timeout_seconds,
            keep_events_hours: realtime.keep_events_hours,
        }
    }
}

/// How fresh the data is; at most about ten seconds behind.
#[derive(Clone, Debug, SimpleObject)]
pub struct DataFreshness {
    /// Last change of the record of an enterprise. Null while there is none.
    pub enterprises_updated_at: Option<Moment>,
    /// Day of the newest assessment that counts. Null while nothing is assessed.
    pub assessed_on: Option<Date>,
}

impl From<Freshness> for DataFreshness {
    fn from(freshness: Freshness) -> Self {
        Self { enterprises_updated_at: freshness.updated_at.map(Moment), assessed_on: freshness.assessed_on.map(Date) }
    }
}

/// The fingerprint of the schema, from whoever knows the whole of it.
pub struct SchemaHash(pub &'static str);

/// What a client must know of this server before it asks for more.
pub struct ServiceConfig;

/// What a client must know of this server before it asks for more. Everyone may read it.
#[Object]
impl ServiceConfig {
    /// Version of the server. Every answer has it in the header `X-Osh-Version`.
    async fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    /// Which contract this server has: the first twelve hexadecimal digits of the SHA-256 of `schema.graphql`. Every
    /// answer has it in the header `X-Osh-Schema`.
    async fn schema_hash(&self, ctx: &Context<'_>) -> &'static str {
        ctx.data_opt::<SchemaHash>().map(|hash| hash.0).unwrap_or_default()
    }

    /// Moment of the request by the clock of the server.
    #[graphql(cache_control(no_cache))]
    async fn now(&self, ctx: &Context<'_>) -> Moment {
        Moment(ctx.now())
    }

    /// Code of the rule set in force today; `ruleSet(code:)` shows it. Null when none is in force.
    async fn rule_set_code(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.app().library.book().rules_on(ctx.today()).map(|rules| rules.code.clone())
    }

    /// Code of the rule set in force today. Null when none is in force.
    #[graphql(deprecation = "Use ServiceConfig.ruleSetCode. Removed after 2027-11-30.")]
    async fn rule_set(&self, ctx: &Context<'_>) -> Option<String> {
        self.rule_set_code(ctx).await.ok().flatten()
    }

    /// Limits of one request.
    async fn limits(&self, ctx: &Context<'_>) -> ServiceLimits {
        ServiceLimits::from(&ctx.app().config)
    }

    /// What a client may ask for over time.
    async fn budgets(&self, ctx: &Context<'_>) -> ServiceBudgets {
        ServiceBudgets::from(&ctx.app().config.budgets)
    }

    /// Limits of subscriptions.
    async fn realtime(&self, ctx: &Context<'_>) -> RealtimeLimits {
        RealtimeLimits::from(&ctx.app().config)
    }

    /// Cursor of the newest event now. Whoever reads it before subscribing can go on after it, also when the connection is
    /// lost before the first event. Requires permission `enterprise:read`.
    #[graphql(cache_control(no_cache))]
    async fn event_cursor(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        Some(newest_cursor(ctx).await)
    }

    /// How a request may name its document.
    async fn documents(&self, ctx: &Context<'_>) -> ServiceDocuments {
        let config = &ctx.app().config.documents;
        ServiceDocuments { automatic: config.automatic, trusted: config.trusted.into() }
    }

    /// How fresh the data is. Requires permission `map:read`.
    async fn data_freshness(&self, ctx: &Context<'_>) -> Option<Result<DataFreshness>> {
        map::freshness(ctx).await.map(|found| found.map(DataFreshness::from)).transpose()
    }

    /// Languages of names and messages.
    async fn languages(&self) -> Vec<Language> {
        vec![Language::Kk, Language::Ru, Language::En]
    }

    /// Whether this server holds the made-up data of the sandbox; its records are marked `demo`.
    async fn demo(&self, ctx: &Context<'_>) -> bool {
        ctx.app().config.demo.enabled
    }

    /// All values of `errors[].extensions.code`; a closed list, fewer than twenty.
    async fn error_codes(&self) -> Vec<&'static str> {
        Code::ALL.iter().map(|code| code.as_str()).collect()
    }
}

async fn newest_cursor(ctx: &Context<'_>) -> Result<String> {
    ctx.allow(Action::Read, Resource::Enterprise)?;
    let newest = log::newest(&ctx.app().db).await?;
    // Nil stands before the first event there ever was.
    Ok(id::encode("Event", newest.unwrap_or_default()).0)
}

/// What the server tells of itself.
#[derive(Default)]
pub struct ServiceQuery;

#[Object]
impl ServiceQuery {
    /// Version, rules in force, limits and freshness of this server. Everyone may read it.
    async fn service_config(&self) -> ServiceConfig {
        ServiceConfig
    }
}
