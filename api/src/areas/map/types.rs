//! What clients see of the map.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::grade::Level;
use domain::ids;
use domain::refusal::{Refusal, RefusalCode};

use crate::areas::enterprises::{Coordinates, RiskLevel};
use crate::areas::map::counts::Counts;
use crate::areas::map::store::Filter;
use crate::areas::reference::{Book, ReferenceKind, ReferenceRow, Region};
use crate::error::Result;
use crate::graphql::arguments::Faults;
use crate::graphql::scalars::{KatoCode, Moment, OkedCode};
use crate::language::{Language, LocalizedText, pick};

/// Which enterprises the map counts. All given fields must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct MapFilter {
    /// Section of the main activity: a letter, A to U.
    pub oked_section: Option<OkedCode>,
    /// One region, by its KATO code; the answer then holds that region only.
    pub region_kato: Option<KatoCode>,
}

impl MapFilter {
    /// Judges the codes against the loaded classifiers. All faults come at once.
    pub fn judge(self, book: &Book) -> Result<Filter> {
        let mut faults = Faults::default();
        let filter = Filter {
            section: faults.take(self.oked_section.map(|code| section(&code.0, book)).transpose()),
            region: faults.take(self.region_kato.map(|code| region(&code.0, book)).transpose()),
        };
        faults.settle(filter)
    }
}

fn section(text: &str, book: &Book) -> Result<ids::OkedCode, Refusal> {
    let field = "filter.okedSection";
    let code = ids::OkedCode::parse(text).map_err(|error| Refusal::from(error).at(field))?;
    if !code.is_section() || book.codes().section_of(&code).is_none() {
        return Err(Refusal::new(RefusalCode::UnknownActivity).at(field).with("value", text));
    }
    Ok(code)
}

fn region(text: &str, book: &Book) -> Result<ids::KatoCode, Refusal> {
    let field = "filter.regionKato";
    let code = ids::KatoCode::parse(text).map_err(|error| Refusal::from(error).at(field))?;
    if !book.regions().iter().any(|region| region.kato == code.as_str()) {
        return Err(Refusal::new(RefusalCode::UnknownTerritory).at(field).with("value", text));
    }
    Ok(code)
}

/// Enterprises of one level.
#[derive(Clone, Debug, SimpleObject)]
pub struct LevelCount {
    /// The level.
    pub level: RiskLevel,
    /// Enterprises of this level.
    pub enterprises: i64,
}

/// Workers of one degree.
#[derive(Clone, Debug, SimpleObject)]
pub struct DegreeWorkers {
    /// Degree of professional risk of their workplaces, 1 (acceptable) to 5 (very high).
    pub degree: i32,
    /// Workers at assessed workplaces of this degree. Null for the public where fewer than three enterprises stand
    /// behind the number.
    pub workers: Option<i64>,
}

/// Counts of a region or of the country.
#[derive(Clone, Debug, SimpleObject)]
pub struct MapCounts {
    /// Registered enterprises; those struck off do not count.
    pub total: i64,
    /// Enterprises where nobody works at an assessed workplace; they have no level.
    pub unassessed: i64,
    /// Enterprises per level, for all five levels, A first.
    pub levels: Vec<LevelCount>,
    /// Workers per degree, for all five degrees, degree 1 first.
    pub workers: Vec<DegreeWorkers>,
}

impl MapCounts {
    /// The counts as the caller may see them.
    pub fn new(counts: &Counts, public: bool) -> Self {
        let level = |(level, enterprises): (&Level, i64)| LevelCount { level: (*level).into(), enterprises };
        let workers = if public { counts.public_workers() } else { counts.workers.map(Some) };
        Self {
            total: counts.total,
            unassessed: counts.unassessed,
            levels: Level::ALL.iter().zip(counts.levels).map(level).collect(),
            workers: (1..).zip(workers).map(|(degree, workers)| DegreeWorkers { degree, workers }).collect(),
        }
    }
}

/// A region of the digital map.
pub struct MapRegion {
    /// The region.
    pub region: Region,
    /// What is counted in it.
    pub counts: MapCounts,
}

/// A region of the digital map: an oblast or a city of republican significance.
#[Object]
impl MapRegion {
    /// Code of the region.
    async fn kato(&self) -> KatoCode {
        KatoCode(self.region.kato.clone())
    }

    /// Name in the language asked for, else in that of the request.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> &str {
        pick(self.region.names.as_str(), ctx, language)
    }

    /// Name in all three languages.
    async fn names(&self) -> LocalizedText {
        self.region.names.clone().into()
    }

    /// A point inside the region for its label. Null when the loaded classifier does not give one.
    async fn coordinates(&self) -> Option<Coordinates> {
        let (longitude, latitude) = self.region.position?;
        Some(Coordinates { longitude: longitude.into(), latitude: latitude.into() })
    }

    /// The row of the classifier. Null when none is in force today. Requires permission `reference:read`.
    async fn territory(&self, ctx: &Context<'_>) -> Option<Result<ReferenceRow>> {
        ReferenceRow::load(ctx, ReferenceKind::Territory, &self.region.kato).await.transpose()
    }

    /// Enterprises and workers of the region.
    async fn counts(&self) -> &MapCounts {
        &self.counts
    }
}

/// The digital map: enterprises per region and level.
#[derive(SimpleObject)]
pub struct RegionMap {
    /// Moment of the count; at most about ten seconds old.
    pub as_of: Moment,
    /// Whether numbers of workers that rest on fewer than three enterprises are hidden from the caller. This hides the
    /// cell itself; what can be concluded from other cells is not protected yet.
    pub small_counts_hidden: bool,
    /// The regions by code, twenty since 8 June 2022; those without any enterprise too.
    pub regions: Vec<MapRegion>,
    /// All regions together. An enterprise whose region the classifier does not hold counts here only.
    pub country: MapCounts,
}
