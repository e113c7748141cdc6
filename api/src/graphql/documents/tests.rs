//! What is known, what is not, and what is never kept.

use super::*;
use crate::config::TrustedDocuments;

fn asked(text: &str) -> Asked {
    Asked::Text(text.to_owned())
}

fn valid(text: &str) -> Valid {
    let document = Document::read(text, &Limits::default()).expect("a document");
    Valid { document: Arc::new(document), uses: Arc::default() }
}

async fn find_for(
    documents: &Documents,
    asked: Asked,
    client: Option<&str>,
    limits: &Limits,
) -> Result<Found, Refusal> {
    match documents.find(asked, client).await? {
        Sought::Known(found) => Ok(found),
        Sought::New(new) => documents.read(new, limits).await,
    }
}

async fn find(documents: &Documents, asked: Asked) -> Result<Found, Refusal> {
    find_for(documents, asked, None, &Limits::default()).await
}

async fn keep(documents: &Documents, text: &str) -> Sha {
    let mut found = find(documents, asked(text)).await.expect("a document");
    assert!(!found.valid, "not kept yet");
    documents.keep(&mut found).await;
    found.sha
}

fn code(found: Result<Found, Refusal>) -> &'static str {
    found.map(|_| "found").unwrap_or_else(|refusal| refusal.code)
}

#[tokio::test]
async fn only_what_was_kept_is_known_and_the_text_of_all_is_bounded() {
    let documents = Documents::default();
    let padded = |number: usize| format!("{{ a{number} }} # {}", "x".repeat(60_000));
    for number in 0..100 {
        keep(&documents, &padded(number)).await;
    }
    documents.kept.run_pending_tasks();
    assert!(documents.kept.weighted_size() <= KEPT_BYTES);
    let mut kept = 0;
    for number in 0..100 {
        let by_hash = find(&documents, Asked::Hash(Sha::of(&padded(number)))).await;
        kept += usize::from(by_hash.is_ok_and(|found| found.valid));
    }
    assert!((1..=17).contains(&kept), "{kept}");
    assert!(find(&documents, asked("{")).await.is_err());
    for number in 0..20_000 {
        keep(&documents, &format!("{{a{number}}}")).await;
    }
    documents.kept.run_pending_tasks();
    assert!(documents.kept.entry_count() < 11_000, "{}", documents.kept.entry_count());
}

#[tokio::test]
async fn a_known_document_is_neither_scanned_nor_parsed_whatever_names_it() {
    let documents = Documents::default();
    let text = "{ a }";
    let sha = keep(&documents, text).await;
    // Nothing that is read passes these.
    let none = Limits { document_bytes: 0, tokens: 0, ..Limits::default() };
    let id = format!("sha256:{sha}");
    for asked in [asked(text), Asked::Hash(sha), Asked::Id(id), Asked::Registered(sha, text.to_owned())] {
        let found = find_for(&documents, asked, None, &none).await.expect("it is known");
        assert!(found.valid && found.sha == sha);
    }
    assert_eq!(code(find_for(&documents, asked("{ b }"), None, &none).await), "QUERY_TOO_EXPENSIVE");
}

#[tokio::test]
async fn what_was_read_but_not_found_valid_is_not_known() {
    let documents = Documents::default();
    let text = "{ a }";
    let registered = find(&documents, Asked::Registered(Sha::of(text), text.to_owned())).await.expect("a document");
    assert!(!registered.valid);
    assert_eq!(code(find(&documents, Asked::Hash(registered.sha)).await), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(code(find(&documents, Asked::Id("list".into())).await), "PERSISTED_QUERY_NOT_FOUND");
}

#[tokio::test]
async fn hashes_are_refused_where_they_are_switched_off_and_texts_are_not() {
    let config = config::Documents { automatic: false, ..config::Documents::default() };
    let documents = Documents::new(&config, Trusted::default(), None);
    let sha = keep(&documents, "{ a }").await;
    assert_eq!(code(find(&documents, Asked::Hash(sha)).await), "PERSISTED_QUERY_NOT_SUPPORTED");
    assert_eq!(code(find(&documents, asked("{ a }")).await), "found");
}

fn lists(mode: TrustedDocuments) -> Documents {
    let mut trusted = Trusted::new(mode);
    let text = "{ a }";
    trusted.add("web", "one", Sha::of(text), valid(text));
    trusted.open("phone");
    Documents::new(&config::Documents { automatic: false, ..config::Documents::default() }, trusted, None)
}

#[tokio::test]
async fn a_listed_document_is_found_by_text_hash_and_id_of_its_client_alone() {
    let (text, sha) = ("{ a }", Sha::of("{ a }"));
    let ways = || [asked(text), Asked::Hash(sha), Asked::Id("one".into()), Asked::Id(format!("sha256:{sha}"))];
    let none = Limits { tokens: 0, ..Limits::default() };
    for mode in [TrustedDocuments::Only, TrustedDocuments::Report] {
        for way in ways() {
            let found = find_for(&lists(mode), way, Some("web"), &none).await.expect("it is on the list");
            assert!(found.valid && found.listed);
        }
    }
    for client in [None, Some("phone"), Some("nobody")] {
        for way in ways() {
            let strict = lists(TrustedDocuments::Only);
            assert_eq!(code(find_for(&strict, way, client, &none).await), "DOCUMENT_NOT_TRUSTED", "{client:?}");
        }
        let open = lists(TrustedDocuments::Report);
        assert!(!find_for(&open, asked(text), client, &none).await.expect("it runs").listed);
        assert_eq!(code(find_for(&open, Asked::Id("one".into()), client, &none).await), "PERSISTED_QUERY_NOT_FOUND");
    }
    // A hostile text is not even looked at.
    let brackets = asked(&"[".repeat(100_000));
    assert_eq!(code(find(&lists(TrustedDocuments::Only), brackets).await), "DOCUMENT_NOT_TRUSTED");
}

#[tokio::test]
async fn a_long_unknown_document_waits_for_its_turn_and_others_do_not() {
    let documents = Documents::default();
    let all = documents.turns.0.clone();
    let every = u32::try_from(all.available_permits()).expect("a few");
    let taken = all.acquire_many(every).await.expect("turns");
    let long = format!("{{hello}}#{}", "x".repeat(2_000));
    let mut waiting = Box::pin(find(&documents, asked(&long)));
    assert!(futures::poll!(&mut waiting).is_pending());
    assert!(find(&documents, asked("{hello}")).await.is_ok());
    drop(taken);
    let mut found = waiting.await.expect("a document");
    // As long as it is read, and then again while it is judged, a turn is its own.
    assert_eq!(all.available_permits() + 1, usize::try_from(every).expect("a few"));
    found.turn = None;
    let turn = documents.turn(&found).await;
    assert_eq!((turn.is_some(), all.available_permits() + 1), (true, usize::try_from(every).expect("a few")));
    drop(turn);
    documents.keep(&mut found).await;
    assert!(documents.turn(&found).await.is_none());
    let _taken = all.acquire_many(every).await.expect("turns");
    assert!(find(&documents, asked(&long)).await.is_ok());
}
