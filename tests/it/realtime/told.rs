//! Which changes are told: each mutation and import that makes one, to everybody who may see it.

use std::io::Cursor;

use api::import::{self, ImportKind, ImportOptions};
use domain::localized::Language;
use domain::roles::Role;
use serde_json::{Value, json};
use tests::sandbox::subject;
use tests::world::World;
use tests::{EventStream, TestApp, on_both};
use uuid::Uuid;

use crate::chain::assessment_input;
use crate::realtime::enterprise;

pub const STATUS: &str = "subscription { assessmentStatusChanged { before after assessment { id degree } } }";
const LEVEL: &str = "subscription { enterpriseLevelChanged { before after enterpriseId enterprise { level } } }";

pub async fn own_workplace(app: &TestApp) -> String {
    let found = app.as_role(&subject(Role::SafetyEngineer)).ask("{ workplaces(first: 1) { nodes { id } } }").await;
    found.text("workplaces.nodes.0.id").to_owned()
}

pub async fn assess(app: &TestApp, workplace: &str, day: &str, dry_run: bool) -> String {
    let mut input = assessment_input(app, workplace, day, (1, 0, 0));
    input["dryRun"] = json!(dry_run);
    let engineer = app.as_role(&subject(Role::SafetyEngineer));
    let answer = engineer.change("assessmentCompute", "assessment { id }", &input).await.ok();
    answer.data("assessmentCompute.assessment.id").as_str().unwrap_or_default().to_owned()
}

fn status(told: &Value) -> (&Value, &Value, &Value) {
    let event = &told["data"]["assessmentStatusChanged"];
    (&event["before"], &event["after"], &event["assessment"]["id"])
}

/// Hears of one enterprise only, until it has no level.
async fn until_no_level(stream: &mut EventStream, of: Uuid) {
    loop {
        let told = stream.told().await;
        assert_eq!(enterprise(&told), of);
        let event = &told["data"]["enterpriseLevelChanged"];
        assert_ne!(event["before"], event["after"]);
        if event["after"].is_null() {
            return assert_eq!(event["enterprise"]["level"], json!(null), "{told}");
        }
    }
}

on_both! {
    async fn an_assessment_is_told_with_the_one_it_replaces_and_a_dry_run_is_not(backend) {
        let app = TestApp::new(backend).await;
        let (served, place) = (app.serve().await, own_workplace(&app).await);
        let mut clients = Vec::new();
        for role in [Role::Ministry, Role::SafetyEngineer, Role::EmployerAdmin] {
            let mut socket = served.open_as(&app.as_role(&subject(role))).await;
            socket.subscribe("1", STATUS, json!({})).await;
            socket.settle().await;
            clients.push(socket);
        }
        let mut stream = app.as_role(&subject(Role::Ministry)).listen(STATUS, json!({})).await;
        assess(&app, &place, "2026-03-15", true).await;
        let first = assess(&app, &place, "2026-03-15", false).await;
        let second = assess(&app, &place, "2026-03-16", false).await;
        let late = assess(&app, &place, "2026-03-14", false).await;
        let (in_force, superseded) = (json!("IN_FORCE"), json!("SUPERSEDED"));
        let of_first = stream.told().await;
        let events = if of_first["data"]["assessmentStatusChanged"]["after"] == "SUPERSEDED" { stream.told().await } else { of_first };
        assert_eq!(status(&events), (&json!(null), &in_force, &json!(first)));
        for expected in [(&in_force, &superseded, &json!(first)), (&json!(null), &in_force, &json!(second)), (&json!(null), &superseded, &json!(late))] {
            assert_eq!(status(&stream.told().await), expected);
        }
        for socket in &mut clients {
            let mut told = Vec::new();
            while told.last().is_none_or(|last| status(last).2 != &json!(late)) {
                told.push(socket.told("1").await);
            }
            let tail: Vec<_> = told[told.len() - 4..].iter().map(status).collect();
            assert_eq!(tail, [(&json!(null), &in_force, &json!(first)), (&in_force, &superseded, &json!(first)), (&json!(null), &in_force, &json!(second)), (&json!(null), &superseded, &json!(late))]);
        }
    }

    async fn what_will_be_removed_is_told_with_every_event_and_answer(backend) {
        let app = TestApp::new(backend).await;
        let (served, place) = (app.serve().await, own_workplace(&app).await);
        let mut socket = served.open_as(&app.as_role(&subject(Role::SafetyEngineer))).await;
        let old = "subscription { assessmentStatusChanged { assessment { explanation { ruleSet } } } }";
        socket.subscribe("1", old, json!({})).await;
        socket.settle().await;
        let coordinate = |told: &Value| told["extensions"]["deprecations"][0]["coordinate"].clone();
        let answer = socket.ask("{ serviceConfig { ruleSet } }").await;
        assert_eq!(coordinate(&answer), "ServiceConfig.ruleSet", "{answer}");
        assess(&app, &place, "2026-03-16", false).await;
        let event = socket.told("1").await;
        assert_eq!(coordinate(&event), "Explanation.ruleSet", "{event}");
    }

    async fn an_enterprise_whose_assessed_workers_go_has_no_level_any_more_by_mutation_and_by_import(backend) {
        let app = TestApp::new(backend).await;
        let world = World::read(&app).await;
        let own = world.seen_by(&subject(Role::SafetyEngineer)).of("Enterprise").first().copied().unwrap();
        let assessed = |id| world.workplaces.iter().filter(move |row| row.enterprise_id == id && row.current_assessment_id.is_some());
        let imported = world.enterprises.iter().find(|row| row.id != own && row.level_rank > 0).expect("an enterprise");
        let mut stream = app.as_role("demo-ministry").listen(LEVEL, json!({})).await;
        let mut csv = "bin,code,name_ru,profession,workers,shifts\n".to_owned();
        for place in assessed(imported.id) {
            let name = place.name_ru.replace('"', "");
            csv += &format!("{},{},\"{name}\",{},0,{}\n", imported.bin, place.code, place.profession_code, place.shifts);
        }
        let import = async |dry_run| {
            let (source, language) = ("test".to_owned(), Language::En);
            let options = ImportOptions { dry_run, batch: None, source, language, progress: &|_, _| {} };
            let file = Cursor::new(csv.clone().into_bytes());
            import::run(&app.app.db, &app.app.clock, ImportKind::Workplaces, file, &options).await.unwrap()
        };
        import(true).await;
        let report = import(false).await;
        assert!(report.written && report.is_clean());
        app.app.events.tell(ImportKind::Workplaces.told().expect("levels may have changed")).await;
        until_no_level(&mut stream, imported.id).await;
        // By mutation, of the employer's own: one after the other, until nobody is left.
        let engineer = app.as_role(&subject(Role::SafetyEngineer));
        for place in assessed(own) {
            let id = api::graphql::id::encode("Workplace", place.id);
            let input = json!({"id": id, "version": place.version, "workers": 0});
            engineer.change("workplaceUpdate", "workplace { workers }", &input).await.ok();
        }
        until_no_level(&mut stream, own).await;
    }
}
