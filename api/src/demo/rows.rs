//! Rows that are made but not yet written, table by table.

use entity::{
    assessment, assessment_trace, enterprise, enterprise_activity, factor_assignment, mandate, measurement, membership,
    organisation, person, unit, workplace,
};
use sea_orm::{ConnectionTrait, DbErr};

use crate::bulk;

/// So many rows are written together.
const ENOUGH: usize = 20_000;

macro_rules! tables {
    ($($table:ident: $entity:ident,)+) => {
        /// Rows waiting to be written.
        #[derive(Default)]
        #[allow(missing_docs)]
        pub struct Rows { $(pub $table: Vec<$entity::Model>,)+ }

        /// How many rows of each table were written.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub struct DemoReport { $(pub $table: u64,)+ }

        impl Rows {
            /// Whether it is time to write.
            pub fn enough(&self) -> bool {
                0 $(+ self.$table.len())+ >= ENOUGH
            }

            /// Writes everything, in the order in which rows refer to each other.
            pub async fn write<C: ConnectionTrait>(&mut self, db: &C, report: &mut DemoReport) -> Result<(), DbErr> {
                $(
                    bulk::insert::<$entity::Entity, C>(db, &self.$table).await?;
                    report.$table += u64::try_from(self.$table.len()).unwrap_or_default();
                    self.$table.clear();
                )+
                Ok(())
            }
        }
    };
}

tables!(
    organisations: organisation,
    persons: person,
    enterprises: enterprise,
    enterprise_activities: enterprise_activity,
    units: unit,
    workplaces: workplace,
    factor_assignments: factor_assignment,
    measurements: measurement,
    assessments: assessment,
    assessment_traces: assessment_trace,
    memberships: membership,
    mandates: mandate,
);
