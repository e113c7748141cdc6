//! A server that cannot outlive the test process.
//!
//! The server is the child of a small shell script, and the script's standard input is a pipe of which only this
//! process holds the other end. However this process ends, the kernel closes that end; the script sees the end of
//! its input, stops the server and removes the directory. Nothing runs on a signal, on exit or in a destructor here,
//! so SIGKILL is no special case, and no code is unsafe. Rejected: a parent-death signal, which fires when the
//! *thread* that started the server ends, and under libtest that is the first test's thread.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// What the guard does. Arguments: the directory, the signal that stops the server, a script that prepares, and the
/// server's command line.
///
/// The prepared script runs first and to its end, because a killed `initdb` leaves children behind. The file `ended`
/// tells both this process and the stopping half of the script that the server is gone. The signal is repeated because
/// a server that has only just begun still ignores it; after ten seconds it becomes SIGKILL.
const SCRIPT: &str = r#"
directory=$1 signal=$2 prepare=$3
shift 3
exec 3<&0 </dev/null
if sh -c "$prepare" prepare "$directory" "$@" 3<&-; then
    "$@" 3<&- &
    server=$!
    (
        read -r line <&3
        tenths=0
        until [ -e "$directory/ended" ]; do
            [ "$tenths" -lt 100 ] || signal=KILL
            kill -s "$signal" "$server"
            sleep 0.1
            tenths=$((tenths + 1))
        done
    ) 2>/dev/null &
    wait "$server"
fi
: >"$directory/ended"
read -r line <&3
wait
cd / && rm -rf "$directory"
"#;

/// Enough for `initdb` on a busy machine with a slow disk.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A running server with its directory. It stops, and the directory goes, when this value is dropped or the
/// process ends.
pub(super) struct Guarded {
    name: &'static str,
    script: Child,
    directory: PathBuf,
}

/// What to run and how to stop it.
pub(super) struct Program {
    pub name: &'static str,
    /// Shell commands to run before the server; `$1` is the directory.
    pub prepare: &'static str,
    /// The signal for a fast stop, as `kill -s` names it.
    pub stop_signal: &'static str,
    pub command: Command,
}

/// A new directory that only the user the servers run as may enter.
pub(super) struct Home {
    pub directory: tempfile::TempDir,
    /// User and group for the servers when we are root: PostgreSQL refuses to run as root.
    user: Option<(u32, u32)>,
}

impl Home {
    pub(super) fn new(prefix: &str) -> Result<Home> {
        let parent = traversable(std::env::temp_dir());
        let directory = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir_in(&parent)
            .with_context(|| format!("cannot make a directory in {}", parent.display()))?;
        // The owner of what we made is who we are.
        let user = if fs::metadata(directory.path())?.uid() == 0 { Some(unprivileged_user()?) } else { None };
        let home = Home { directory, user };
        home.give(home.directory.path())?;
        Ok(home)
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file that only the servers' user may read.
    pub(super) fn write(&self, name: &str, content: &str) -> Result<PathBuf> {
        let file = self.path().join(name);
        fs::write(&file, content)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        self.give(&file)?;
        Ok(file)
    }

    fn give(&self, path: &Path) -> Result<()> {
        let Some((user, group)) = self.user else { return Ok(()) };
        chown(path, Some(user), Some(group)).with_context(|| format!("cannot give {} to user {user}", path.display()))
    }

    /// Hands the directory to a guard that starts the program in it.
    pub(super) fn start(self, program: Program) -> Result<Guarded> {
        let log = fs::File::create(self.path().join("log"))?;
        self.give(&self.path().join("log"))?;
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SCRIPT, "guard"]).arg(self.path()).args([program.stop_signal, program.prepare]);
        shell.arg(program.command.get_program()).args(program.command.get_args());
        // Its own process group: Ctrl-C in the terminal must not stop the guard before it has cleaned up.
        shell.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).current_dir(self.path()).process_group(0);
        without_client_settings(&mut shell);
        // The servers' messages in English: one of them is looked for below.
        shell.env("LC_ALL", "C").envs(program.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some((user, group)) = self.user {
            shell.uid(user).gid(group);
        }
        let script = shell.spawn().with_context(|| format!("cannot start a shell for {}", program.name))?;
        Ok(Guarded { name: program.name, script, directory: self.directory.keep() })
    }
}

impl Guarded {
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Asks until the server answers, it ends, or the time is over. A failure quotes the server's own log.
    pub(super) fn wait_until_ready(&self, ask: impl Fn() -> Result<()>) -> Result<()> {
        let (name, begun) = (self.name, Instant::now());
        loop {
            let ended = self.directory.join("ended").exists();
            let Err(error) = ask() else { return Ok(()) };
            if ended {
                bail!("{name} ended while it was starting; its log ends with:\n{}", self.log_tail());
            }
            if begun.elapsed() > READY_WITHIN {
                let seconds = READY_WITHIN.as_secs();
                bail!("{name} was not ready within {seconds} s ({error:#}); its log ends with:\n{}", self.log_tail());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log_tail(&self) -> String {
        let log = fs::read(self.directory.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

/// Starts again, twice at most, when the port was lost: between our choice of a free one and the server's use of it,
/// another program can take it.
pub(super) fn on_a_free_port<S>(start: impl Fn(u16) -> Result<S>) -> Result<S> {
    let attempt = || start(free_port()?);
    let lost = |outcome: &Result<S>| {
        outcome.as_ref().err().is_some_and(|error| format!("{error:#}").contains("Address already in use"))
    };
    let first = attempt();
    let second = if lost(&first) { attempt() } else { first };
    if lost(&second) { attempt() } else { second }
}

/// A port of 127.0.0.1 that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// 128 random bits in hexadecimal: other users of this machine can reach the port, and must not get in.
pub(super) fn password() -> Result<String> {
    use std::io::Read;
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes)).context("/dev/urandom")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Takes PGHOST, PGOPTIONS and the like, which mean the developer's own server, out of the command's environment.
pub(super) fn without_client_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
}

/// `directory` if other users may pass through it, else /tmp: TMPDIR may lie in root's own home.
fn traversable(directory: PathBuf) -> PathBuf {
    let passable = |part: &Path| fs::metadata(part).is_ok_and(|metadata| metadata.mode() & 0o001 != 0);
    if directory.ancestors().all(passable) { directory } else { PathBuf::from("/tmp") }
}

/// The system's user for PostgreSQL if there is one, else the one without rights.
fn unprivileged_user() -> Result<(u32, u32)> {
    for name in ["postgres", "nobody"] {
        if let (Some(user), Some(group)) = (id("-u", name), id("-g", name)) {
            ensure!(user != 0, "the user {name} has the rights of root, and PostgreSQL refuses to run as root");
            return Ok((user, group));
        }
    }
    bail!("running as root, and there is neither a user postgres nor nobody to run PostgreSQL as: run scripts/prepare")
}

fn id(option: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([option, name]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
