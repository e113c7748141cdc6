//! The lists that the demo draws from: regions, shares, professions, activities, words for names. All of them are the
//! shipped files and not the database, so that an import does not change what a seed gives.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Context;
use domain::ids::FactorCode;
use domain::localized::Localized;
use rust_decimal::Decimal;

const REGIONS: &str = include_str!("../../../reference/regions.csv");
const SHARES: &str = include_str!("../../../reference/demo_shares.csv");
const NAMES: &str = include_str!("../../../reference/demo_names.csv");
const PROFESSIONS: &str = include_str!("../../../reference/professions.csv");
const ACTIVITIES: &str = include_str!("../../../reference/activities.csv");

/// A region and a point inside it.
pub struct Region {
    /// KATO.
    pub kato: String,
    /// A city of republican significance: its enterprises lie close together.
    pub city: bool,
    /// Name.
    pub names: Localized,
    /// Degrees east.
    pub lon: Decimal,
    /// Degrees north.
    pub lat: Decimal,
}

/// How many of a million employed people work in one section of one region.
pub struct Share {
    /// Region.
    pub kato: String,
    /// Section letter.
    pub section: String,
    /// Parts per million.
    pub ppm: u64,
}

/// A word of a name, and the sections where it fits; none: everywhere.
pub struct Word {
    /// Code of the word.
    pub code: String,
    /// The word.
    pub names: Localized,
    /// Its abbreviation, of legal forms.
    pub short: Localized,
    sections: Vec<String>,
}

/// A profession with the factors that are typical of it.
pub struct Profession {
    /// Code.
    pub code: String,
    /// Name.
    pub names: Localized,
    /// Typical harmful factors.
    pub factors: Vec<FactorCode>,
    sections: Vec<String>,
}

/// All lists.
pub struct Words {
    /// The twenty regions.
    pub regions: Vec<Region>,
    /// Shares of employed people.
    pub shares: Vec<Share>,
    /// First words of a name.
    pub stems: Vec<Word>,
    forms: Vec<Word>,
    activities: Vec<Word>,
    units: Vec<Word>,
    professions: Vec<Profession>,
    leaves: BTreeMap<String, Vec<String>>,
}

type Cells = HashMap<String, String>;

impl Words {
    /// Reads the shipped files.
    pub fn load() -> anyhow::Result<Self> {
        let names = rows(NAMES)?;
        let of = |kind: &str| -> anyhow::Result<Vec<Word>> {
            names.iter().filter(|cells| cells.get("kind").is_some_and(|text| text == kind)).map(word).collect()
        };
        Ok(Self {
            regions: rows(REGIONS)?.iter().map(region).collect::<anyhow::Result<_>>()?,
            shares: rows(SHARES)?.iter().map(share).collect::<anyhow::Result<_>>()?,
            stems: of("stem")?,
            forms: of("legal_form")?,
            activities: of("activity")?,
            units: of("unit")?,
            professions: rows(PROFESSIONS)?.iter().map(profession).collect::<anyhow::Result<_>>()?,
            leaves: leaves(&rows(ACTIVITIES)?)?,
        })
    }

    /// The region of a code.
    pub fn region(&self, kato: &str) -> anyhow::Result<&Region> {
        self.regions.iter().find(|region| region.kato == kato).with_context(|| format!("no region {kato}"))
    }

    /// Legal forms that occur in a section; the usual one first.
    pub fn forms(&self, section: &str) -> Vec<&Word> {
        fitting(&self.forms, section)
    }

    /// Words for what an enterprise of a section does; any, where the list has none.
    pub fn activities(&self, section: &str) -> Vec<&Word> {
        let found: Vec<&Word> = fitting(&self.activities, section);
        if found.is_empty() { self.activities.iter().collect() } else { found }
    }

    /// Units of an enterprise of a section.
    pub fn units(&self, section: &str) -> Vec<&Word> {
        fitting(&self.units, section)
    }

