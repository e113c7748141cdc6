//! Rows of which a value is read when it is asked for.
//!
//! A page of lists asks for a few columns of hundreds of rows; to make all of their columns into values of ours would
//! be a fifth of the work of the server. Where a row is judged or changed, it is read [as a whole](Record::whole).
//!
//! Rows of SQLite are read as a whole when they come: its values change while they are read, so two threads must never
//! read one of them, although the driver calls its row `Sync`.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::prelude::Uuid;
use sea_orm::sqlx::{Decode, Postgres, Row as _};
use sea_orm::{DbErr, QueryResult};

use crate::row::{Row, unreadable};

/// A row as it came from the database, or as it was made here. A copy is the same row.
#[derive(Debug)]
pub struct Record<M>(Arc<Kept<M>>);

#[derive(Debug)]
struct Kept<M> {
    came: Option<QueryResult>,
    whole: OnceLock<M>,
}

impl<M> Clone for Record<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M> From<M> for Record<M> {
    fn from(whole: M) -> Self {
        Self(Arc::new(Kept { came: None, whole: OnceLock::from(whole) }))
    }
}

impl<M: Row> Record<M> {
    /// A row whose first columns are [`Row::COLUMNS`].
    pub(crate) fn take(row: QueryResult) -> Result<Self, DbErr> {
        match row.try_as_pg_row() {
            Some(_) => Ok(Self(Arc::new(Kept { came: Some(row), whole: OnceLock::new() }))),
            None => M::read(&row).map(Self::from),
        }
    }

    /// All columns.
    ///
    /// # Errors
    /// A value of another type, which is a fault of ours.
    pub fn whole(&self) -> Result<&M, DbErr> {
        if let Some(whole) = self.0.whole.get() {
            return Ok(whole);
        }
        let whole = M::read(self.row()?)?;
        Ok(self.0.whole.get_or_init(|| whole))
    }

    /// The value of one column: of the whole row if that was read, else from its place.
    #[doc(hidden)]
    pub fn value<'r, V: Value>(&'r self, of: fn(&'r M) -> &'r V, place: usize) -> Result<V::Shown<'r>, DbErr> {
        match self.0.whole.get() {
            Some(whole) => Ok(of(whole).show()),
            None => V::read(self.row()?, place),
        }
    }

    fn row(&self) -> Result<&QueryResult, DbErr> {
        self.0.came.as_ref().ok_or_else(|| DbErr::Custom("a record of nothing".to_owned()))
    }
}

/// What a column can hold.
pub trait Value: 'static {
    /// How it is shown: a text as a part of the row, anything else as itself.
    type Shown<'r>;
    /// Shows what was read.
    fn show(&self) -> Self::Shown<'_>;
    /// Reads it at its place.
    ///
    /// # Errors
    /// A value of another type, which is a fault of ours.
    fn read(row: &QueryResult, place: usize) -> Result<Self::Shown<'_>, DbErr>;
}

/// Reads a value at its place in a row of PostgreSQL.
fn read_at<'r, T>(row: &'r QueryResult, place: usize) -> Result<T, DbErr>
where
    T: Decode<'r, Postgres>,
{
    let row = row.try_as_pg_row().ok_or_else(|| DbErr::Custom("not a row of PostgreSQL".to_owned()))?;
    row.try_get_unchecked(place).map_err(unreadable)
}

impl Value for String {
    type Shown<'r> = &'r str;

    fn show(&self) -> &str {
        self
    }

    fn read(row: &QueryResult, place: usize) -> Result<&str, DbErr> {
        read_at(row, place)
    }
}

impl Value for Option<String> {
    type Shown<'r> = Option<&'r str>;

    fn show(&self) -> Option<&str> {
        self.as_deref()
    }

    fn read(row: &QueryResult, place: usize) -> Result<Option<&str>, DbErr> {
        read_at(row, place)
    }
}

macro_rules! itself {
    ($($type:ty),+) => {$(
        impl Value for $type {
            type Shown<'r> = Self;

            fn show(&self) -> Self {
                *self
            }

            fn read(row: &QueryResult, place: usize) -> Result<Self, DbErr> {
                read_at(row, place)
            }
        }
    )+};
}

itself!(bool, i16, i32, i64, Uuid, NaiveDate, DateTime<Utc>);
itself!(Option<i64>, Option<Uuid>, Option<NaiveDate>);

/// Declares which columns of a table can be read one by one: a method of the [`Record`] for each.
#[macro_export]
macro_rules! record {
    ($($field:ident: $type:ty = $column:ident),+ $(,)?) => {
        impl $crate::record::Record<Model> {
            $(
                #[doc = concat!("Column `", stringify!($field), "`.")]
                ///
                /// # Errors
                /// A value of another type, which is a fault of ours.
                pub fn $field(&self) -> Result<<$type as $crate::record::Value>::Shown<'_>, sea_orm::DbErr> {
                    self.value::<$type>(|whole| &whole.$field, Column::$column as usize)
                }
            )+
        }

        #[cfg(test)]
        #[test]
        fn columns_of_the_record_have_the_names_of_its_methods() {
            $(assert_eq!(sea_orm::IdenStatic::as_str(&Column::$column), stringify!($field));)+
        }
    };
}

/// Gives the [`Record`] of a table with names in three languages the name in one of them.
#[macro_export]
macro_rules! named_record {
    () => {
        impl $crate::record::Record<Model> {
            /// Name in a language; blank when it has none.
            ///
            /// # Errors
            /// A value of another type, which is a fault of ours.
            pub fn name(&self, language: domain::localized::Language) -> Result<&str, sea_orm::DbErr> {
                use domain::localized::Language;
                match language {
                    Language::Kk => self.name_kk(),
                    Language::Ru => self.name_ru(),
                    Language::En => self.name_en(),
                }
            }

            /// Names in all three languages.
            ///
            /// # Errors
            /// A value of another type, which is a fault of ours.
            pub fn names(&self) -> Result<domain::localized::LocalizedStr<'_>, sea_orm::DbErr> {
                Ok(domain::localized::LocalizedStr { kk: self.name_kk()?, ru: self.name_ru()?, en: self.name_en()? })
            }
        }
    };
}
