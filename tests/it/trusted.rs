//! Lists of documents that the operator trusts: what runs besides them, and what is told of it.

use std::path::Path;

use api::config::TrustedDocuments;
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tests::sandbox::free_bin;
use tests::{Answer, Backend, TestApp, run};

use crate::persisted::{address, hashed, post, registering, send, sha256};

const RULES: &str = "query Rules { ruleSets { code } }";
const PHONE: &str = "query Phone { serviceConfig { version } }";

async fn post_as(app: &TestApp, client: &str, body: &Value) -> Answer {
    let request = Request::post("/graphql").header("content-type", "application/json");
    send(app, request.header("x-osh-client", client), body.to_string()).await
}

/// A server whose operator trusts one document of `web`, listed by relay-compiler, and one of `phone`, by Apollo.
async fn listed(mode: TrustedDocuments, folder: &Path) -> TestApp {
    let mutation = "mutation Change($input: EnterpriseUpdateInput!) {
        enterpriseUpdate(input: $input) { userErrors { code } } }";
    let relay = json!({"0a1b2c": RULES, "change": mutation});
    std::fs::write(folder.join("web.json"), relay.to_string()).unwrap();
    let operation = json!({"id": sha256(PHONE), "name": "Phone", "type": "query", "body": PHONE});
    let apollo = json!({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]});
    std::fs::write(folder.join("phone.json"), apollo.to_string()).unwrap();
    TestApp::with(Backend::Sqlite, |config| {
        config.documents.trusted = mode;
        config.documents.trusted_folder = folder.display().to_string();
    })
    .await
}

#[test]
fn where_only_listed_documents_run_nothing_else_does() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let app = listed(TrustedDocuments::Only, folder.path()).await;
        for (client, text, id) in [("web", RULES, "0a1b2c"), ("phone", PHONE, sha256(PHONE).as_str())] {
            for body in [json!({"documentId": id}), json!({"query": text}), hashed(text), registering(text)] {
                assert!(post_as(&app, client, &body).await.ok().json["data"].is_object(), "{body}");
                let by_get = Request::get(address(&body)).header("x-osh-client", client);
                send(&app, by_get, String::new()).await.ok();
            }
        }
        let introspection = json!({"query": "{ __schema { queryType { name } } }"});
        let hostile = json!({"query": format!("{{enterprises(filter:{}", "[".repeat(2_000))});
        for (client, body) in [
            ("phone", json!({"query": RULES})),
            ("phone", json!({"documentId": "0a1b2c"})),
            ("phone", hashed(RULES)),
            ("web", registering(PHONE)),
            ("web", json!({"documentId": "0a1b2d"})),
            ("web", json!({"query": format!("{RULES} ")})),
            ("web", introspection),
            ("web", hostile),
            ("nobody", json!({"query": RULES})),
            ("", json!({"query": RULES})),
        ] {
            let refused = post_as(&app, client, &body).await;
            let expected = (StatusCode::FORBIDDEN, vec!["DOCUMENT_NOT_TRUSTED"]);
            assert_eq!((refused.status, refused.codes()), expected, "{client}: {body}");
            assert!(refused.json.get("data").is_none());
        }
        assert_eq!(post(&app, &json!({"query": RULES})).await.codes(), ["DOCUMENT_NOT_TRUSTED"]);
    });
}

#[test]
fn a_document_on_no_list_changes_nothing() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let app = listed(TrustedDocuments::Only, folder.path()).await;
        let before = app.content().await;
        let mutation = "mutation { enterpriseCreate(input: {idempotencyKey: \"k\", bin: \"BIN\", nameRu: \"Новая\", kato: \"350000000\",
            oked: \"412\", headcount: 1}) { enterprise { id } userErrors { code } } }"
            .replace("BIN", &free_bin(1));
        let refused = app.as_role("demo-ministry").query(&mutation, json!({})).await;
        assert_eq!(refused.codes(), ["DOCUMENT_NOT_TRUSTED"]);
        assert!(app.content().await == before);
        // The same text does run where it may.
        let open = listed(TrustedDocuments::Report, folder.path()).await;
        let before = open.content().await;
        open.as_role("demo-ministry").query(&mutation, json!({})).await.ok();
        assert!(open.content().await != before);
    });
}

#[test]
fn what_is_on_no_list_is_reported_and_runs() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let app = listed(TrustedDocuments::Report, folder.path()).await;
        let counted = async |client: &str| {
            let metrics = Answer::read(app.send(Request::get("/metrics").body(Body::empty()).unwrap()).await).await;
            let begin = format!("osh_documents_untrusted_total{{client=\"{client}\"}} ");
            let line = metrics.text.lines().find_map(|line| line.strip_prefix(&begin).map(str::to_owned));
            line.map_or(0.0, |count| count.parse::<f64>().unwrap())
        };
        let before = (counted("phone").await, counted("web").await, counted("unknown").await);
        post_as(&app, "phone", &json!({"query": RULES})).await.ok();
        post_as(&app, "phone", &json!({"query": PHONE})).await.ok();
        post_as(&app, "web", &json!({"documentId": "0a1b2c"})).await.ok();
        post_as(&app, "made-up\"}", &json!({"query": RULES})).await.ok();
        post(&app, &json!({"query": RULES})).await.ok();
        // An id of another client's list is none.
        let other = post_as(&app, "phone", &json!({"documentId": "0a1b2c"})).await;
        assert_eq!(other.codes(), ["PERSISTED_QUERY_NOT_FOUND"]);
        let after = (counted("phone").await, counted("web").await, counted("unknown").await);
        assert_eq!((after.0 - before.0, after.1 - before.1), (1.0, 0.0));
        assert!(after.2 - before.2 >= 2.0 && counted("made-up").await < 1.0);
    });
}
