//! A legal entity on the digital map, with its integral risk kept current by every stored assessment.

use sea_orm::entity::prelude::*;

/// One row of `enterprise`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enterprise")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The employer organisation that owns the record.
    pub organisation_id: Uuid,
    /// Business identification number, unique.
    pub bin: String,
    /// Name in Kazakh.
    pub name_kk: String,
    /// Name in Russian.
    pub name_ru: String,
    /// Name in English.
    pub name_en: String,
    /// Folded Russian name, the order of lists.
    pub name_sort: String,
    /// Folded names in all three languages and the BIN, for search.
    pub search_fold: String,
    /// Territorial unit of its address.
    pub kato: String,
    /// Region of `kato`.
    pub region_kato: String,
    /// Main activity.
    pub oked: String,
    /// Section letter of the main activity.
    pub oked_section: String,
    /// Employees on the payroll.
    pub headcount: i32,
    /// Longitude, millionths of a degree.
    pub lon_micro: Option<i64>,
    /// Latitude, millionths of a degree.
    pub lat_micro: Option<i64>,
    /// Registered on.
    pub valid_from: Date,
    /// Struck off on.
    pub valid_to: Option<Date>,
    /// Made by the demo data set.
    pub demo: bool,
    /// Degree behind the level A-E, 1..5; 0 while nothing is assessed.
    pub level_rank: i16,
    /// Integral PR, millionths; 0 while nothing is assessed.
    pub integral_pr_micro: i64,
    /// Sum of PR times workers, millionths.
    pub weighted_pr_micro: i64,
    /// Workers at workplaces of degree 1.
    pub workers_d1: i32,
    /// Workers at workplaces of degree 2.
    pub workers_d2: i32,
    /// Workers at workplaces of degree 3.
    pub workers_d3: i32,
    /// Workers at workplaces of degree 4.
    pub workers_d4: i32,
    /// Workers at workplaces of degree 5.
    pub workers_d5: i32,
    /// Workplaces of degree 1.
    pub workplaces_d1: i32,
    /// Workplaces of degree 2.
    pub workplaces_d2: i32,
    /// Workplaces of degree 3.
    pub workplaces_d3: i32,
    /// Workplaces of degree 4.
    pub workplaces_d4: i32,
    /// Workplaces of degree 5.
    pub workplaces_d5: i32,
    /// Day of the newest assessment counted.
    pub assessed_on: Option<Date>,
    /// Rule set of the integral score.
    pub rule_set_code: Option<String>,
    /// Optimistic lock.
    pub version: i64,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
    /// Moment of the last change of the record itself.
    pub updated_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::row! {
    "enterprise":
    id, organisation_id, bin, name_kk, name_ru, name_en, name_sort, search_fold, kato, region_kato, oked,
    oked_section, headcount, lon_micro, lat_micro, valid_from, valid_to, demo, level_rank, integral_pr_micro,
    weighted_pr_micro, workers_d1, workers_d2, workers_d3, workers_d4, workers_d5, workplaces_d1, workplaces_d2,
    workplaces_d3, workplaces_d4, workplaces_d5, assessed_on, rule_set_code, version, created_at, updated_at,
}

crate::record! {
    id: Uuid = Id, bin: String = Bin, name_kk: String = NameKk, name_ru: String = NameRu, name_en: String = NameEn,
    name_sort: String = NameSort, kato: String = Kato, region_kato: String = RegionKato, oked: String = Oked,
    headcount: i32 = Headcount, lon_micro: Option<i64> = LonMicro, lat_micro: Option<i64> = LatMicro,
    valid_from: Date = ValidFrom, valid_to: Option<Date> = ValidTo, demo: bool = Demo, level_rank: i16 = LevelRank,
    integral_pr_micro: i64 = IntegralPrMicro, assessed_on: Option<Date> = AssessedOn,
    rule_set_code: Option<String> = RuleSetCode, version: i64 = Version, created_at: DateTimeUtc = CreatedAt,
    updated_at: DateTimeUtc = UpdatedAt,
}

crate::named_record!();
