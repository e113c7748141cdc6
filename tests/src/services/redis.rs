//! A Redis server of the tests' own.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use super::find;
use super::guard::{self, Guarded, Home, Program};

/// Logical databases of the server: more than a run has tests.
pub const DATABASES: u32 = 4096;

/// A running server without persistence.
pub struct Redis {
    guarded: Guarded,
    port: u16,
    password: String,
    databases: AtomicU32,
}

impl Redis {
    pub(super) fn start() -> Result<Redis> {
        guard::on_a_free_port(Redis::start_on)
    }

    fn start_on(port: u16) -> Result<Redis> {
        let program = find::redis(&find::folders())?;
        let password = guard::password()?;
        let home = Home::new("osh-map-redis-")?;
        // In a file and not as arguments, which every user of the machine can read.
        let settings = home.write(
            "redis.conf",
            &format!(
                "bind 127.0.0.1\nport {port}\nrequirepass {password}\ndatabases {DATABASES}\n\
                 save \"\"\nappendonly no\ndaemonize no\ndir \"{}\"\n",
                home.path().display()
            ),
        )?;
        let mut command = Command::new(program);
        command.arg(settings);
        let guarded = home.start(Program { name: "Redis", prepare: "", stop_signal: "TERM", command })?;
        let redis = Redis { guarded, port, password, databases: AtomicU32::new(0) };
        redis.wait()?;
        Ok(redis)
    }

    /// Ready is when a server answers that knows our password: another program may have taken the port.
    fn wait(&self) -> Result<()> {
        self.guarded.wait_until_ready(|| {
            let answer = self.ask("PING")?;
            ensure!(answer == "+PONG", "it answers {answer}");
            Ok(())
        })
    }

    #[cfg(test)]
    pub(super) fn directory(&self) -> &std::path::Path {
        self.guarded.directory()
    }

    /// The port of 127.0.0.1 on which the server listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn next_url(&self) -> Result<String> {
        let database = self.databases.fetch_add(1, Ordering::Relaxed);
        if database >= DATABASES {
            bail!("all {DATABASES} Redis databases of this test run are given out: raise DATABASES");
        }
        Ok(format!("redis://:{}@127.0.0.1:{}/{database}", self.password, self.port))
    }

    /// The first line of the answer to one inline command, after signing in.
    pub(super) fn ask(&self, command: &str) -> Result<String> {
        let limit = Some(Duration::from_secs(5));
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(limit)?;
        stream.set_write_timeout(limit)?;
        write!(stream, "AUTH {}\r\n{command}\r\n", self.password)?;
        let mut lines = BufReader::new(stream).lines();
        let signed_in = lines.next().transpose()?.unwrap_or_default();
        ensure!(signed_in == "+OK", "signing in: {signed_in}");
        Ok(lines.next().transpose()?.unwrap_or_default())
    }
}
