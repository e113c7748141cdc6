//! What does not fit, and where.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};

use super::MOST;

/// Longest path shown, bytes: names inside come from the client.
const PATH_BYTES: usize = 256;
/// Longest value shown, bytes.
const SHOWN_BYTES: usize = 64;

/// Where a value stands, as a chain on the stack: written out only for a fault.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
    origin: Origin,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Name(&'p str),
    Index(usize),
}

/// Who wrote a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The variables of the request.
    Variables,
    /// The document.
    Document(Pos),
}

impl<'p> Path<'p> {
    /// The path of a variable or an argument.
    pub(super) fn root(name: &'p str, origin: Origin) -> Self {
        Self { parent: None, step: Step::Name(name), origin }
    }

    /// The path of a field inside.
    pub(super) fn field(&'p self, name: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Name(name), origin: self.origin }
    }

    /// The path of an entry inside.
    pub(super) fn index(&'p self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index), origin: self.origin }
    }

    /// The same place, whose value comes from the variables.
    pub(super) fn supplied(self) -> Self {
        Self { origin: Origin::Variables, ..self }
    }

    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    fn written(&self) -> String {
        let mut steps = Vec::new();
        let mut next = Some(self);
        while let Some(path) = next {
            steps.push(match path.step {
                Step::Name(name) => shortened(name, PATH_BYTES),
                Step::Index(index) => index.to_string(),
            });
            next = path.parent;
        }
        steps.reverse();
        shortened(&steps.join("."), PATH_BYTES)
    }
}

/// The faults found so far, at most [`MOST`].
#[derive(Default)]
pub(super) struct Faults(Vec<ServerError>);

impl Faults {
    /// Whether nothing more will be told.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Keeps a fault: `reason` is a key of `messages.csv`, `shown` fills its places.
    pub(super) fn add(&mut self, path: &Path<'_>, reason: &'static str, shown: &[(&'static str, String)]) {
        if self.is_full() {
            return;
        }
        let (code, location) = match path.origin {
            Origin::Variables => ("BAD_USER_INPUT", None),
            Origin::Document(at) => ("BAD_DOCUMENT", Some(at)),
        };
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code);
        extensions.set("reason", reason);
        extensions.set("field", path.written());
        for (name, value) in shown {
            extensions.set(*name, shortened(value, SHOWN_BYTES));
        }
        let mut error = ServerError::new(reason, location);
        error.extensions = Some(extensions);
        self.0.push(error);
    }

    pub(super) fn into_errors(self) -> Vec<ServerError> {
        self.0
    }
}

fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}…", text.get(..end).unwrap_or_default())
}
