//! Which enterprises there will be: a set of cases that a developer needs to meet, then the country in small.

use domain::localized::Localized;

use crate::demo::dice::{Dice, apportion};
use crate::demo::words::Words;

/// How the workplaces of an enterprise are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As usual in the section.
    Mixed,
    /// None assessed.
    Unassessed,
    /// All of one degree.
    Uniform(u32),
    /// Mostly of this degree, everything measured, with history: the enterprises of the demo employer.
    Rich(u32),
}

/// One enterprise to be made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Region, KATO.
    pub kato: String,
    /// Section letter.
    pub section: String,
    /// Main activity; drawn from the section when absent.
    pub oked: Option<String>,
    /// Employees.
    pub headcount: u32,
    /// Workplaces.
    pub workplaces: u32,
    /// How they are.
    pub shape: Shape,
    /// Name; put together from words when absent.
    pub names: Option<Localized>,
    /// Secondary activities: a number to draw from all sections.
    pub secondary: u32,
    /// No longer exists.
    pub struck_off: bool,
}

/// Karaganda region: the demo inspector's.
pub const INSPECTED: &str = "350000000";
const ASTANA: &str = "710000000";

/// People per enterprise: from, to, how often in a thousand. Most are small, a few employ thousands.
const SIZES: [(u32, u32, u32); 9] = [
    (1, 5, 300),
    (6, 15, 330),
    (16, 50, 220),
    (51, 100, 80),
    (101, 250, 45),
    (251, 500, 15),
    (501, 1_500, 7),
    (1_501, 5_000, 2),
    (5_001, 15_000, 1),
];

/// The whole plan, in order. Positions 0 and 1 belong to the demo employer. There are never fewer enterprises than
/// cases.
pub fn plan(words: &Words, enterprises: usize, workplaces: usize, seed: u64) -> anyhow::Result<Vec<Plan>> {
    let mut plans = cases();
    let count = enterprises.saturating_sub(plans.len());
    let taken: u32 = plans.iter().map(|plan| plan.workplaces).sum();
    let left = u64::try_from(workplaces)?.saturating_sub(taken.into());
    let mut dice = Dice::new(seed, 1);
    let mut country = distributed(words, u64::try_from(count)?, &mut dice)?;
    let headcounts: Vec<u32> = country.iter().map(|plan| plan.headcount).collect();
    for (plan, workplaces) in country.iter_mut().zip(spread(left, &headcounts)) {
        plan.workplaces = workplaces;
    }
    plans.append(&mut country);
    Ok(plans)
}

/// Enterprises by region and section like the employed people of the country, in an order without meaning.
fn distributed(words: &Words, count: u64, dice: &mut Dice) -> anyhow::Result<Vec<Plan>> {
    let weights: Vec<u64> = words.shares.iter().map(|share| share.ppm).collect();
    let mut plans = Vec::new();
    for (share, count) in words.shares.iter().zip(apportion(count, &weights)) {
        for _ in 0..count {
            plans.push(Plan { headcount: headcount(dice), ..usual(&share.kato, &share.section) });
        }
    }
    for end in (1..plans.len()).rev() {
        plans.swap(end, usize::try_from(dice.between(0, u32::try_from(end)?))?);
    }
    Ok(plans)
}

fn headcount(dice: &mut Dice) -> u32 {
    let band = dice.weighted(&SIZES.map(|(_, _, often)| often));
    let (from, to, _) = SIZES.get(band).copied().unwrap_or((1, 5, 1));
    dice.between(from, to)
}

/// Workplaces by the square root of the headcount, never more than there are people.
fn spread(total: u64, headcounts: &[u32]) -> Vec<u32> {
    let weights: Vec<u64> = headcounts.iter().map(|people| u64::from(people.isqrt())).collect();
    let mut counts: Vec<u32> = apportion(total, &weights)
        .into_iter()
        .zip(headcounts)
        .map(|(share, people)| u32::try_from(share).unwrap_or(u32::MAX).min(*people))
        .collect();
    let mut left = total.saturating_sub(counts.iter().map(|count| u64::from(*count)).sum());
    let mut given = true;
    while left > 0 && given {
        given = false;
        for (count, people) in counts.iter_mut().zip(headcounts) {
            if left > 0 && *count < *people {
                *count += 1;
                left -= 1;
                given = true;
            }
        }
    }
    counts
}

