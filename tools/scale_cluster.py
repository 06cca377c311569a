"""The distributed form as local processes of release programs, for tools/scale."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / "release"
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(what, condition, patience=30.0):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"tools/scale: not in time: {what}")
        time.sleep(0.05)


def page(port, path):
    """A page of a role's admin port; nothing while it is not ready or not there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, OSError):
        return None


def cpu_seconds(pid):
    """The CPU time that a process has had."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def children():
    """The processes that each process has started."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                found.setdefault(parent, []).append(int(folder.name))
    return found


def tree_cpu_seconds(pid, found):
    """The CPU time of a process, of those that it has started, and of those of them that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    own = sum(int(field) for field in fields[11:15]) / TICKS
    return own + sum(tree_cpu_seconds(child, found) for child in found.get(pid, []))


def machine_cpu():
    """Busy and all CPU seconds of the machine since it was started."""
    times = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(times) - times[3] - times[4]) / TICKS, sum(times) / TICKS


class Role:
    """A process of a role: one of the stack's own, or one more."""

    def __init__(self, role, process, admin_port, port=0):
        self.role, self.process, self.admin_port, self.port = role, process, admin_port, port

    @property
    def pid(self):
        return self.process if isinstance(self.process, int) else self.process.pid

    def is_there(self):
        if not isinstance(self.process, int):
            return self.process.poll() is None
        # The stack's own is reaped by trent-testkit in the end.
        with contextlib.suppress(OSError):
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        return False

    def finish(self):
        """Tells it to finish, and waits until it has."""
        begun = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        wait_for(f"the end of {self.role} {self.pid}", lambda: not self.is_there())
        if not isinstance(self.process, int) and self.process.returncode != 0:
            raise SystemExit(f"tools/scale: {self.role} {self.pid} ended with {self.process.returncode}")
        return time.monotonic() - begun


class Cluster:
    """The distributed form as local processes, ended with the `stack` of contexts."""

    def __init__(self, stack, variables):
        # Not under this folder: Postgres runs as its own user, who may not be allowed to come here.
        self.directory = Path(tempfile.mkdtemp(prefix="trent-scale-"))
        stack.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self.directory.chmod(0o755)
        command = [TARGET / "trent-testkit", "up", "--form", "distributed", "--directory", self.directory]
        for variable in ["TRENT_LOG=warn", *variables]:
            command += ["--env", variable]
        kit = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        stack.callback(self.end, kit)
        line = kit.stdout.readline()
        if not line:
            raise SystemExit("tools/scale: the cluster did not start")
        self.stack, self.started = json.loads(line), []
        self.roles = [
            Role(role["role"], role["pid"], role["admin_port"], role["port"]) for role in self.stack["roles"]
        ]
        # Further processes are configured as those that are there.
        self.variables = {}
        for role in self.roles:
            environment = Path(f"/proc/{role.pid}/environ").read_bytes().split(b"\0")
            pairs = (item.decode().split("=", 1) for item in environment if b"=" in item)
            self.variables.setdefault(role.role, dict(pairs))
        stack.callback(self.kill)

    @staticmethod
    def end(kit):
        kit.stdin.close()
        try:
            kit.wait(30)
        except subprocess.TimeoutExpired:
            kit.kill()
            kit.wait()

    def kill(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()

    def of(self, role):
        return [one for one in self.roles if one.role == role]

    def add(self, role, group=None, port=None):
        """Starts one more of a role, in a cgroup where one is given, and waits until it is ready."""
        admin_port, port = free_port(), port or free_port()
        env = self.variables[role] | {
            "TRENT_ADMIN_LISTEN": f"127.0.0.1:{admin_port}",
            "TRENT_LISTEN": f"127.0.0.1:{port}",
        }

        def into_group():
            os.setsid()
            if group is not None:
                (group / "cgroup.procs").write_text(str(os.getpid()))

        command = ["setpriv", "--pdeathsig", "KILL", "--", TARGET / "trent", role]
        with open(self.directory / f"{role}-more.log", "a") as log:
            process = subprocess.Popen(
                command, env=env, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=into_group
            )
        self.started.append(process)
        added = Role(role, process, admin_port, port)
        wait_for(f"ready {role} (log in {self.directory})", lambda: page(admin_port, "/ready") is not None)
        self.roles.append(added)
        return added

    def remove(self, role):
        self.roles.remove(role)
        return role.finish()

    def load(self, *arguments):
        """trent-load run as a process; its report is written to report.json."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("TRENT_LOAD_", "AWS_"))}
        env |= {"AWS_ACCESS_KEY_ID": self.stack["access_key_id"], "AWS_SECRET_ACCESS_KEY": self.stack["secret_access_key"]}
        command = [TARGET / "trent-load", "run", "--quiet", "--json", self.directory / "report.json", *map(str, arguments)]
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def report(self):
        return json.loads((self.directory / "report.json").read_text())


@contextlib.contextmanager
def ended(process):
    """Nothing of the load outlives what it is for."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