    /// Positions of the professions of a section; where the list has none, of those found nearly everywhere.
    pub fn professions(&self, section: &str) -> Vec<usize> {
        let within = |fits: &dyn Fn(&Profession) -> bool| -> Vec<usize> {
            let all = self.professions.iter().enumerate();
            all.filter(|(_, profession)| fits(profession)).map(|(index, _)| index).collect()
        };
        let found = within(&|profession| profession.sections.iter().any(|letter| letter == section));
        if found.is_empty() { within(&|profession| profession.sections.len() > 10) } else { found }
    }

    /// The profession at a position.
    pub fn profession(&self, index: usize) -> anyhow::Result<&Profession> {
        self.professions.get(index).context("no such profession")
    }

    /// The most specific activity codes of a section.
    pub fn leaves(&self, section: &str) -> &[String] {
        self.leaves.get(section).map_or(&[], Vec::as_slice)
    }
}

fn fitting<'a>(words: &'a [Word], section: &str) -> Vec<&'a Word> {
    let fits = |word: &&Word| word.sections.is_empty() || word.sections.iter().any(|letter| letter == section);
    words.iter().filter(fits).collect()
}

fn rows(text: &str) -> anyhow::Result<Vec<Cells>> {
    Ok(csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>()?)
}

fn cell<'a>(cells: &'a Cells, name: &str) -> anyhow::Result<&'a str> {
    cells.get(name).map(|text| text.trim()).with_context(|| format!("a shipped file has no column {name}"))
}

fn list(cells: &Cells, name: &str) -> anyhow::Result<Vec<String>> {
    Ok(cell(cells, name)?.split(';').filter(|part| !part.is_empty()).map(str::to_owned).collect())
}

fn names(cells: &Cells, kk: &str, ru: &str, en: &str) -> anyhow::Result<Localized> {
    Ok(Localized::new(cell(cells, kk)?, cell(cells, ru)?, cell(cells, en)?))
}

fn region(cells: &Cells) -> anyhow::Result<Region> {
    Ok(Region {
        kato: cell(cells, "code")?.to_owned(),
        city: cell(cells, "kind")? == "city",
        names: names(cells, "name_kk", "name_ru", "name_en")?,
        lon: cell(cells, "lon")?.parse()?,
        lat: cell(cells, "lat")?.parse()?,
    })
}

fn share(cells: &Cells) -> anyhow::Result<Share> {
    Ok(Share {
        kato: cell(cells, "region_kato")?.to_owned(),
        section: cell(cells, "oked_section")?.to_owned(),
        ppm: cell(cells, "share_ppm")?.parse()?,
    })
}

fn word(cells: &Cells) -> anyhow::Result<Word> {
    Ok(Word {
        code: cell(cells, "code")?.to_owned(),
        names: names(cells, "kk", "ru", "en")?,
        short: names(cells, "short_kk", "short_ru", "short_en")?,
        sections: list(cells, "oked_sections")?,
    })
}

fn profession(cells: &Cells) -> anyhow::Result<Profession> {
    let factors = list(cells, "harmful_factors")?;
    Ok(Profession {
        code: cell(cells, "code")?.to_owned(),
        names: names(cells, "name_kk", "name_ru", "name_en")?,
        factors: factors.iter().map(|code| FactorCode::parse(code)).collect::<Result<_, _>>()?,
        sections: list(cells, "oked_sections")?,
    })
}

/// Codes below which there is no other one, by section; the section letters themselves are none.
fn leaves(rows: &[Cells]) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let parents: HashSet<&str> = rows.iter().map(|cells| cell(cells, "parent_code")).collect::<Result<_, _>>()?;
    let mut leaves: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cells in rows {
        let code = cell(cells, "code")?;
        if !parents.contains(code) && code.len() > 1 {
            leaves.entry(cell(cells, "section")?.to_owned()).or_default().push(code.to_owned());
        }
    }
    Ok(leaves)
}