fn usual(kato: &str, section: &str) -> Plan {
    Plan {
        kato: kato.to_owned(),
        section: section.to_owned(),
        oked: None,
        headcount: 0,
        workplaces: 0,
        shape: Shape::Mixed,
        names: None,
        secondary: 0,
        struck_off: false,
    }
}

fn case(kato: &str, oked: (&str, &str), people: u32, workplaces: u32, shape: Shape) -> Plan {
    let plan = usual(kato, oked.0);
    Plan { oked: Some(oked.1.to_owned()), headcount: people, workplaces, shape, ..plan }
}

/// The cases, in the order in which the documentation lists them.
fn cases() -> Vec<Plan> {
    let mut cases = demo_employer();
    cases.extend([
        case(INSPECTED, ("G", "4711"), 12, 0, Shape::Mixed),
        case(INSPECTED, ("F", "4321"), 40, 5, Shape::Unassessed),
    ]);
    // One enterprise of every level, A first.
    cases.extend((1..=5).rev().map(|degree| case(INSPECTED, ("C", "2511"), 30, 4, Shape::Uniform(degree))));
    cases.extend([
        // Class 19 has no rate; division 99 has no class.
        case("470000000", ("B", "0811"), 210, 3, Shape::Mixed),
        case("750000000", ("U", "99"), 25, 2, Shape::Mixed),
        case("750000000", ("M", "69"), 0, 1, Shape::Mixed),
    ]);
    cases.extend(names_to_break_a_layout());
    cases.extend([
        Plan { struck_off: true, ..case("630000000", ("H", "4941"), 18, 3, Shape::Mixed) },
        // As many activities as one enterprise can have; one of them has no class.
        Plan { secondary: 20, ..case(ASTANA, ("G", "46"), 150, 3, Shape::Mixed) },
    ]);
    cases
}

fn named(plan: Plan, kk: &str, ru: &str, en: &str) -> Plan {
    Plan { names: Some(Localized::new(kk, ru, en)), ..plan }
}

/// The enterprises of the demo persons.
fn demo_employer() -> Vec<Plan> {
    let metal = case(INSPECTED, ("C", "2410"), 1_248, 24, Shape::Rich(4));
    let builder = Plan { secondary: 2, ..case(ASTANA, ("F", "41201"), 320, 16, Shape::Rich(3)) };
    vec![
        named(metal, "«Демо Металл» АҚ", "АО «Демо Металл»", "Demo Metal JSC"),
        named(builder, "«Демо Құрылыс» ЖШС", "ТОО «Демо Строй»", "Demo Construction LLP"),
    ]
}

/// Close to the longest name there can be, and every letter that only Kazakh has.
fn names_to_break_a_layout() -> [Plan; 2] {
    let long = |word: &str| format!("{word} {}", "Өңіраралық Өндірістік Құрылыс ".repeat(9)).trim().to_owned();
    let road = case(ASTANA, ("F", "4211"), 60, 2, Shape::Mixed);
    let bakery = case("610000000", ("C", "1071"), 45, 3, Shape::Mixed);
    [
        named(road, &long("«Демо»"), &long("ТОО «Демо»"), &long("Demo LLP")),
        named(
            bakery,
            "«Әсем Ғұрпы Қоңыр Өлкең Үміті Һәм Ілім» ЖШС",
            "ТОО «Әсем Ғұрпы Қоңыр Өлкең Үміті Һәм Ілім»",
            "Asem Gurpy Qonyr Olken Umiti LLP",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_the_size_that_was_asked_for_and_every_region_and_section() {
        let words = Words::load().unwrap();
        let plans = plan(&words, 2_000, 20_000, 1).unwrap();
        assert_eq!(plans.len(), 2_000);
        assert_eq!(plans.iter().map(|plan| plan.workplaces).sum::<u32>(), 20_000);
        for region in &words.regions {
            assert!(plans.iter().any(|plan| plan.kato == region.kato), "{}", region.kato);
        }
        for section in "ABCDEFGHIJKLMNOPQRSU".chars() {
            assert!(plans.iter().any(|plan| plan.section == section.to_string()), "{section}");
        }
    }

    #[test]
    fn no_case_is_left_out_of_a_small_plan() {
        let plans = plan(&Words::load().unwrap(), 1, 1, 1).unwrap();
        assert_eq!(plans.len(), cases().len());
    }
}
