//! The closed list of errors a client can meet. Nothing else leaves the server: no SQL, no path, no table name.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Value};
use domain::roles::{Action, Resource};
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use sqlx::sqlite::SqliteError;

/// Stable codes, as found in `errors[].extensions.code`. Documented in `docs/conventions.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// No token, or one that does not hold.
    Unauthenticated,
    /// The person acts for several organisations and has not said for which (`X-Osh-Membership`).
    MembershipRequired,
    /// What `X-Osh-Membership` names is no membership of the person that is in force.
    MembershipUnknown,
    /// A kind of action the role never has.
    Forbidden,
    /// Missing, or not visible to the caller: the same answer.
    NotFound,
    /// An argument does not have the required form or value.
    BadUserInput,
    /// The HTTP request is not one of GraphQL: method, media type, body.
    BadRequest,
    /// The document is not GraphQL, or does not fit the schema.
    BadDocument,
    /// No document is known by this hash or id; the client sends its text.
    PersistedQueryNotFound,
    /// Documents are not known by their hashes here; the client sends texts.
    PersistedQueryNotSupported,
    /// The document is not on the list of the client, and nothing else runs here.
    DocumentNotTrusted,
    /// Somebody else changed the record, or it exists already.
    Conflict,
    /// The document exceeds a published limit.
    QueryTooExpensive,
    /// Too many requests.
    RateLimited,
    /// The request ran too long.
    Timeout,
    /// A part this request needs does not answer; try again later.
    Unavailable,
    /// A fault of ours; the request id finds it in the log.
    Internal,
}

impl Code {
    /// All codes.
    pub const ALL: [Self; 17] = [
        Self::Unauthenticated,
        Self::MembershipRequired,
        Self::MembershipUnknown,
        Self::Forbidden,
        Self::NotFound,
        Self::BadUserInput,
        Self::BadRequest,
        Self::BadDocument,
        Self::PersistedQueryNotFound,
        Self::PersistedQueryNotSupported,
        Self::DocumentNotTrusted,
        Self::Conflict,
        Self::QueryTooExpensive,
        Self::RateLimited,
        Self::Timeout,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The text a client switches on.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::MembershipRequired => "MEMBERSHIP_REQUIRED",
            Self::MembershipUnknown => "MEMBERSHIP_UNKNOWN",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::BadRequest => "BAD_REQUEST",
            Self::BadDocument => "BAD_DOCUMENT",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::Conflict => "CONFLICT",
            Self::QueryTooExpensive => "QUERY_TOO_EXPENSIVE",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// A failed request. The message is written at the edge, in the caller's language, from `message` and `args`.
#[derive(Clone, Debug)]
pub struct Error {
    /// What a client switches on.
    pub code: Code,
    /// Key of the text in `messages.csv`; for most errors the code itself.
    pub message: &'static str,
    /// Path of the argument at fault, dotted, when there is one.
    pub field: Option<Cow<'static, str>>,
    /// Values of the placeholders in the text; also shown in `extensions`.
    pub args: Vec<(&'static str, String)>,
    /// Another transaction was in the way and nothing of this one was kept: as a whole it may succeed when run again.
    pub retriable: bool,
    /// For the log only.
    pub internal: Option<Arc<str>>,
    /// Further faults of the same arguments; the edge tells each as an error of its own.
    pub others: Vec<Error>,
}

/// What store functions and resolvers give.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error whose text is that of its code.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            message: code.as_str(),
            field: None,
            args: Vec::new(),
            retriable: false,
            internal: None,
            others: Vec::new(),
        }
    }

    /// The role never has this permission.
    pub fn forbidden(action: Action, resource: Resource) -> Self {
        Self::new(Code::Forbidden).arg("permission", format!("{resource}:{action}"))
    }

    /// An argument is wrong: `field` is its dotted path, `message` a key of `messages.csv`.
    pub fn input(field: impl Into<Cow<'static, str>>, message: &'static str) -> Self {
        Self { message, field: Some(field.into()), ..Self::new(Code::BadUserInput) }
    }

    /// A fault of ours; `detail` goes to the log and nowhere else.
    pub fn internal(detail: impl std::fmt::Display) -> Self {
        Self { internal: Some(detail.to_string().into()), ..Self::new(Code::Internal) }
    }

    /// Adds the value of a placeholder.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let (code, retriable) = match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => (Code::Unavailable, false),
            DbErr::Query(RuntimeErr::SqlxError(cause)) | DbErr::Exec(RuntimeErr::SqlxError(cause)) => {
                match was_in_the_way(cause.as_ref()) {
                    true => (Code::Unavailable, true),
                    false => (sql_code(cause.as_ref()), false),
                }
            }
            _ => match error.sql_err() {
                Some(SqlErr::UniqueConstraintViolation(_)) => (Code::Conflict, false),
                _ => (Code::Internal, false),
            },
        };
        Self { retriable, internal: Some(error.to_string().into()), ..Self::new(code) }
    }
}

/// Whether the database ended the transaction for the sake of another one.
fn was_in_the_way(cause: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = cause else { return false };
    let code = database.code();
    match (database.try_downcast_ref::<SqliteError>(), code.as_deref()) {
        // SQLITE_BUSY and SQLITE_LOCKED; the upper bits say more.
        (Some(_), Some(code)) => code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6)),
        // PostgreSQL: deadlock_detected and serialization_failure.
        (None, Some(code)) => matches!(code, "40P01" | "40001"),
        (_, None) => false,
    }
}

fn sql_code(cause: &sqlx::Error) -> Code {
    match cause {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => Code::Unavailable,
        sqlx::Error::Database(database) => match database.code().as_deref() {
            // PostgreSQL: statement_timeout; admin shutdown and crash.
            Some("57014") => Code::Timeout,
            Some("57P01" | "57P02" | "57P03") => Code::Unavailable,
            _ if database.is_unique_violation() => Code::Conflict,
            _ => Code::Internal,
        },
        _ => Code::Internal,
    }
}

impl From<Error> for anyhow::Error {
    fn from(error: Error) -> Self {
        Self::msg(format!("{}: {}", error.message, error.internal.as_deref().unwrap_or("no detail")))
    }
}

/// Where an error carries the others until the edge takes them out.
pub(crate) const OTHERS: &str = "others";

/// The extensions of an error as a value; its text is found by them.
fn as_value(error: Error) -> Value {
    let extensions = async_graphql::Error::from(error).extensions;
    let json = extensions.and_then(|extensions| serde_json::to_value(extensions).ok());
    json.and_then(|json| Value::from_json(json).ok()).unwrap_or_default()
}

// `Error` must not implement `Display`: async-graphql would then convert it itself and lose the code.
impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        if let Some(internal) = &error.internal {
            tracing::error!(code = error.code.as_str(), detail = %internal, "a field failed");
        }
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", error.code.as_str());
        if error.message != error.code.as_str() {
            extensions.set("reason", error.message);
        }
        if let Some(field) = error.field {
            extensions.set("field", field.as_ref());
        }
        for (name, value) in error.args {
            extensions.set(name, Value::from(value));
        }
        if !error.others.is_empty() {
            extensions.set(OTHERS, Value::List(error.others.into_iter().map(as_value).collect()));
        }
        Self { message: error.message.to_owned(), source: None, extensions: Some(extensions) }
    }
}
