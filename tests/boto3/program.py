"""The program `trent` as a process: run to its end, or serving until a test stops it."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from conftest import FORM, TARGET, Stack

ROOT = ("AKIATRENTTESTROOT000", "trent/test/root/secret/0123456789abcdefgh")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def environment(**variables):
    """This process's environment with these `TRENT_*` variables and no others."""
    return {k: v for k, v in os.environ.items() if not k.startswith("TRENT_")} | variables


def run(*arguments, cwd=None, **variables):
    """Runs `trent` to its end."""
    return subprocess.run(
        [TARGET / "trent", *arguments], env=environment(**variables), cwd=cwd, capture_output=True, text=True, timeout=60
    )


def bus_of(stack, role):
    """The variables with which a further process of this role joins a distributed stack."""
    variables = stack.bus_as(role)
    if role in ("policy", "audit"):
        variables |= stack.database_as(role)
    for name, readers in [
        ("domain", ["worker"]),
        ("permit", ["worker", "policy"]),
        ("bus", ["worker", "policy", "gateway"]),
        ("trail", ["policy", "audit"]),
    ]:
        if role in readers:
            variables[f"TRENT_{name.upper()}_KEY_FILE"] = f"{stack.secrets}/{name}.key"
    return variables


def get(admin_port, path):
    """Status and text of an admin page."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait_for(what, condition, patience=60):
    end = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"no {what} in time"
        time.sleep(0.05)


class Program:
    """A process of one role."""

    def __init__(self, directory, role, **variables):
        self.role, self.directory = role, directory
        self.port, self.admin_port = free_port(), free_port()
        self.variables = {
            "TRENT_LISTEN": f"127.0.0.1:{self.port}",
            "TRENT_ADMIN_LISTEN": f"127.0.0.1:{self.admin_port}",
            "TRENT_DATA_DIR": str(directory / "data"),
        } | variables
        self.log = directory / f"{role}.log"
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", TARGET / "trent", self.role],
                env=environment(**self.variables), cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def alive(self):
        assert self.process.poll() is None, self.log.read_text()
        return True

    def answers(self, path):
        """Status and text of an admin page, once the process listens."""

        def ask():
            self.alive()
            try:
                return get(self.admin_port, path)
            except urllib.error.URLError:
                return None

        return wait_for(f"answer of {self.role}", ask)

    def wait_until_ready(self):
        wait_for(f"ready {self.role}", lambda: self.answers("/ready")[0] == 200)
        return self

    def terminate(self):
        """Sends SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stack(self, joined, scheme="http"):
        """What clients need: this process's endpoint, and the trail that it writes to."""
        described = {k: v for k, v in vars(joined).items() if k != "turn"}
        own = {"endpoints": [f"{scheme}://127.0.0.1:{self.port}"]}
        if FORM == "embedded":
            own |= {"directory": str(self.directory), "access_key_id": ROOT[0], "secret_access_key": ROOT[1]}
        return Stack(described | own)


def serving(stack, directory, **variables):
    """A new process that serves the AWS API: an embedded Trent of its own, or one more gateway of the stack."""
    if FORM == "embedded":
        root = {"TRENT_ROOT_ACCESS_KEY_ID": ROOT[0], "TRENT_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
        return Program(directory, "all", **root, **variables)
    unlimited = {"TRENT_REQUEST_QUOTAS": "off"}
    return Program(directory, "gateway", **bus_of(stack, "gateway") | unlimited | variables)
