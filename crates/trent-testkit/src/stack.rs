//! A whole Trent in one of its forms: everything started, watched and, where wanted, started again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::nats::Nats;
use crate::postgres::Postgres;
use crate::{Role, ports, process};

/// The two forms of Trent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// `trent all`: one process, SQLite and a journal.
    Embedded,
    /// A process per role over NATS and Postgres; gateway, policy and worker twice.
    Distributed,
}

/// What a client needs to know of a running stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stack {
    /// Which form it is.
    pub form: Form,
    /// The AWS API, one URL for each gateway.
    pub endpoints: Vec<String>,
    /// The root user's access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// Where its data and logs are.
    pub directory: PathBuf,
    /// The database of the distributed form, as its superuser: for statements of the test's own.
    pub database_url: Option<String>,
    /// The bus of the distributed form.
    pub nats_url: Option<String>,
    /// The distributed form's keys and certificates, as `trent init` makes them.
    pub secrets: Option<PathBuf>,
    /// Every process.
    pub roles: Vec<Role>,
}

impl Stack {
    /// The variables with which `owner`, `policy`, `audit` or `reader` comes to the database of the
    /// distributed form, by its certificate; none in the embedded form.
    #[must_use]
    pub fn database_as(&self, who: &str) -> Vec<(&'static str, String)> {
        let server = self.roles.iter().find(|role| role.role == "postgres");
        let (Some(secrets), Some(server)) = (&self.secrets, server) else { return Vec::new() };
        let file = |name: String| secrets.join(name).display().to_string();
        let url = format!("postgres://trent_{who}@127.0.0.1:{}/trent", server.port);
        vec![
            ("TRENT_DATABASE_URL", url),
            ("TRENT_DATABASE_CA_FILE", file("ca.pem".into())),
            ("TRENT_DATABASE_CERT_FILE", file(format!("{who}.pem"))),
            ("TRENT_DATABASE_KEY_FILE", file(format!("{who}.key"))),
        ]
    }

    /// The variable that names the key that signs the trail's checkpoints; none in the embedded
    /// form, which has it under its data directory.
    #[must_use]
    pub fn signing_key(&self) -> Option<(&'static str, PathBuf)> {
        let secrets = self.secrets.as_ref()?;
        Some(("TRENT_AUDIT_SIGNING_KEY_FILE", secrets.join("audit-signing.key")))
    }

    /// The variables with which an identity, as in `admin`, comes to the bus of the distributed
    /// form, by its certificate; none in the embedded form.
    #[must_use]
    pub fn bus_as(&self, who: &str) -> Vec<(&'static str, String)> {
        let (Some(secrets), Some(url)) = (&self.secrets, &self.nats_url) else { return Vec::new() };
        let file = |name: String| secrets.join(name).display().to_string();
        vec![
            ("TRENT_NATS_URL", url.clone()),
            ("TRENT_NATS_CA_FILE", file("ca.pem".into())),
            ("TRENT_NATS_CERT_FILE", file(format!("{who}.pem"))),
            ("TRENT_NATS_KEY_FILE", file(format!("{who}.key"))),
        ]
    }

    /// The database as its owner over TLS, for Postgres's own programs.
    #[must_use]
    pub fn owner_url(&self) -> String {
        let mut url = String::new();
        for (variable, value) in self.database_as("owner") {
            match variable {
                "TRENT_DATABASE_CA_FILE" => url.push_str(&format!("&sslrootcert={value}")),
                "TRENT_DATABASE_CERT_FILE" => url.push_str(&format!("&sslcert={value}")),
                "TRENT_DATABASE_KEY_FILE" => url.push_str(&format!("&sslkey={value}")),
                _ => url.push_str(&format!("{value}?sslmode=verify-full")),
            }
        }
        url
    }

    /// Where a process reads its `domain`, `permit`, `bus`, `token`, `trail` or `audit-signing`
    /// key.
    #[must_use]
    pub fn key_file(&self, role: &str, index: usize, name: &str) -> PathBuf {
        match self.form {
            Form::Embedded => self.directory.join("data/keys").join(format!("{name}.key")),
            Form::Distributed => {
                let own = self.directory.join("keys").join(format!("{role}-{index}"));
                own.join(format!("{name}.key"))
            }
        }
    }
}

/// The roles of the distributed form in the order in which they start; how many lifecycle processes
/// there are the beginning says.
const DISTRIBUTED: [(&str, usize); 5] =
    [("worker", 2), ("audit", 1), ("policy", 2), ("lifecycle", 0), ("gateway", 2)];

