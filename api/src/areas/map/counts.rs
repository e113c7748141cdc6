//! From rows of a GROUP BY to the counts of a region, and what of them the public may see.

use domain::grade::Level;

use crate::areas::map::store::Cell;

/// Enterprises that must stand behind a number of workers before the public sees it.
const LEAST_ENTERPRISES: i64 = 3;

/// Counts of a region or of the country.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Enterprises.
    pub total: i64,
    /// Enterprises without a level.
    pub unassessed: i64,
    /// Enterprises per level, A first.
    pub levels: [i64; 5],
    /// Workers per degree, degree 1 first.
    pub workers: [i64; 5],
    /// Enterprises that have workers of the degree.
    pub holders: [i64; 5],
}

impl Counts {
    /// Adds the enterprises of one row, which all have the same level.
    pub fn add(&mut self, cell: &Cell, level: Option<Level>) {
        self.total += cell.enterprises;
        match level {
            None => self.unassessed += cell.enterprises,
            Some(level) => {
                let levels = self.levels.iter_mut().zip(Level::ALL);
                levels.filter(|(_, each)| **each == level).for_each(|(count, _)| *count += cell.enterprises);
            }
        }
        add_all(&mut self.workers, cell.workers());
        add_all(&mut self.holders, cell.holders());
    }

    /// Workers per degree as the public sees them: `None` where fewer than three enterprises stand behind the number. A
    /// zero rests on all assessed enterprises of the region, any other number on those that have such workers. Where
    /// nobody is assessed, the zeros follow from the counts of enterprises and hide nothing.
    pub fn public_workers(&self) -> [Option<i64>; 5] {
        let assessed = self.total - self.unassessed;
        let mut shown = self.workers.map(Some);
        for (shown, holders) in shown.iter_mut().zip(self.holders) {
            let behind = if holders == 0 { assessed } else { holders };
            if assessed > 0 && behind < LEAST_ENTERPRISES {
                *shown = None;
            }
        }
        shown
    }
}

fn add_all(sums: &mut [i64; 5], values: [i64; 5]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(enterprises: i64, workers: [i64; 5], holders: [i64; 5]) -> Cell {
        let [workers_d1, workers_d2, workers_d3, workers_d4, workers_d5] = workers;
        let [holders_d1, holders_d2, holders_d3, holders_d4, holders_d5] = holders;
        Cell {
            region_kato: "710000000".to_owned(),
            rule_set_code: None,
            level_rank: 0,
            enterprises,
            workers_d1,
            workers_d2,
            workers_d3,
            workers_d4,
            workers_d5,
            holders_d1,
            holders_d2,
            holders_d3,
            holders_d4,
            holders_d5,
        }
    }

    #[test]
    fn rows_add_up_under_their_level() {
        let mut counts = Counts::default();
        counts.add(&cell(4, [10, 0, 0, 0, 7], [4, 0, 0, 0, 1]), Some(Level::A));
        counts.add(&cell(2, [1, 2, 3, 4, 5], [1, 1, 1, 2, 2]), Some(Level::E));
        counts.add(&cell(3, [0; 5], [0; 5]), None);
        let expected = Counts {
            total: 9,
            unassessed: 3,
            levels: [4, 0, 0, 0, 2],
            workers: [11, 2, 3, 4, 12],
            holders: [5, 1, 1, 2, 3],
        };
        assert_eq!(counts, expected);
    }

    #[test]
    fn the_public_does_not_see_the_workers_of_one_or_two_enterprises() {
        let mut counts = Counts::default();
        counts.add(&cell(5, [100, 20, 30, 0, 9], [5, 1, 2, 0, 3]), Some(Level::C));
        assert_eq!(counts.public_workers(), [Some(100), None, None, Some(0), Some(9)]);
    }

    #[test]
    fn a_zero_of_one_or_two_enterprises_says_something_of_them_too() {
        let mut counts = Counts::default();
        counts.add(&cell(2, [8, 0, 0, 0, 0], [2, 0, 0, 0, 0]), Some(Level::E));
        counts.add(&cell(7, [0; 5], [0; 5]), None);
        assert_eq!(counts.public_workers(), [None; 5]);
    }

    #[test]
    fn where_nobody_is_assessed_zeros_are_shown() {
        let mut counts = Counts::default();
        counts.add(&cell(1, [0; 5], [0; 5]), None);
        assert_eq!(counts.public_workers(), [Some(0); 5]);
    }
}
