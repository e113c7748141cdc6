use domain::guarantee::{GuaranteeDue, due, pay_coefficient};
use domain::provenance::Provenance;
use domain::rule_set::{GuaranteeKind, Sector};

use crate::support::{dec, degree, oked, rules};

fn of(kind: GuaranteeKind, number: u8) -> GuaranteeDue {
    due(rules(), degree(number), None).into_iter().find(|due| due.kind == kind).unwrap()
}

#[test]
fn all_six_are_listed_at_every_degree() {
    for number in 1..=5 {
        let kinds: Vec<_> = due(rules(), degree(number), None).iter().map(|due| due.kind).collect();
        assert_eq!(kinds, GuaranteeKind::ALL);
    }
    assert!(due(rules(), degree(1), None).iter().all(|due| !due.granted));
    assert!(due(rules(), degree(5), None).iter().all(|due| due.granted));
}

#[test]
fn leave_and_week_by_degree() {
    let rows = [
        (1, "0", "0", "40"),
        (2, "6", "12", "40"),
        (3, "18", "24", "36"),
        (4, "30", "36", "36"),
        (5, "36", "36", "36"),
    ];
    for (number, min, max, hours) in rows {
        let leave = of(GuaranteeKind::AdditionalLeave, number);
        assert_eq!((leave.min, leave.max), (Some(dec(min)), Some(dec(max))));
        let week = of(GuaranteeKind::ReducedWorkingTime, number);
        assert_eq!((week.min, week.granted), (Some(dec(hours)), number >= 3));
    }
    assert_eq!(of(GuaranteeKind::AdditionalLeave, 3).trace[0].value, "18..24");
}

fn construction() -> Sector {
    rules().sector_for(&oked("41201")).unwrap().clone()
}

#[test]
fn pay_coefficient_has_the_fixed_points_of_the_formula() {
    let mut sector = construction();
    sector.d2.value = dec("1.25");
    // K(A=1) = D2/D1 = 1.25/1.088, K(A=4) = D2.
    assert_eq!(pay_coefficient(rules(), degree(1), &sector), Some(dec("1.1489")));
    assert_eq!(pay_coefficient(rules(), degree(4), &sector), Some(dec("1.25")));
    // (1 + (1/3)*0.088)*1.25/1.088 = 1.182598; (1 + (2/3)*0.088)*… = 1.216299; (1 + (4/3)*0.088)*… = 1.283701
    assert_eq!(pay_coefficient(rules(), degree(2), &sector), Some(dec("1.1826")));
    assert_eq!(pay_coefficient(rules(), degree(3), &sector), Some(dec("1.2163")));
    assert_eq!(pay_coefficient(rules(), degree(5), &sector), Some(dec("1.2837")));
}

#[test]
fn raised_pay_needs_a_sector() {
    let without = of(GuaranteeKind::RaisedPay, 4);
    assert_eq!((without.min, without.granted, without.trace[0].value.as_str()), (None, true, "NOT_LOADED"));
    let sector = construction();
    let with =
        due(rules(), degree(4), Some(&sector)).into_iter().find(|due| due.kind == GuaranteeKind::RaisedPay).unwrap();
    assert_eq!((with.min, with.max), (Some(dec("1.088")), Some(dec("1.088"))));
    assert_eq!(with.trace[0].expression, "(1 + ((4 - 1)/3)*(1.088 - 1))*1.088/1.088");
    assert_eq!(with.trace[0].provenance, Provenance::Provisional);
}

#[test]
fn sector_coefficients_are_those_of_the_calculator() {
    let rows = [
        ("MINING", "1.073"),
        ("COAL", "1.095"),
        ("METAL_ORES", "1.128"),
        ("CONSTRUCTION", "1.088"),
        ("METALLURGY", "1.099"),
        ("CHEMICALS", "1.14"),
        ("LAND_TRANSPORT", "1.054"),
    ];
    let sectors = &rules().pay_formula.sectors;
    assert_eq!(sectors.len(), rows.len());
    for (sector, (code, d1)) in sectors.iter().zip(rows) {
        assert_eq!((sector.code.as_str(), sector.d1.value), (code, dec(d1)));
    }
}