/// A stack that this process runs.
#[derive(Debug)]
pub struct Running {
    /// What clients need to know.
    pub stack: Stack,
    /// The program, `trent`.
    program: PathBuf,
    nats: Option<Nats>,
    postgres: Option<Postgres>,
    children: Vec<Child>,
    extra: BTreeMap<String, String>,
    beginning: Beginning,
}

/// How the distributed form begins.
#[derive(Debug, Default)]
pub struct Beginning {
    /// A user `tap` may hear everything on the bus.
    pub tap: bool,
    /// What `pg_dump --format custom` has written is put into the database.
    pub dump: Option<PathBuf>,
    /// How many lifecycle processes there are.
    pub lifecycles: usize,
    /// What ends is going to be started again: so the NATS server may be ended when it is ill.
    pub restart: bool,
}

impl Running {
    /// Starts a stack under `directory` with these further `TRENT_*` variables.
    ///
    /// # Errors
    /// When anything does not start or does not become ready.
    pub fn start(
        form: Form,
        directory: &Path,
        program: &Path,
        extra: BTreeMap<String, String>,
        beginning: Beginning,
    ) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let stack = Stack {
            form,
            endpoints: Vec::new(),
            access_key_id: "AKIATRENTTESTROOT000".into(),
            secret_access_key: "trent/test/root/secret/0123456789abcdefgh".into(),
            directory: directory.to_owned(),
            database_url: None,
            nats_url: None,
            secrets: None,
            roles: Vec::new(),
        };
        let program = program.to_owned();
        let (nats, postgres, children) = (None, None, Vec::new());
        let mut running = Self { stack, program, nats, postgres, children, extra, beginning };
        match form {
            Form::Embedded => running.start_role("all", 0)?,
            Form::Distributed => running.start_distributed()?,
        }
        running.wait_until_ready()?;
        Ok(running)
    }

    fn start_distributed(&mut self) -> io::Result<()> {
        let directory = self.stack.directory.clone();
        self.stack.secrets = Some(init(&self.program, &directory)?);
        let nats = Nats::start(&directory, self.beginning.tap, self.beginning.restart)?;
        let postgres = Postgres::start(&directory)?;
        self.stack.nats_url = Some(nats.url());
        self.stack.database_url = Some(postgres.url.clone());
        self.note("nats", 0, nats.child.id(), 0, nats.port);
        self.note("postgres", 0, postgres.child.id(), 0, postgres.port);
        let mut migrate = Command::new(&self.program);
        migrate.arg("migrate").envs(self.stack.database_as("owner"));
        process::run(&mut migrate)?;
        if let Some(dump) = &self.beginning.dump {
            let mut restore = Command::new("pg_restore");
            restore.args(["--clean", "--if-exists", "--single-transaction", "--exit-on-error"]);
            process::run(restore.arg("--dbname").arg(self.stack.owner_url()).arg(dump))?;
            process::run(&mut migrate)?;
        }
        self.nats = Some(nats);
        self.postgres = Some(postgres);
        for (role, count) in DISTRIBUTED {
            let count = if role == "lifecycle" { self.beginning.lifecycles } else { count };
            for index in 0..count {
                self.start_role(role, index)?;
            }
        }
        Ok(())
    }

    fn start_role(&mut self, role: &str, index: usize) -> io::Result<()> {
        let serves = matches!(role, "all" | "gateway");
        let port = if serves { ports::free()? } else { 0 };
        let admin_port = ports::free()?;
        let child = self.spawn(role, index, port, admin_port)?;
        self.note(role, index, child.id(), admin_port, port);
        self.children.push(child);
        if serves {
            self.stack.endpoints.push(format!("http://127.0.0.1:{port}"));
        }
        Ok(())
    }

    fn note(&mut self, role: &str, index: usize, pid: u32, admin_port: u16, port: u16) {
        self.stack.roles.push(Role { role: role.into(), index, pid, admin_port, port });
    }

    fn spawn(&self, role: &str, index: usize, port: u16, admin_port: u16) -> io::Result<Child> {
        let directory = &self.stack.directory;
        let mut command = process::bound(&self.program);
        command.arg(role).current_dir(directory);
        command.env("TRENT_LISTEN", format!("127.0.0.1:{port}"));
        command.env("TRENT_ADMIN_LISTEN", format!("127.0.0.1:{admin_port}"));
        command.env("TRENT_DATA_DIR", directory.join("data"));
        command.env("TRENT_DEV", "true");
        // Tests make keys faster than AWS lets anybody.
        command.env("TRENT_REQUEST_QUOTAS", "off");
        if matches!(role, "all" | "policy") {
            command.env("TRENT_ROOT_ACCESS_KEY_ID", &self.stack.access_key_id);
            command.env("TRENT_ROOT_SECRET_ACCESS_KEY", &self.stack.secret_access_key);
        }
        if let Some(nats) = &self.nats {
            command.envs(nats.variables(role));
        }
        if matches!(role, "policy" | "audit") {
            command.envs(self.stack.database_as(role));
        }
        for (name, readers) in [
            ("domain", &["worker"][..]),
            ("permit", &["worker", "policy"]),
            ("bus", &["worker", "policy", "gateway"]),
            ("token", &["policy"]),
            ("trail", &["policy", "audit"]),
        ] {
            if let Some(secrets) = &self.stack.secrets
                && readers.contains(&role)
            {
                let variable = format!("TRENT_{}_KEY_FILE", name.to_uppercase());
                command.env(variable, self.own_key(secrets, role, index, name)?);
            }
        }
        if let Some(secrets) = &self.stack.secrets
            && role == "audit"
        {
            let path = self.own_key(secrets, role, index, "audit-signing")?;
            command.env("TRENT_AUDIT_SIGNING_KEY_FILE", path);
        }
        command.envs(&self.extra);
        process::spawn(command, &directory.join(format!("{role}-{index}.log")))
    }

    /// The path by which a process reads a key file: a link of its own, as if it were on a machine
    /// of its own, where a test can put another file.
    fn own_key(&self, secrets: &Path, role: &str, index: usize, name: &str) -> io::Result<PathBuf> {
        let path = self.stack.key_file(role, index, name);
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        if path.symlink_metadata().is_err() {
            std::os::unix::fs::symlink(secrets.join(format!("{name}.key")), &path)?;
        }
        Ok(path)
    }

    /// Starts again what has ended, on the same ports; says whether there was any.
    ///
    /// # Errors
    /// When something does not start.
    pub fn restart_ended(&mut self) -> io::Result<bool> {
        let mut any = false;
        if let Some(nats) = &mut self.nats
            && nats.child.try_wait()?.is_some()
        {
            nats.restart()?;
            let pid = nats.child.id();
            self.replace_pid("nats", 0, pid);
            any = true;
        }
        if let Some(postgres) = &mut self.postgres
            && postgres.child.try_wait()?.is_some()
        {
            postgres.restart()?;
            let pid = postgres.child.id();
            self.replace_pid("postgres", 0, pid);
            any = true;
        }
        for at in 0..self.children.len() {
            let Some(child) = self.children.get_mut(at) else { continue };
            if child.try_wait()?.is_none() {
                continue;
            }
            let ended = child.id();
            let Some(role) = self.stack.roles.iter().find(|role| role.pid == ended).cloned() else {
                continue;
            };
            let started = self.spawn(&role.role, role.index, role.port, role.admin_port)?;
            self.replace_pid(&role.role, role.index, started.id());
            if let Some(child) = self.children.get_mut(at) {
                *child = started;
            }
            any = true;
        }
        Ok(any)
    }

    fn replace_pid(&mut self, role: &str, index: usize, pid: u32) {
        for known in &mut self.stack.roles {
            if known.role == role && known.index == index {
                known.pid = pid;
            }
        }
    }

    fn wait_until_ready(&self) -> io::Result<()> {
        for role in self.stack.roles.iter().filter(|role| role.admin_port != 0) {
            let what = format!("ready {} (log in {})", role.role, self.stack.directory.display());
            process::wait_for(&what, Duration::from_secs(60), || is_ready(role.admin_port))?;
        }
        Ok(())
    }

    /// Ends every process, clients' side first.
    pub fn stop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Some(nats) = &mut self.nats {
            let _ = nats.child.kill();
            let _ = nats.child.wait();
        }
        if let Some(postgres) = &mut self.postgres {
            let _ = postgres.child.kill();
            let _ = postgres.child.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whether `/ready` on this admin port says 200.
#[must_use]
pub fn is_ready(admin_port: u16) -> bool {
    use std::io::Read;
    let request = || -> io::Result<String> {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", admin_port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    request().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// Makes certificates and keys of a new deployment, which belong to whom the directory belongs to;
/// the folder of secrets.
///
/// # Errors
/// With what `trent init` said.
pub fn init(program: &Path, directory: &Path) -> io::Result<PathBuf> {
    let owner = fs::metadata(directory)?;
    let owner = format!("{}:{}", owner.uid(), owner.gid());
    process::run(Command::new(program).arg("init").arg(directory).args(["--owner", &owner]))?;
    Ok(directory.join("secrets"))
}
