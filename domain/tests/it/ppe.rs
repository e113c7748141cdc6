use domain::ppe::{PpeFactor, due};
use domain::provenance::Provenance;

use crate::support::{code, degree, grade, rules};

fn factor(text: &str, value: u8) -> PpeFactor {
    PpeFactor { factor: code(text), grade: grade(value) }
}

/// DECK: constant noise.
#[test]
fn golden_noise_by_degree() {
    let rows = [
        (2, "EAR_PLUGS", "Беруши"),
        (3, "EARMUFFS", "Наушники противошумные"),
        (4, "EARMUFFS", "Наушники противошумные"),
        (5, "EARMUFFS_ACTIVE", "Наушники с активным шумоподавлением"),
    ];
    for (number, item, ru) in rows {
        let dues = due(rules(), &[factor("NOISE_CONSTANT", 3)], degree(number));
        assert_eq!(dues.len(), 1);
        let found = dues[0].item.as_ref().unwrap();
        assert_eq!((found.code.as_str(), found.names.ru.as_str()), (item, ru));
        assert_eq!(found.origin.provenance, Provenance::Deck);
    }
}

#[test]
fn nothing_is_due_where_nothing_is_harmful() {
    assert!(due(rules(), &[factor("NOISE_CONSTANT", 1)], degree(5)).is_empty());
    assert!(due(rules(), &[factor("NOISE_CONSTANT", 5)], degree(1)).is_empty());
    assert!(due(rules(), &[], degree(5)).is_empty());
}

#[test]
fn a_missing_norm_is_a_gap_not_silence() {
    let dues = due(rules(), &[factor("LEAD", 3), factor("NOISE_CONSTANT", 2)], degree(3));
    assert_eq!(dues.len(), 2);
    assert!(dues[0].norm_not_loaded() && dues[0].factor == code("LEAD"));
    assert_eq!(dues[0].trace[0].value, "NORM_NOT_LOADED");
    assert!(!dues[1].norm_not_loaded());
}

#[test]
fn every_item_of_a_factor_is_listed_and_a_factor_counts_once() {
    let dues = due(rules(), &[factor("THERMAL_RADIATION", 2), factor("THERMAL_RADIATION", 3)], degree(4));
    let items: Vec<_> = dues.iter().map(|due| due.item.as_ref().unwrap().code.as_str()).collect();
    assert_eq!(items, ["CLOTHING_HEAT_ALUMINISED", "FACE_SHIELD_HEAT"]);
    let lowered = due(rules(), &[factor("LEAD", 1), factor("LEAD", 3)], degree(4));
    assert_eq!(lowered.len(), 1);
}

#[test]
fn a_factor_with_norms_has_them_for_all_degrees() {
    for norm in &rules().ppe.norms {
        for number in 2..=5 {
            assert!(
                !due(rules(), &[PpeFactor { factor: norm.factor.clone(), grade: grade(2) }], degree(number))[0]
                    .norm_not_loaded()
            );
        }
    }
}
