//! Whole rows, selected and read by position.
//!
//! The ORM writes the list of columns anew for every statement and looks each value up by its name: for a page of rows
//! that is a third of the work of the server. Here the list of a table is written once and its values are read in the
//! order of that list.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, ModelTrait, QueryResult, QuerySelect, QueryTrait, RuntimeErr, Select,
};

use crate::record::Record;

/// A row of a table, all columns of it. [`row!`](crate::row!) writes the implementation.
pub trait Row: ModelTrait + Sized {
    /// The columns in the order of the table's [entity](EntityTrait), in which [`Row::read`] takes them, ready for a
    /// `SELECT`.
    const COLUMNS: &'static str;

    /// Reads a row whose first columns are [`Row::COLUMNS`].
    ///
    /// # Errors
    /// A value of another type, which is a fault of ours.
    fn read(row: &QueryResult) -> Result<Self, DbErr>;
}

/// In what form a row leaves the database's answer: as a whole, or as a [`Record`].
pub trait Taken: Sized + Send {
    /// The table.
    type Entity: EntityTrait<Model: Row>;

    /// Takes a row whose first columns are [`Row::COLUMNS`].
    ///
    /// # Errors
    /// A value of another type, which is a fault of ours.
    fn take(row: QueryResult) -> Result<Self, DbErr>;
}

impl<M: Row + Send> Taken for M
where
    M::Entity: EntityTrait<Model: Row>,
{
    type Entity = M::Entity;

    fn take(row: QueryResult) -> Result<Self, DbErr> {
        M::read(&row)
    }
}

impl<M: Row + Send + Sync> Taken for Record<M>
where
    M::Entity: EntityTrait<Model: Row>,
{
    type Entity = M::Entity;

    fn take(row: QueryResult) -> Result<Self, DbErr> {
        Self::take(row)
    }
}

/// Everything of a table: to be made once and copied, because it is made of many parts.
pub(crate) fn everything<E>() -> Select<E>
where
    E: EntityTrait<Model: Row>,
{
    E::find().select_only().expr(Expr::cust(<E::Model as Row>::COLUMNS))
}

/// Reads a select of whole rows: of [`Scoped::within`](crate::scope::Scoped::within), or the ORM's own, which has the
/// same columns in the same order.
pub trait Rows<E: EntityTrait<Model: Row>> {
    /// All rows, in a form of choice.
    fn rows_as<R: Taken<Entity = E>, C: ConnectionTrait>(
        self,
        db: &C,
    ) -> impl Future<Output = Result<Vec<R>, DbErr>> + Send;
    /// All rows.
    fn rows<C: ConnectionTrait>(self, db: &C) -> impl Future<Output = Result<Vec<E::Model>, DbErr>> + Send;
    /// The first row.
    fn row<C: ConnectionTrait>(self, db: &C) -> impl Future<Output = Result<Option<E::Model>, DbErr>> + Send;
}

impl<E: EntityTrait<Model: Row>> Rows<E> for Select<E> {
    async fn rows_as<R: Taken<Entity = E>, C: ConnectionTrait>(self, db: &C) -> Result<Vec<R>, DbErr> {
        db.query_all(self.as_query()).await?.into_iter().map(R::take).collect()
    }

    async fn rows<C: ConnectionTrait>(self, db: &C) -> Result<Vec<E::Model>, DbErr> {
        self.rows_as(db).await
    }

    async fn row<C: ConnectionTrait>(self, db: &C) -> Result<Option<E::Model>, DbErr> {
        db.query_one(self.limit(1).as_query()).await?.as_ref().map(Row::read).transpose()
    }
}

/// What a value that cannot be read is to the ORM.
#[doc(hidden)]
pub fn unreadable(error: sea_orm::sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// Declares how the rows of a table are read: its name and all its columns. A column that is left out does not compile.
#[macro_export]
macro_rules! row {
    ($table:literal: $($field:ident),+ $(,)?) => {
        impl $crate::row::Row for Model {
            const COLUMNS: &'static str = $crate::columns!($table: $($field),+);

            fn read(row: &sea_orm::QueryResult) -> Result<Self, sea_orm::DbErr> {
                use sea_orm::sqlx::Row;
                let mut places = 0..;
                let mut place = || places.next().unwrap_or(usize::MAX);
                if let Some(row) = row.try_as_pg_row() {
                    $(let $field = row.try_get_unchecked(place()).map_err($crate::row::unreadable)?;)+
                    return Ok(Self { $($field),+ });
                }
                if let Some(row) = row.try_as_sqlite_row() {
                    $(let $field = row.try_get_unchecked(place()).map_err($crate::row::unreadable)?;)+
                    return Ok(Self { $($field),+ });
                }
                Err(sea_orm::DbErr::Custom("a row of neither database".to_owned()))
            }
        }
    };
}

/// The columns of a table as SQL.
#[doc(hidden)]
#[macro_export]
macro_rules! columns {
    ($table:literal: $first:ident $(, $field:ident)*) => {
        concat!(
            "\"", $table, "\".\"", stringify!($first), "\"",
            $(", \"", $table, "\".\"", stringify!($field), "\""),*
        )
    };
}

#[cfg(test)]
mod tests {
    use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable};

    use super::Row;

    fn in_the_order_of_the_orm<E: EntityTrait<Model: Row>>() {
        let column = |column: E::Column| format!("\"{}\".\"{}\"", column.entity_name(), column.as_str());
        let columns: Vec<String> = E::Column::iter().map(column).collect();
        assert_eq!(<E::Model as Row>::COLUMNS, columns.join(", "), "{}", E::default().table_name());
    }

    #[test]
    fn columns_stand_in_the_order_of_the_orm() {
        in_the_order_of_the_orm::<crate::assessment::Entity>();
        in_the_order_of_the_orm::<crate::assessment_trace::Entity>();
        in_the_order_of_the_orm::<crate::enterprise::Entity>();
        in_the_order_of_the_orm::<crate::enterprise_activity::Entity>();
        in_the_order_of_the_orm::<crate::event::Entity>();
        in_the_order_of_the_orm::<crate::factor_assignment::Entity>();
        in_the_order_of_the_orm::<crate::measurement::Entity>();
        in_the_order_of_the_orm::<crate::organisation::Entity>();
        in_the_order_of_the_orm::<crate::reference_row::Entity>();
        in_the_order_of_the_orm::<crate::unit::Entity>();
        in_the_order_of_the_orm::<crate::workplace::Entity>();
    }
}
