//! Codes of the classifiers, in memory: every written record is judged against them.

use std::collections::{HashMap, HashSet};

use domain::ids::{KatoCode, OkedCode};

/// Codes that exist today.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    territories: HashSet<String>,
    activities: HashMap<String, String>,
    professions: HashSet<String>,
}

impl Codes {
    /// Adds a territorial unit.
    pub fn add_territory(&mut self, code: String) {
        self.territories.insert(code);
    }

    /// Adds an activity with its section letter.
    pub fn add_activity(&mut self, code: String, section: String) {
        self.activities.insert(code, section);
    }

    /// Adds a profession.
    pub fn add_profession(&mut self, code: String) {
        self.professions.insert(code);
    }

    /// Whether the territorial unit exists.
    pub fn has_territory(&self, code: &KatoCode) -> bool {
        self.territories.contains(code.as_str())
    }

    /// Section letter of an activity; `None` when the classifier does not hold it.
    pub fn section_of(&self, code: &OkedCode) -> Option<&str> {
        self.activities.get(code.as_str()).map(String::as_str)
    }

    /// Whether the profession exists.
    pub fn has_profession(&self, code: &str) -> bool {
        self.professions.contains(code)
    }
}
