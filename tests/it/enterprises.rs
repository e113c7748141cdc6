use serde_json::json;
use tests::{on_both, shared};

on_both! {
    async fn the_ministry_sees_all_enterprises(backend) {
        let answer = shared(backend).await.as_role("demo-ministry").ask("{ enterprises { totalCount } }").await;
        assert_eq!(answer.data("enterprises"), &json!({"totalCount": 60}));
    }
}
