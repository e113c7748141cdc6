//! A PostgreSQL cluster of the tests' own.

use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, ensure};

use super::find::{self, PostgresPrograms};
use super::guard::{self, Guarded, Home, Program};

const SUPERUSER: &str = "osh_map";

/// The data lives for one run, so nothing is written for the sake of a crash; nothing works in the background that
/// could hold a template or change a plan; the shared memory is in the directory, so that it goes with it.
const SETTINGS: [&str; 12] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=400",
    "shared_buffers=32MB",
    "dynamic_shared_memory_type=mmap",
    "autovacuum=off",
    "timezone=UTC",
];

/// Passwords are asked in clear, on loopback: deriving a SCRAM key costs an unoptimised client 50 ms a connection.
/// The collation is deliberately not the order of bytes, which is what production has too: a keyset that forgot its
/// COLLATE "C" fails here.
const INITDB: &str = r#"
exec "$INITDB_PROGRAM" --pgdata="$1/data" --username="$INITDB_USER" --pwfile="$1/password" --auth=password --no-sync \
    --no-instructions --encoding=UTF8 --locale=C --locale-provider=icu --icu-locale=und
"#;

/// A running cluster.
pub struct Postgres {
    programs: PostgresPrograms,
    guarded: Guarded,
    port: u16,
    password: String,
    databases: AtomicU32,
}

/// A database of its own, dropped with this value. Keep the value for as long as the database is needed.
pub struct Database {
    /// The name alone, as `create_database` takes it for a template.
    pub name: String,
    /// `postgres://user:password@127.0.0.1:port/name`, for the superuser of the throwaway cluster.
    pub url: String,
    drop_with: Command,
}

impl Postgres {
    pub(super) fn start() -> Result<Postgres> {
        guard::on_a_free_port(Postgres::start_on)
    }

    fn start_on(port: u16) -> Result<Postgres> {
        let programs = find::postgres(&find::folders())?;
        let password = guard::password()?;
        let home = Home::new("osh-map-postgres-")?;
        home.write("password", &password)?;
        let mut command = Command::new(programs.program("postgres"));
        command.arg("-D").arg(home.path().join("data")).args(["-p", &port.to_string()]);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        command.env("INITDB_PROGRAM", programs.program("initdb")).env("INITDB_USER", SUPERUSER);
        // SIGQUIT is PostgreSQL's immediate stop: no checkpoint, and its memory segments are released.
        let guarded = home.start(Program { name: "PostgreSQL", prepare: INITDB, stop_signal: "QUIT", command })?;
        let postgres = Postgres { programs, guarded, port, password, databases: AtomicU32::new(0) };
        postgres.wait()?;
        Ok(postgres)
    }

    /// Ready is when the server *of our directory* answers: another program may have taken the port.
    fn wait(&self) -> Result<()> {
        self.guarded.wait_until_ready(|| {
            // Cheaper than a psql that is refused, and initdb takes a second or more.
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            let directory = self.query("SHOW data_directory")?;
            ensure!(Path::new(&directory).starts_with(self.guarded.directory()), "another server answers");
            Ok(())
        })
    }

    #[cfg(test)]
    pub(super) fn directory(&self) -> &Path {
        self.guarded.directory()
    }

    /// The port of 127.0.0.1 on which the cluster listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of the database `name` in this cluster.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://{SUPERUSER}:{}@127.0.0.1:{}/{name}", self.password, self.port)
    }

    pub(super) fn create_database(&self, template: Option<&str>) -> Result<Database> {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        // template0 rather than PostgreSQL's usual template1: nobody can be connected to it.
        let template = template.unwrap_or("template0");
        self.query(&format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}""#))
            .with_context(|| format!("cannot create a database from {template}"))?;
        let drop_with = self.psql(&format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#));
        Ok(Database { url: self.url(&name), name, drop_with })
    }

    /// One statement as the superuser in the database `postgres`; the answer as plain text.
    fn query(&self, statement: &str) -> Result<String> {
        let output = self.psql(statement).output().context("psql does not start")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    fn psql(&self, statement: &str) -> Command {
        let mut psql = Command::new(self.programs.program("psql"));
        guard::without_client_settings(&mut psql);
        psql.env("PGPASSWORD", &self.password).env("PGCONNECT_TIMEOUT", "5").env("LC_ALL", "C");
        psql.args(["--host=127.0.0.1", &format!("--port={}", self.port), &format!("--username={SUPERUSER}")]);
        psql.args(["--dbname=postgres", "--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--quiet"]);
        psql.args(["--set=ON_ERROR_STOP=1", "--command", statement]).stdin(Stdio::null());
        psql
    }
}

impl Drop for Database {
    /// A copy of the schema is about ten megabytes, and there are hundreds of tests. A failure costs only that space.
    fn drop(&mut self) {
        let _ = self.drop_with.output();
    }
}
