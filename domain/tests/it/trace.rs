use domain::provenance::Provenance;
use domain::trace::{Step, Trace};

#[test]
fn a_trace_is_stored_as_arrays_and_read_back() {
    let step = Step::new("PR", "0.7*(4+3)/2", "3.05", Provenance::Deck);
    let trace = Trace { rule_set: "X".to_owned(), steps: vec![step] };
    let json = trace.to_json().unwrap();
    assert_eq!(json, r#"{"rule_set":"X","steps":[["PR","0.7*(4+3)/2","3.05","DECK"]]}"#);
    assert_eq!(Trace::from_json(&json).unwrap(), trace);
}

#[test]
fn a_trace_is_as_official_as_its_weakest_step() {
    let step = |provenance| Step::new("A", "", 1, provenance);
    let trace = Trace { rule_set: "X".to_owned(), steps: vec![step(Provenance::Law), step(Provenance::Practice)] };
    assert_eq!(trace.provenance(), Some(Provenance::Practice));
    assert_eq!(Provenance::Deck.weaker(Provenance::Provisional), Provenance::Provisional);
    assert_eq!(Trace { rule_set: String::new(), steps: Vec::new() }.provenance(), None);
}
