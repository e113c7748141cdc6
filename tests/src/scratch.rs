//! The directory of the run: SQLite files and keys. It goes with the process, however that ends.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// A directory that a waiting shell removes when our end of its input is closed, by us or by the kernel.
struct Scratch {
    path: PathBuf,
    _guard: Child,
}

/// Made by the first call.
pub(crate) fn directory() -> &'static Path {
    static SCRATCH: OnceLock<Scratch> = OnceLock::new();
    &SCRATCH.get_or_init(Scratch::new).path
}

impl Scratch {
    fn new() -> Self {
        let path = tempfile::Builder::new().prefix("osh-map-tests-").tempdir().expect("a directory").keep();
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", r#"read -r line; cd / && rm -rf "$1""#, "guard"]).arg(&path);
        // Its own process group: Ctrl-C in the terminal must not end it before it has cleaned up.
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        let guard = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self { path, _guard: guard.expect("a shell") }
    }
}
