use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Database, Services, find, guard};

/// Runs one statement in the database as a client of the URL would.
fn select(database: &Database, statement: &str) -> Result<String, String> {
    let psql = find::postgres(&find::folders()).unwrap().program("psql");
    let mut psql = Command::new(psql);
    guard::without_client_settings(&mut psql);
    let output = psql.args(["-XAtc", statement, &database.url]).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[test]
fn postgres_answers() {
    let database = Services::shared().create_database(None);
    assert_eq!(select(&database, "select 1").unwrap(), "1");
}

#[test]
fn postgres_orders_text_by_language_and_not_by_bytes() {
    let database = Services::shared().create_database(None);
    let ordered =
        select(&database, "select string_agg(t, ' ' order by t) from (values ('B'), ('a'), ('Ә'), ('Б')) v(t)");
    assert_eq!(ordered.unwrap(), "a B Ә Б");
}

#[test]
fn two_databases_are_separate_and_a_copy_has_its_templates_tables() {
    let first = Services::shared().create_database(None);
    select(&first, "create table marked (id int); insert into marked values (7)").unwrap();
    let second = Services::shared().create_database(None);
    let copy = Services::shared().create_database(Some(&first.name));

    assert!(select(&second, "select id from marked").unwrap_err().contains("does not exist"));
    select(&first, "delete from marked").unwrap();
    assert_eq!(select(&copy, "select id from marked").unwrap(), "7");
}

#[test]
fn a_database_goes_with_its_value() {
    let kept = Services::shared().create_database(None);
    let name = Services::shared().create_database(None).name.clone();
    let left = select(&kept, &format!("select count(*) from pg_database where datname = '{name}'"));
    assert_eq!(left.unwrap(), "0");
}

#[test]
fn redis_answers_and_gives_each_caller_another_database() {
    let services = Services::shared();
    assert_eq!(services.redis().ask("PING").unwrap(), "+PONG");
    assert_ne!(services.redis_url(), services.redis_url());
}

#[test]
fn redis_wants_its_password() {
    use std::io::{Read, Write};
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, Services::shared().redis().port())).unwrap();
    stream.write_all(b"PING\r\n").unwrap();
    let mut answer = [0; 7];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"-NOAUTH");
}

#[test]
fn a_missing_server_says_what_to_install() {
    let postgres = find::postgres(&[]).err().unwrap().to_string();
    assert!(postgres.contains("scripts/prepare") && postgres.contains("PostgreSQL 15"), "{postgres}");
    let redis = find::redis(&[]).err().unwrap().to_string();
    assert!(redis.contains("scripts/prepare") && redis.contains("Redis 7"), "{redis}");
}

#[test]
fn a_server_that_is_too_old_says_which_was_found() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), "initdb", "");
    program(folder.path(), "psql", "");
    program(folder.path(), "postgres", "postgres (PostgreSQL) 14.9");
    program(folder.path(), "redis-server", "Redis server v=6.2.7 sha=0");

    let folders = [folder.path().to_owned()];
    let postgres = find::postgres(&folders).err().unwrap().to_string();
    assert!(postgres.contains("is 14 in") && postgres.contains("scripts/prepare"), "{postgres}");
    let redis = find::redis(&folders).err().unwrap().to_string();
    assert!(redis.contains("is 6 (") && redis.contains("scripts/prepare"), "{redis}");
}

/// A program that only says its version.
fn program(folder: &Path, name: &str, version: &str) {
    use std::os::unix::fs::PermissionsExt;
    let file = folder.join(name);
    fs::write(&file, format!("#!/bin/sh\necho '{version}'\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_server_that_cannot_start_is_reported_with_its_log() {
    let home = guard::Home::new("osh-map-broken-").unwrap();
    let directory = home.path().to_owned();
    let mut command = Command::new("sh");
    command.args(["-c", "echo the disk is on fire >&2; exit 3"]);
    let broken = guard::Program { name: "Broken", prepare: "", stop_signal: "TERM", command };
    let broken = home.start(broken).unwrap();

    let begun = Instant::now();
    let said = broken.wait_until_ready(|| anyhow::bail!("no answer")).unwrap_err().to_string();
    assert!(said.contains("ended while it was starting") && said.contains("the disk is on fire"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(10), "it waited for a server that was gone");
    drop(broken);
    assert!(!directory.exists());
}

#[test]
fn a_port_lost_to_another_program_is_replaced_and_no_other_failure_is_repeated() {
    let tried = std::sync::Mutex::new(Vec::new());
    let second = guard::on_a_free_port(|port| {
        let mut tried = tried.lock().unwrap();
        tried.push(port);
        if tried.len() == 2 { Ok(port) } else { anyhow::bail!("bind: Address already in use") }
    });
    assert_eq!(second.unwrap(), tried.lock().unwrap()[1]);

    let attempts = std::sync::atomic::AtomicU32::new(0);
    let failed = guard::on_a_free_port(|_| -> anyhow::Result<()> {
        attempts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        anyhow::bail!("no space left")
    });
    assert!(failed.is_err() && attempts.into_inner() == 1);
}

/// Names the file into which the second role of the next test, played in another process, writes what it started.
const REPORT_TO: &str = "TEST_SERVICES_REPORT_TO";

#[test]
fn nothing_is_left_of_a_process_that_was_killed() {
    if let Some(report) = std::env::var_os(REPORT_TO) {
        start_both_report_and_wait(Path::new(&report));
    }
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["nothing_is_left_of_a_process_that_was_killed", "--nocapture"])
        .env(REPORT_TO, &report)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    assert!(within(Duration::from_secs(60), || report.exists()), "the child process started no servers");
    let report = fs::read_to_string(&report).unwrap();
    let lines: Vec<&str> = report.lines().collect();
    let ports: Vec<u16> = lines[..2].iter().map(|port| port.parse().unwrap()).collect();
    let directories: Vec<PathBuf> = lines[2..].iter().map(PathBuf::from).collect();
    assert!(ports.iter().all(|port| answers(*port)) && directories.iter().all(|directory| directory.exists()));

    child.kill().unwrap();
    child.wait().unwrap();

    let gone = || !ports.iter().any(|port| answers(*port)) && !directories.iter().any(|directory| directory.exists());
    assert!(within(Duration::from_secs(20), gone), "left behind: {report}");
}

fn start_both_report_and_wait(report: &Path) -> ! {
    let services = Services::default();
    let (postgres, redis) = (services.postgres(), services.redis());
    let directories = [postgres.directory(), redis.directory()].map(|directory| directory.display().to_string());
    let draft = report.with_extension("draft");
    fs::write(&draft, format!("{}\n{}\n{}\n", postgres.port(), redis.port(), directories.join("\n"))).unwrap();
    fs::rename(draft, report).unwrap();
    loop {
        std::thread::park();
    }
}

fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn within(limit: Duration, done: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if done() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    done()
}
