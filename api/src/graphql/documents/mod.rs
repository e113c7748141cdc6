//! Documents that were valid before, and how a request names one: an application sends the same few again and again.
//!
//! What does not depend on the request (scan, parsing, the library's validation against the schema, the search for what
//! is deprecated) is done once for each text. Only a valid document is kept, so that refused ones cannot push others out;
//! what depends on the variables of a request, the cost above all, is checked for every request.
//!
//! A request names its document by the text, by the hash of the text (automatic persisted queries), or by an id of
//! its client's list (trusted documents). A document that is known costs a look-up, whatever names it.

mod hash;
pub mod manifest;
mod shared;
#[cfg(test)]
mod tests;
mod trusted;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use metrics::Counter;
use moka::sync::Cache;

use crate::config;
use crate::error::Code;
use crate::graphql::deprecations::Uses;
use crate::graphql::guard::{Document, Limits, Refusal};
use crate::redis_link::RedisLink;

pub use hash::Sha;
use shared::Shared;
pub use trusted::Trusted;
use turns::Turns;
pub use turns::{Turn, aside, done_aside};

/// Text of all kept documents together, bytes. Parsed, a document takes some twenty times its text.
const KEPT_BYTES: u64 = 1 << 20;
/// What a document weighs besides its text: the shortest one takes some two kilobytes.
const OVERHEAD: u64 = 100;

/// Documents by the hash of their text.
pub struct Documents {
    kept: Cache<Sha, Valid>,
    trusted: Trusted,
    automatic: bool,
    shared: Option<Shared>,
    turns: Turns,
    counts: Counts,
}

/// How documents were found. Handles: to look up a counter by its labels takes longer than to count.
struct Counts {
    known: Counter,
    read: Counter,
    shared: Counter,
    missing: Counter,
}

/// A document that is valid.
#[derive(Clone, Debug)]
pub struct Valid {
    /// The document.
    pub document: Arc<Document>,
    /// What its operations use by its text that is deprecated.
    pub uses: Arc<Uses>,
}

/// How a request names its document.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// By its text.
    Text(String),
    /// By its text, which may be asked for by this hash, which is its own, from now on.
    Registered(Sha, String),
    /// By the hash of its text.
    Hash(Sha),
    /// By an id of the client's list, or `sha256:` and the hash.
    Id(String),
}

/// What a look-up gives.
#[derive(Debug)]
pub enum Sought {
    /// A document that was valid before.
    Known(Found),
    /// One that has to be read, which is work.
    New(New),
}

/// The text of a document that was not read yet.
#[derive(Debug)]
pub struct New {
    sha: Sha,
    text: String,
    listed: bool,
    register: bool,
}

/// A document that was found, and what is known of it.
#[derive(Debug)]
pub struct Found {
    /// The document.
    pub document: Arc<Document>,
    /// Hash of its text.
    pub sha: Sha,
    /// Whether it has been validated before; else it must be.
    pub valid: bool,
    /// What it uses that is deprecated; found when it turns out to be valid.
    pub uses: Arc<Uses>,
    /// Whether it is on the list of the client that asks.
    listed: bool,
    /// Its turn, as long as it is read.
    pub(crate) turn: Option<Turn>,
    /// Its text, if it may be asked for by its hash from now on.
    register: Option<String>,
}

impl Default for Documents {
    fn default() -> Self {
        Self::new(&config::Documents::default(), Trusted::default(), None)
    }
}

impl Documents {
    /// With the lists of trusted documents and, where there are other replicas, Redis.
    pub fn new(config: &config::Documents, trusted: Trusted, redis: Option<RedisLink>) -> Self {
        let weight =
            |_: &Sha, valid: &Valid| u32::try_from(valid.document.bytes().saturating_add(OVERHEAD)).unwrap_or(u32::MAX);
        let keep = Duration::from_secs(config.shared_hours.saturating_mul(3_600));
        Self {
            kept: Cache::builder().max_capacity(KEPT_BYTES).weigher(weight).build(),
            trusted,
            automatic: config.automatic,
            shared: redis.filter(|_| config.automatic).map(|redis| Shared::new(redis, keep)),
            turns: Turns::default(),
            counts: Counts::new(),
        }
    }

