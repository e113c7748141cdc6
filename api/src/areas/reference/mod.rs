//! Reference data: classifiers, rate tables and rule sets, each row dated and with its origin.

mod book;
mod catalogue;
mod codes;
mod dues;
mod embedded;
mod kind;
mod library;
mod query;
mod rule_set;
mod store;
mod types;

pub use book::{Book, Region};
pub use catalogue::{CatalogueEntry, ConditionClass, FactorGroup, HarmfulFactor, LimitKind};
pub use codes::Codes;
pub use dues::RiskIndicator;
pub use embedded::{load as load_embedded, load_demo as load_embedded_demo};
pub use kind::ReferenceKind;
pub use library::Library;
pub use query::ReferenceQuery;
pub use store::{NewRow, all, is_empty, upsert};
pub use types::{ReferenceRow, ReferenceRowById};
