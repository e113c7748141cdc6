//! Lists of documents that the operator trusts, one for each client application.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use moka::sync::Cache;

use crate::config::TrustedDocuments;
use crate::graphql::documents::Sha;
use crate::graphql::guard::Document;

/// Stands for a client that has no list.
const UNKNOWN: &str = "unknown";
/// Documents that are remembered as told, so that the log has one line for each and not one for each request.
const TOLD: u64 = 1_000;

/// The lists of all clients. Their documents are valid and stay in memory.
pub struct Trusted {
    mode: TrustedDocuments,
    clients: HashMap<String, List>,
    documents: HashMap<Sha, Arc<Document>>,
    told: Cache<(String, Sha), ()>,
}

/// The documents of one client.
#[derive(Default)]
struct List {
    /// By hash, and by the client's own id.
    hashes: HashSet<Sha>,
    ids: HashMap<String, Sha>,
}

impl Default for Trusted {
    fn default() -> Self {
        Self::new(TrustedDocuments::Off)
    }
}

impl Trusted {
    /// No lists yet.
    pub fn new(mode: TrustedDocuments) -> Self {
        let told = Cache::builder().max_capacity(TOLD).build();
        Self { mode, clients: HashMap::new(), documents: HashMap::new(), told }
    }

    /// An empty list for a client.
    pub fn open(&mut self, client: &str) {
        self.clients.entry(client.to_owned()).or_default();
    }

    /// Puts a valid document on the list of a client.
    pub fn add(&mut self, client: &str, id: &str, sha: Sha, document: Document) {
        let list = self.clients.entry(client.to_owned()).or_default();
        list.hashes.insert(sha);
        list.ids.insert(id.to_owned(), sha);
        self.documents.entry(sha).or_insert_with(|| Arc::new(document));
    }

    /// Names of clients with the number of their documents, sorted.
    pub fn clients(&self) -> Vec<(&str, usize)> {
        let mut clients: Vec<(&str, usize)> =
            self.clients.iter().map(|(name, list)| (name.as_str(), list.hashes.len())).collect();
        clients.sort_unstable();
        clients
    }

    /// The document that a client calls so.
    pub(super) fn named(&self, client: Option<&str>, id: &str) -> Option<Sha> {
        self.clients.get(client?)?.ids.get(id).copied()
    }

    /// A document of any list.
    pub(super) fn document(&self, sha: Sha) -> Option<Arc<Document>> {
        self.documents.get(&sha).cloned()
    }

    /// Whether a document is on the list of this client.
    pub(super) fn lists(&self, client: Option<&str>, sha: Sha) -> bool {
        client.and_then(|client| self.clients.get(client)).is_some_and(|list| list.hashes.contains(&sha))
    }

    /// Whether nothing runs but what is listed.
    pub(super) fn is_strict(&self) -> bool {
        self.mode == TrustedDocuments::Only
    }

    /// Counts a document that is not on the client's list, and logs it when it is seen for the first time.
    pub(super) fn report(&self, client: Option<&str>, sha: Option<Sha>, operation: &str) {
        if self.mode == TrustedDocuments::Off {
            return;
        }
        // Clients choose what they send as their name: only those of lists are shown.
        let client = client.filter(|name| self.clients.contains_key(*name)).unwrap_or(UNKNOWN);
        metrics::counter!("osh_documents_untrusted_total", "client" => client.to_owned()).increment(1);
        let Some(sha) = sha else { return };
        if self.told.entry((client.to_owned(), sha)).or_insert(()).is_fresh() {
            tracing::warn!(client, operation, sha256 = %sha, "a document is not on the list of its client");
        }
    }
}
