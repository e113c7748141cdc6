//! Where one or more workers of one profession work; the object of an assessment.

use sea_orm::entity::prelude::*;

/// One row of `workplace`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workplace")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// The unit.
    pub unit_id: Option<Uuid>,
    /// Code within the enterprise.
    pub code: String,
    /// Name in Kazakh.
    pub name_kk: String,
    /// Name in Russian.
    pub name_ru: String,
    /// Name in English.
    pub name_en: String,
    /// Profession.
    pub profession_code: String,
    /// Workers over all shifts.
    pub workers: i32,
    /// Shifts a day.
    pub shifts: i16,
    /// The assessment in force.
    pub current_assessment_id: Option<Uuid>,
    /// Degree of the assessment in force, 1..5; 0 while there is none.
    pub degree: i16,
    /// PR of the assessment in force, millionths; 0 while there is none.
    pub pr_micro: i64,
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
    "workplace":
    id, enterprise_id, unit_id, code, name_kk, name_ru, name_en, profession_code, workers, shifts,
    current_assessment_id, degree, pr_micro, version, created_at, updated_at,
}

crate::record! {
    id: Uuid = Id, enterprise_id: Uuid = EnterpriseId, unit_id: Option<Uuid> = UnitId, code: String = Code,
    name_kk: String = NameKk, name_ru: String = NameRu, name_en: String = NameEn,
    profession_code: String = ProfessionCode, workers: i32 = Workers, shifts: i16 = Shifts, degree: i16 = Degree,
    pr_micro: i64 = PrMicro, version: i64 = Version, created_at: DateTimeUtc = CreatedAt,
    updated_at: DateTimeUtc = UpdatedAt,
}

crate::named_record!();