    /// The document that a client asks for, if it is known, else its text.
    ///
    /// # Errors
    /// A hash or an id that nobody knows; a document that is not on the client's list where nothing else runs.
    pub async fn find(&self, asked: Asked, client: Option<&str>) -> Result<Sought, Refusal> {
        let by_hash = matches!(asked, Asked::Hash(_));
        let (sha, text, register) = match asked {
            Asked::Text(text) => (Some(Sha::of(&text)), Some(text), false),
            Asked::Registered(sha, text) => (Some(sha), Some(text), true),
            Asked::Hash(sha) => (Some(sha), None, false),
            Asked::Id(id) => (self.trusted.named(client, &id).or_else(|| Sha::prefixed(&id)), None, false),
        };
        let listed = sha.is_some_and(|sha| self.trusted.lists(client, sha));
        if !listed && self.trusted.is_strict() {
            self.trusted.report(client, sha, "");
            return Err(Refusal::unread(Code::DocumentNotTrusted.as_str()));
        }
        if !listed && by_hash && !self.automatic {
            return Err(Refusal::unread(Code::PersistedQueryNotSupported.as_str()));
        }
        let not_found = || Refusal::unread(Code::PersistedQueryNotFound.as_str());
        let sha = sha.ok_or_else(not_found)?;
        if let Some(Valid { document, uses }) = self.known(sha) {
            self.counts.known.increment(1);
            let register = text.filter(|_| register);
            return Ok(Sought::Known(Found { document, sha, valid: true, uses, listed, turn: None, register }));
        }
        let text = match text {
            Some(text) => text,
            None => self.shared(sha).await.ok_or_else(not_found)?,
        };
        Ok(Sought::New(New { sha, text, listed, register }))
    }

    /// Reads a document that is new here.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub async fn read(&self, new: New, limits: &Limits) -> Result<Found, Refusal> {
        let New { sha, text, listed, register } = new;
        self.counts.read.increment(1);
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        // One that is too long is refused by its length, which needs no turn.
        let turn = if bytes > limits.document_bytes { None } else { self.turns.of(bytes).await };
        let document = Arc::new(aside(turn.as_ref(), || Document::read(&text, limits))?);
        let register = register.then_some(text);
        Ok(Found { document, sha, valid: false, uses: Arc::default(), listed, turn, register })
    }

    fn known(&self, sha: Sha) -> Option<Valid> {
        self.trusted.document(sha).or_else(|| self.kept.get(&sha))
    }

    async fn shared(&self, sha: Sha) -> Option<String> {
        let text = match &self.shared {
            Some(shared) => shared.find(sha).await,
            None => None,
        };
        let counter = if text.is_some() { &self.counts.shared } else { &self.counts.missing };
        counter.increment(1);
        text
    }

    /// The turn of a document to be judged; whoever has one waits for nothing else.
    pub async fn turn(&self, found: &Found) -> Option<Turn> {
        if found.valid { None } else { self.turns.of(found.document.bytes()).await }
    }

    /// Tells the operator of a document that is not on the list of its client.
    pub fn report(&self, client: Option<&str>, found: &Found, operation: Option<&str>) {
        if !found.listed {
            self.trusted.report(client, Some(found.sha), operation.unwrap_or_default());
        }
    }

    /// Keeps a document that was found valid.
    pub async fn keep(&self, found: &mut Found) {
        if !found.valid {
            self.kept.insert(found.sha, Valid { document: found.document.clone(), uses: found.uses.clone() });
            found.valid = true;
        }
        // Also one that is known here: who registers it has asked a replica that does not know it.
        if let (Some(text), Some(shared)) = (found.register.take(), &self.shared) {
            shared.keep(found.sha, &text).await;
        }
    }
}

/// Whether a text names U+0000 by its escape; PostgreSQL cannot store it and nobody means it.
pub fn names_nul(text: &str) -> bool {
    text.contains("\\u0000")
}

impl Counts {
    fn new() -> Self {
        let of = |outcome: &'static str| metrics::counter!("osh_documents_total", "outcome" => outcome);
        Self { known: of("known"), read: of("read"), shared: of("shared"), missing: of("missing") }
    }
}
