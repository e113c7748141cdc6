//! Documents that were valid before: an application sends the same few again and again.
//!
//! What does not depend on the request (scan, parsing, the library's validation against the schema) is done once for
//! each text. Only a valid document is kept, so that refused ones cannot push others out; what depends on
//! the variables of a request, the cost above all, is checked for every request.

use std::sync::Arc;

use moka::sync::Cache;

use crate::graphql::guard::{Document, Limits, Refusal};

/// Text of all kept documents together, bytes. Parsed, a document takes some twenty times its text.
const KEPT_BYTES: u64 = 1 << 20;
/// What a document weighs besides its text: the shortest one takes some two kilobytes.
const OVERHEAD: usize = 100;

/// Kept documents by their text.
#[derive(Debug)]
pub struct Documents(Cache<String, Arc<Document>>);

/// A document that was read, and what is known of it.
#[derive(Debug)]
pub enum Known {
    /// It has been validated before.
    Valid(Arc<Document>),
    /// It must be validated.
    Unknown(Arc<Document>),
}

impl Default for Documents {
    fn default() -> Self {
        let weight = |text: &String, _: &Arc<Document>| u32::try_from(text.len() + OVERHEAD).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(KEPT_BYTES).weigher(weight).build())
    }
}

impl Documents {
    /// The kept document of this text, or the text read anew.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn read(&self, source: &str, limits: &Limits) -> Result<Known, Refusal> {
        match self.0.get(source) {
            Some(document) => Ok(Known::Valid(document)),
            None => Document::read(source, limits).map(|document| Known::Unknown(Arc::new(document))),
        }
    }

    /// Whether the document of this text is kept.
    pub fn knows(&self, source: &str) -> bool {
        self.0.contains_key(source)
    }

    /// Keeps a document that was found valid.
    pub fn keep(&self, source: String, document: Arc<Document>) {
        self.0.insert(source, document);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_kept_is_known_and_the_text_of_all_is_bounded() {
        let (documents, limits) = (Documents::default(), Limits::default());
        let padded = |number: usize| format!("{{ a{number} }} # {}", "x".repeat(60_000));
        for number in 0..100 {
            let source = padded(number);
            let Ok(Known::Unknown(document)) = documents.read(&source, &limits) else { panic!("not kept yet") };
            documents.keep(source, document);
        }
        documents.0.run_pending_tasks();
        assert!(documents.0.weighted_size() <= KEPT_BYTES);
        let kept = (0..100).filter(|number| matches!(documents.read(&padded(*number), &limits), Ok(Known::Valid(_))));
        assert!((1..=17).contains(&kept.count()));
        assert!(documents.read("{", &limits).is_err());
        for number in 0..20_000 {
            let source = format!("{{a{number}}}");
            let document = Document::read(&source, &limits).expect("a document");
            documents.keep(source, Arc::new(document));
        }
        documents.0.run_pending_tasks();
        assert!(documents.0.entry_count() < 11_000, "{}", documents.0.entry_count());
    }
}
