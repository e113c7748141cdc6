//! The server, and what a person needs to begin with it.

use std::process::ExitCode;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;
use crate::auth::token::Tokens;
use crate::cli::data;
use crate::clock::Clock;
use crate::config::{AuthMode, Config};
use crate::demo::{self, DemoSize};
use crate::http::{Web, trusted};
use crate::setup;
use crate::telemetry;

/// Queries to paste, one for each kind of reader. A test executes them.
pub const FIRST_QUERIES: [(&str, &str); 3] = [
    ("anyone", "{ map { regions { name counts { total levels { level enterprises } } } } }"),
    (
        "employer_admin",
        "{ enterprises(first: 5) { nodes { name bin level degree workplaces(first: 3) { nodes { name degree } } } } }",
    ),
    (
        "insurer",
        "{ enterprises(first: 5, order: RISK) { nodes { name level tariff { riskClass ratePercent coefficient correctedRatePercent } } } }",
    ),
];

/// `osh-map serve`
pub async fn serve() -> anyhow::Result<ExitCode> {
    let config = Config::load()?;
    let traces = telemetry::init(&config.telemetry)?;
    let clock = Clock::system();
    // Before anything is changed in the database.
    let trusted = trusted::of(&config).await?;
    let db = setup::open(&config, &clock).await?;
    if config.demo.enabled && demo::is_empty(&db).await? {
        let size = DemoSize { enterprises: config.demo.enterprises, workplaces: config.demo.workplaces };
        data::fill(&db, size, config.demo.seed, &clock).await?;
    }
    // The address is taken last, so that whoever can connect gets an answer.
    let app = App::over(db, config, clock).await?;
    let web = Web::new(app.clone(), trusted);
    let listener = TcpListener::bind(app.config.http.listen).await.map_err(|error| {
        anyhow::anyhow!("cannot listen on {} ({error}); set OSH_HTTP_LISTEN to another address", app.config.http.listen)
    })?;
    greet(&app, &listener)?;
    let stop = stop_signal(web.clone())?;
    crate::http::serve(listener, web.clone().front(), &app.config.http, stop).await;
    // Sockets have been told to close when the server stopped to listen; they left its connections long ago.
    let _ = tokio::time::timeout(Duration::from_secs(2), web.drained()).await;
    if let Some(traces) = traces {
        // The last spans; whether the collector takes them is not our concern any more.
        let _ = traces.shutdown();
    }
    Ok(ExitCode::SUCCESS)
}

/// Ready on SIGTERM or Ctrl-C, after readiness has turned red.
fn stop_signal(web: Web) -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
        web.drain();
    })
}

fn greet(app: &App, listener: &TcpListener) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    println!("OSH Map {} on http://{address}", env!("CARGO_PKG_VERSION"));
    println!("  GraphQL   http://{address}/graphql");
    if app.config.graphql.graphiql {
        println!("  GraphiQL  http://{address}/graphiql");
    }
    if app.config.auth.mode == AuthMode::Demo {
        println!("\nDEMO: this server issues its own tokens; its data is made up. Tokens, one for each role:");
        print_tokens(&app.tokens, &app.clock)?;
        println!("\nThree queries to begin with (the last two with the token of the role named):");
        for (role, query) in FIRST_QUERIES {
            println!("  {role:<16} {query}");
        }
        println!("\n  curl -s http://{address}/graphql -H 'content-type: application/json' \\");
        println!("    -H 'authorization: Bearer TOKEN' -d '{{\"query\":\"{{ me {{ displayName role }} }}\"}}'");
    }
    Ok(())
}

fn print_tokens(tokens: &Tokens, clock: &Clock) -> anyhow::Result<()> {
    for (subject, role) in demo::SUBJECTS {
        let token = tokens.issue(subject, clock.now());
        let token =
            token.ok_or_else(|| anyhow::anyhow!("only the demo issuer issues tokens (auth.mode = \"demo\")"))?;
        println!("  {:<24} {subject}\n    {token}", role.as_str());
    }
    Ok(())
}

/// `osh-map token`
pub fn token(subject: Option<String>) -> anyhow::Result<ExitCode> {
    let config = Config::load()?;
    let tokens = Tokens::load(&config.auth)?;
    let clock = Clock::system();
    match subject {
        None => print_tokens(&tokens, &clock)?,
        Some(subject) => {
            let token = tokens.issue(&subject, clock.now());
            let token =
                token.ok_or_else(|| anyhow::anyhow!("only the demo issuer issues tokens (auth.mode = \"demo\")"))?;
            println!("{token}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `osh-map health`: one request to the address this configuration serves.
pub async fn health() -> anyhow::Result<ExitCode> {
    let mut address = Config::load()?.http.listen;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        anyhow::Ok(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(3), ask).await??;
    let healthy = answer.starts_with("HTTP/1.1 200");
    println!("{}", if healthy { "live" } else { "not healthy" });
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
