//! Where the servers' programs are on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

const OLDEST_POSTGRES: u32 = 15;
const OLDEST_REDIS: u32 = 7;

/// The folder that holds `initdb`, `postgres` and `psql` of one PostgreSQL.
pub(super) struct PostgresPrograms {
    folder: PathBuf,
}

impl PostgresPrograms {
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// The newest PostgreSQL, 15 or later, in these folders.
pub(super) fn postgres(folders: &[PathBuf]) -> Result<PostgresPrograms> {
    let complete = |folder: &&PathBuf| ["initdb", "psql"].iter().all(|name| folder.join(name).is_file());
    let newest = folders
        .iter()
        .filter(complete)
        .filter_map(|folder| Some((major_version(&folder.join("postgres"), "(PostgreSQL) ")?, folder)))
        .max_by_key(|(version, _)| *version);
    match newest {
        Some((version, folder)) if version >= OLDEST_POSTGRES => Ok(PostgresPrograms { folder: folder.clone() }),
        Some((version, folder)) => bail!(
            "the newest PostgreSQL found is {version} in {}, and {OLDEST_POSTGRES} or later is needed: run scripts/prepare, \
             or install the server package of a newer PostgreSQL",
            folder.display()
        ),
        None => bail!(
            "initdb, postgres and psql were not found: run scripts/prepare, or install the server package of \
             PostgreSQL {OLDEST_POSTGRES} or later (on Debian: postgresql)"
        ),
    }
}

/// A Redis server, 7 or later, in these folders; Valkey, which newer distributions ship in its place, will do.
pub(super) fn redis(folders: &[PathBuf]) -> Result<PathBuf> {
    let newest = folders
        .iter()
        .flat_map(|folder| [folder.join("redis-server"), folder.join("valkey-server")])
        .filter_map(|program| Some((major_version(&program, " v=")?, program)))
        .max_by_key(|(version, _)| *version);
    match newest {
        Some((version, program)) if version >= OLDEST_REDIS => Ok(program),
        Some((version, program)) => bail!(
            "the newest Redis found is {version} ({}), and {OLDEST_REDIS} or later is needed: run scripts/prepare, or \
             install a newer redis-server",
            program.display()
        ),
        None => bail!(
            "redis-server was not found: run scripts/prepare, or install the server package of Redis {OLDEST_REDIS} \
             or later (on Debian: redis-server)"
        ),
    }
}

/// The folders in which distributions put the programs, then those of PATH. `scripts/prepare` looks in the same ones.
pub(super) fn folders() -> Vec<PathBuf> {
    let versioned = [
        ("/usr/lib/postgresql", "", "bin"),          // Debian, Ubuntu
        ("/usr", "pgsql-", "bin"),                   // PostgreSQL's own packages for Red Hat
        ("/usr/libexec", "postgresql", ""),          // Alpine
        ("/opt/homebrew/opt", "postgresql@", "bin"), // Homebrew on Apple silicon
        ("/usr/local/opt", "postgresql@", "bin"),    // Homebrew on Intel
    ];
    let mut folders: Vec<PathBuf> =
        versioned.iter().flat_map(|(parent, prefix, leaf)| within(parent, prefix, leaf)).collect();
    folders.extend(["/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    if let Some(path) = std::env::var_os("PATH") {
        folders.extend(std::env::split_paths(&path));
    }
    folders
}

/// `parent/<prefix…>/leaf` for each such entry of `parent`.
fn within(parent: &str, prefix: &str, leaf: &str) -> Vec<PathBuf> {
    let Ok(entries) = Path::new(parent).read_dir() else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(leaf))
        .collect()
}

/// The first number after `mark` in what `program --version` says.
fn major_version(program: &Path, mark: &str) -> Option<u32> {
    let said = Command::new(program).arg("--version").output().ok()?.stdout;
    let said = String::from_utf8(said).ok()?;
    let (_, version) = said.split_once(mark)?;
    version.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}
