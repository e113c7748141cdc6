//! A dry run shows what a change would do, here and elsewhere, and keeps nothing.

use serde_json::{Value, json};
use tests::sandbox::subject;
use tests::schema::Schema;
use tests::{TestApp, on_both};

use crate::errors::{ENGINEER, with};
use crate::idempotency::{KEY, input_of, keyed, selection};
use crate::transactions::Place;

on_both! {
    async fn a_dry_run_shows_what_would_be_and_keeps_no_key(backend) {
        let app = TestApp::new(backend).await;
        let (schema, place) = (Schema::of(&app).await, Place::of(&app).await);
        let before = app.content().await;
        let mut offered = Vec::new();
        for (name, role, input, _) in place.mutations() {
            if !schema.get(&input_of(name)).input_fields.iter().any(|field| field.name == "dryRun") {
                continue;
            }
            let (user, input) = (app.as_role(&subject(role)), keyed(&input, KEY));
            // What is made anew has another id and moment; `degreeName` and the like are the same.
            let facts = selection(&schema, name).replace(" id ", " ").replace("{ id ", "{ ");
            let facts = facts.replace("createdAt", "").replace("updatedAt", "");
            let dry = user.change(name, &facts, &with(&input, json!({"dryRun": true}))).await.ok();
            assert_eq!(before.changed(&app.content().await), [] as [&str; 0], "{name}");
            offered.push((name, user, facts, input, dry));
        }
        let names: Vec<&str> = offered.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, ["enterpriseUpdate", "workplaceUpdate", "measurementRecord", "assessmentCompute"]);
        // The last two of one workplace depend on each other: each alone is compared.
        for (name, user, facts, input, dry) in offered.iter().take(3) {
            let wet = user.change(name, facts, input).await.ok();
            assert_eq!(wet.json["data"], dry.json["data"], "{name}");
        }
    }

    async fn before_and_after_are_told_and_told_again(backend) {
        let app = TestApp::new(backend).await;
        let engineer = app.as_role(ENGINEER);
        let of = "{ enterprises(first: 1) { nodes { id version level tariff { correctedRatePercent ratePercent }
            workplaces(first: 50) { nodes { id version degree workers } } } } }";
        let row = engineer.ask(of).await.data("enterprises.nodes.0").clone();
        let places = row["workplaces"]["nodes"].as_array().unwrap();
        let assessed = places.iter().filter(|place| !place["degree"].is_null());
        let place = assessed.min_by_key(|place| place["degree"].as_i64()).unwrap();
        let input = json!({"id": place["id"], "version": place["version"], "workers": 100_000, "idempotencyKey": KEY});
        let levels = "enterpriseLevelBefore enterpriseLevelAfter";
        let told = engineer.change("workplaceUpdate", levels, &input).await.ok();
        let after = engineer.ask(of).await.data("enterprises.nodes.0").clone();
        assert_eq!(told.data("workplaceUpdate.enterpriseLevelBefore"), &row["level"]);
        assert_eq!(told.data("workplaceUpdate.enterpriseLevelAfter"), &after["level"]);
        assert_ne!(row["level"], after["level"], "a hundred thousand workers of one workplace decide");
        // The present level is another one; the answer stays.
        let version = place["version"].as_i64().unwrap() + 1;
        let back = json!({"id": place["id"], "version": version, "workers": place["workers"]});
        engineer.change("workplaceUpdate", "", &back).await.ok();
        assert_eq!(engineer.change("workplaceUpdate", levels, &input).await.ok().json, told.json);
        let rates = "insuranceRateBefore insuranceRateAfter";
        let input = json!({"id": row["id"], "version": row["version"], "oked": "412", "secondaryOkeds": [],
            "idempotencyKey": KEY});
        let told = engineer.change("enterpriseUpdate", rates, &input).await.ok();
        let after = engineer.ask(of).await.data("enterprises.nodes.0").clone();
        let rate = |row: &Value| row["tariff"]["correctedRatePercent"].clone();
        assert_eq!(told.data("enterpriseUpdate.insuranceRateBefore"), &rate(&row));
        assert_eq!(told.data("enterpriseUpdate.insuranceRateAfter"), &rate(&after));
        assert_ne!(rate(&row), rate(&after));
        assert_eq!(engineer.change("enterpriseUpdate", rates, &input).await.ok().json, told.json);
    }
}
