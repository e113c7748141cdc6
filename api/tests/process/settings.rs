//! A start that cannot be meant ends at once, with a sentence for each fault.

use crate::child::Home;

#[test]
fn settings_that_cannot_be_used_stop_the_start_with_their_sentences() {
    let home = Home::new();
    let settings = [
        ("OSH_HTTP_REQUEST_TIMEOUT_SECONDS", "0"),
        ("OSH_LIMITS_COST", "0"),
        ("OSH_HTTP_LISSTEN", "127.0.0.1:80"),
        ("OSH_REDIS_URL", "redis://:geheim@127.0.0.1/0"),
    ];
    // `health` too: no command begins with settings that cannot be used.
    for arguments in [&[][..], &["serve"], &["migrate"], &["health"]] {
        let ended = home.run(arguments, &settings);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{said}");
        for sentence in [
            "osh-map: the settings cannot be used:\n",
            "http.request_timeout_seconds (OSH_HTTP_REQUEST_TIMEOUT_SECONDS) is 0; it must be a whole number from 1 to 300\n",
            "limits.cost (OSH_LIMITS_COST) is 0; it must be",
            "http.lissten (OSH_HTTP_LISSTEN) is not a setting",
        ] {
            assert!(said.contains(sentence), "no {sentence} in:\n{said}");
        }
        assert!(!said.contains("geheim") && !said.contains("panicked"), "{said}");
    }
    let ended = home.run(&[], &[("OSH_REDIS_URL", "redis://:geheim@127.0.0.1/0")]);
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("redis.url is \"redis://…@127.0.0.1/0\" and database.url is \"sqlite://"), "{said}");
    let ended = home.run(&[], &[("OSH_CONFIG", "/no/such/file.toml")]);
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.code() == Some(1) && said.contains("/no/such/file.toml"), "{said}");
}

#[test]
fn the_address_of_a_database_file_may_say_how_to_open_it() {
    let home = Home::new();
    for (url, code) in [
        ("sqlite://new/a.sqlite?mode=rw", 1),
        ("sqlite://new/a.sqlite?mode=rwc", 0),
        ("sqlite://new/a.sqlite?mode=rw", 0),
        ("sqlite://new/a.sqlite", 0),
    ] {
        let ended = home.run(&["migrate"], &[("OSH_DATABASE_URL", url)]);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{url}: {said}");
    }
}

#[test]
fn lists_of_trusted_documents_that_cannot_be_used_stop_the_start() {
    let home = Home::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let good = "{ ruleSets { code } }";
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("web.json", &serde_json::json!({"a": good, "b": "{ nowhere }", "c": "{"}).to_string());
    write("phone.json", "{");
    let settings = [
        ("OSH_DOCUMENTS_TRUSTED", "only"),
        ("OSH_DOCUMENTS_TRUSTED_FOLDER", path.as_str()),
        ("OSH_GRAPHQL_GRAPHIQL", "false"),
    ];
    for arguments in [&[][..], &["documents", "check"], &["documents", "check", path.as_str()]] {
        let ended = home.run(arguments, &settings);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{said}");
        for sentence in [
            "the trusted documents cannot be used:\n",
            "web.json: \"b\" does not fit the schema: ",
            "web.json: \"c\" is refused: ",
            "phone.json is not JSON",
        ] {
            assert!(said.contains(sentence), "no {sentence} in:\n{said}");
        }
        assert!(!said.contains("\"a\"") && !said.contains("panicked"), "{said}");
    }
    write("web.json", &serde_json::json!({ "a": good }).to_string());
    write("phone.json", "{}");
    let ended = home.run(&["documents", "check"], &settings);
    let told = String::from_utf8(ended.stdout).unwrap();
    assert_eq!((ended.status.code(), told.as_str()), (Some(0), "phone: 0 documents\nweb: 1 documents\n"));
    let ended = home.run(&["health"], &[("OSH_DOCUMENTS_TRUSTED", "only")]);
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("there would be no list to trust") && said.contains("GraphiQL is on no list"), "{said}");
}
