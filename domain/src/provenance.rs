//! Where a rule or a reference row comes from. Stored with every row and shown by the API.

use crate::named::named;

named! {
    /// The kind of source behind a value. A [`Provenance::Provisional`] value is never presented as official.
    pub enum Provenance {
        /// The slides of the Ministry of Labour of Kazakhstan, 2023.
        Deck = "DECK",
        /// A law or an order.
        Law = "LAW",
        /// A statement or publication of a state body.
        Official = "OFFICIAL",
        /// Seen in use (an insurer, a public calculator, a neighbouring guide), not law.
        Practice = "PRACTICE",
        /// Our own assumption where no source could be read; an operator replaces it by importing the official table.
        Provisional = "PROVISIONAL",
    }
}

impl Provenance {
    /// The weaker of two sources: a result is only as official as its least official input.
    pub fn weaker(self, other: Self) -> Self {
        self.max(other)
    }
}
