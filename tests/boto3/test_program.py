"""The program: its help, wrong configuration, start and stop."""

import http.client
import re
import socket
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from conftest import FORM
from program import Program, bus_of, free_port, get, run, serving
from raw import signed

embedded_only = pytest.mark.skipif(FORM != "embedded", reason="only the embedded form has a data directory")
ROLES = ["all"] if FORM == "embedded" else ["gateway", "policy", "worker", "audit", "lifecycle"]


@pytest.fixture
def program(stack, tmp_path):
    """Makes processes that serve the AWS API, and ends them."""
    made = []

    def make(**variables):
        made.append(serving(stack, tmp_path, **variables))
        return made[-1]

    yield make
    for process in made:
        process.kill()


# Help


def test_help_lists_every_command_and_role():
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in ["all", "gateway", "policy", "worker", "audit", "lifecycle", "migrate", "version"]:
        assert re.search(rf"^  {command} +[A-Z]", done.stdout, re.M), command


def test_help_of_a_role_explains_every_option_and_shows_no_secret():
    done = run("all", "--help", TRENT_DATABASE_URL="postgres://trent:hunter2@db/trent")
    assert (done.returncode, done.stderr) == (0, "")
    assert "hunter2" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    for line in done.stdout.splitlines():
        if flag := re.match(r" {6}--([a-z-]+)", line):
            assert f"TRENT_{flag[1].upper().replace('-', '_')}]" in re.sub(r"\s+", " ", done.stdout), line
    for text in ["127.0.0.1:8080", "127.0.0.1:8081", "./trent-data", "123456789012", "TRENT_ROOT_ACCESS_KEY_ID"]:
        assert text in done.stdout


def test_version():
    done = run("version")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"trent \d+\.\d+\.\d+\n", done.stdout)
    assert run("--version").stdout == done.stdout


# Wrong configuration

KEY = "1 " + "ab" * 32 + "\n"
FILES = {
    "good.key": KEY,
    "short.key": "1 abcd\n",
    "empty.key": "",
    "text.pem": "not a certificate\n",
    "unknown.toml": 'listen = "127.0.0.1:8080"\nlisten_to = "x"\n',
    "secret.toml": 'root_secret_access_key = "x"\n',
    "broken.toml": "listen = \n",
}
NATS = {"TRENT_NATS_URL": "nats://127.0.0.1:1"}
DATABASE = {"TRENT_DATABASE_URL": "postgres://x:hunter2@localhost/z"}

WRONG = [
    ("all", {"TRENT_LISTEN": "here"}, "TRENT_LISTEN"),
    ("all", {"TRENT_LISTEN": "localhost"}, "TRENT_LISTEN"),
    ("all", {"TRENT_ADMIN_LISTEN": "127.0.0.1:x"}, "TRENT_ADMIN_LISTEN"),
    ("all", {"TRENT_LISTEN": "0.0.0.0:8080"}, "plain HTTP on 0.0.0.0:8080 is refused"),
    ("all", {"TRENT_LISTEN": "[::]:8080"}, "plain HTTP on [::]:8080 is refused"),
    ("all", {"TRENT_INSECURE_HTTP": "yes"}, "TRENT_INSECURE_HTTP"),
    ("all", {"TRENT_ACCOUNT_ID": "1234"}, "TRENT_ACCOUNT_ID"),
    ("all", {"TRENT_ACCOUNT_ID": "12345678901a"}, "TRENT_ACCOUNT_ID"),
    ("all", {"TRENT_REGIONS": "us-east-1,mars-1"}, "TRENT_REGIONS: 'mars-1'"),
    ("all", {"TRENT_REGIONS": " , "}, "TRENT_REGIONS"),
    ("all", {"TRENT_CONFIG": "unknown.toml"}, "unknown.toml: unknown field `listen_to`"),
    ("all", {"TRENT_CONFIG": "secret.toml"}, "secret.toml: unknown field `root_secret_access_key`"),
    ("all", {"TRENT_CONFIG": "broken.toml"}, "broken.toml"),
    ("all", {"TRENT_CONFIG": "missing.toml"}, "missing.toml"),
    ("all", {"TRENT_TLS_CERT": "text.pem"}, "TRENT_TLS_KEY"),
    ("all", {"TRENT_TLS_KEY": "text.pem"}, "TRENT_TLS_CERT"),
    ("all", {"TRENT_TLS_CERT": "missing.pem", "TRENT_TLS_KEY": "text.pem"}, "missing.pem"),
    ("all", {"TRENT_TLS_CERT": "text.pem", "TRENT_TLS_KEY": "text.pem"}, "TRENT_TLS_CERT"),
    ("all", {"TRENT_ROOT_ACCESS_KEY_ID": "AKIAEXAMPLE"}, "TRENT_ROOT_SECRET_ACCESS_KEY"),
    ("all", {"TRENT_ROOT_SECRET_ACCESS_KEY": "x" * 40}, "TRENT_ROOT_ACCESS_KEY_ID"),
    ("all", {"TRENT_ROOT_ACCESS_KEY_ID": "a b", "TRENT_ROOT_SECRET_ACCESS_KEY": "x" * 40}, "TRENT_ROOT_ACCESS_KEY_ID"),
    ("all", {"TRENT_DOMAIN_KEY_FILE": "missing.key"}, "missing.key"),
    ("all", {"TRENT_DOMAIN_KEY_FILE": "short.key"}, "short.key: not a key file"),
    ("all", {"TRENT_PERMIT_KEY_FILE": "empty.key"}, "empty.key: not a key file"),
    ("all", {"TRENT_THREADS": "0"}, "TRENT_THREADS"),
    ("all", {"TRENT_THREADS": "many"}, "TRENT_THREADS"),
    ("all", {"TRENT_LOG": "trent=loud"}, "TRENT_LOG"),
    ("all", {"TRENT_LOG_FORMAT": "xml"}, "TRENT_LOG_FORMAT"),
    ("all", {"TRENT_DEV": "maybe"}, "TRENT_DEV"),
    ("all", {"TRENT_REQUEST_QUOTAS": "maybe"}, "TRENT_REQUEST_QUOTAS"),
    ("all --listen here", {}, "--listen"),
    ("all --no-such-option", {}, "--no-such-option"),
    ("no-such-command", {}, "no-such-command"),
    ("", {}, "--help"),
    ("gateway", {"TRENT_BUS_KEY_FILE": "good.key"}, "TRENT_NATS_URL is not set"),
    ("gateway", NATS, "TRENT_BUS_KEY_FILE is not set"),
    ("gateway", {"TRENT_NATS_URL": "http://x:hunter2@y"}, "TRENT_NATS_URL"),
    ("gateway", {"TRENT_NATS_URL": "nats://x:hunter2@y"}, "a connection to y without TLS is refused"),
    ("gateway", {"TRENT_NATS_URL": "nats://x", "TRENT_NATS_CA_FILE": "missing.pem"}, "TRENT_NATS_CA_FILE: missing.pem: No such file"),
    ("gateway", NATS | {"TRENT_NATS_CERT_FILE": "good.pem"}, "TRENT_NATS_CERT_FILE needs TRENT_NATS_KEY_FILE"),
    ("gateway", NATS | {"TRENT_BUS_KEY_FILE": "short.key"}, "short.key: not a key file"),
    ("policy", NATS, "TRENT_DATABASE_URL is not set"),
    ("policy", NATS | {"TRENT_DATABASE_URL": "mysql://x:hunter2@y"}, "TRENT_DATABASE_URL"),
    ("policy", NATS | {"TRENT_DATABASE_URL": "postgres://localhost/y"}, "TRENT_PERMIT_KEY_FILE is not set"),
    ("policy", NATS | DATABASE | {"TRENT_PERMIT_KEY_FILE": "good.key"}, "TRENT_TRAIL_KEY_FILE is not set"),
    ("policy", NATS | {"TRENT_DATABASE_URL": "postgres://x:hunter2@y/z"}, "TLS needs TRENT_DATABASE_CA_FILE"),
    ("policy", NATS | {"TRENT_DATABASE_URL": "postgres://x@y/z?sslmode=disable"}, "TLS needs TRENT_DATABASE_CA_FILE"),
    ("audit", NATS | DATABASE | {"TRENT_DATABASE_CA_FILE": "missing.pem"}, "missing.pem"),
    ("audit", NATS | DATABASE | {"TRENT_DATABASE_CA_FILE": "text.pem"}, "TRENT_DATABASE_URL: the authority's file holds no certificate"),
    ("audit", NATS | DATABASE | {"TRENT_DATABASE_PASSWORD_FILE": "empty.key"}, "TRENT_DATABASE_PASSWORD_FILE: empty.key is empty"),
    ("audit", NATS | DATABASE | {"TRENT_DATABASE_PASSWORD_FILE": "good.key"}, "it has a password, and another is given"),
    ("worker", NATS, "TRENT_DOMAIN_KEY_FILE is not set"),
    ("audit", NATS, "TRENT_DATABASE_URL is not set"),
    ("audit", NATS | DATABASE, "TRENT_TRAIL_KEY_FILE is not set"),
    ("lifecycle", {}, "TRENT_NATS_URL is not set"),
    ("migrate", {}, "TRENT_DATABASE_URL is not set"),
    ("migrate", {"TRENT_DATABASE_URL": "postgres://x:hunter2@y/z"}, "TLS needs TRENT_DATABASE_CA_FILE"),
    ("audit verify", {"TRENT_DATABASE_URL": "postgres://x:hunter2@y/z"}, "TLS needs TRENT_DATABASE_CA_FILE"),
]


@pytest.mark.parametrize("command, variables, expected", WRONG, ids=[f"{w[0]} {' '.join(w[1])}".strip() for w in WRONG])
def test_wrong_configuration_is_one_line_and_exit_64_before_any_port(tmp_path, command, variables, expected):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    # Both ports are taken: a process that tried to bind one would fail otherwise, and say so.
    with closing(socket.create_server(("127.0.0.1", 0))) as api, closing(socket.create_server(("127.0.0.1", 0))) as admin:
        ports = {
            "TRENT_LISTEN": f"127.0.0.1:{api.getsockname()[1]}",
            "TRENT_ADMIN_LISTEN": f"127.0.0.1:{admin.getsockname()[1]}",
            "TRENT_DATA_DIR": str(tmp_path / "data"),
        }
        done = run(*command.split(), cwd=tmp_path, **(ports | variables))
    assert done.returncode == 64, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), done.stderr
    assert expected in done.stderr and "hunter2" not in done.stderr
    assert not (tmp_path / "data").exists()


@embedded_only
def test_a_damaged_key_file_in_the_data_directory_is_refused_and_left_alone(tmp_path):
    (tmp_path / "data" / "keys").mkdir(parents=True)
    damaged = tmp_path / "data" / "keys" / "permit.key"
    damaged.write_text("1 abc\n")
    done = run("all", TRENT_DATA_DIR=str(tmp_path / "data"), TRENT_LISTEN=f"127.0.0.1:{free_port()}")
    assert done.returncode == 64
    assert done.stderr == f"trent: {damaged}: not a key file\n"
    assert damaged.read_text() == "1 abc\n"
    assert [path.name for path in damaged.parent.iterdir()] == ["permit.key"]


@pytest.mark.parametrize("taken", ["TRENT_LISTEN", "TRENT_ADMIN_LISTEN"])
def test_a_taken_port_is_named(program, taken):
    process = program(TRENT_LOG="off")
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        process.variables[taken] = f"127.0.0.1:{other.getsockname()[1]}"
        status = process.start().process.wait(30)
    assert status == 1
    lines = [line for line in process.log.read_text().splitlines() if line.startswith("trent: ")]
    assert len(lines) == 1 and taken in lines[0] and process.variables[taken] in lines[0]


def test_plain_http_beyond_loopback_is_served_when_asked_for(stack, program):
    process = program(TRENT_INSECURE_HTTP="allow")
    process.variables["TRENT_LISTEN"] = f"0.0.0.0:{process.port}"
    process.start().wait_until_ready()
    assert process.stack(stack).client("sts").get_caller_identity()["Account"]


def test_options_come_from_a_file_and_the_environment_wins(stack, program, tmp_path):
    process = program()
    port = process.variables.pop("TRENT_LISTEN").rpartition(":")[2]
    options = [f'listen = "127.0.0.1:{port}"', 'admin_listen = "127.0.0.1:1"', 'regions = "eu-west-1"']
    (tmp_path / "trent.toml").write_text("\n".join(options))
    process.variables["TRENT_CONFIG"] = "trent.toml"
    process.start().wait_until_ready()
    here = process.stack(stack)
    assert here.client("kms", region="eu-west-1").list_keys()["ResponseMetadata"]["HTTPStatusCode"] == 200
    if FORM == "embedded":
        with pytest.raises(ClientError):
            here.client("kms", region="us-east-1").list_keys()


# Health


def test_every_role_answers_health_ready_and_metrics(stack, kms):
    kms.generate_random(NumberOfBytes=8)
    roles = [role for role in stack.roles if role["admin_port"]]
    assert {role["role"] for role in roles} == set(ROLES)
    for role in roles:
        assert get(role["admin_port"], "/health") == (200, "ok\n")
        assert get(role["admin_port"], "/ready") == (200, "ready\n")
        status, text = get(role["admin_port"], "/metrics")
        assert status == 200
        if role["role"] in ("all", "gateway"):
            assert re.search(r"^trent_\w+.* \d", text, re.M), text
        assert get(role["admin_port"], "/keys")[0] == 404


# Stopping


def half_sent(stack, port):
    """A connection on which a signed ListKeys has been sent except for the end of its body."""
    body = b'{"Limit": 10}'
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("POST", "/", skip_host=True, skip_accept_encoding=True)
    for name, value in signed(stack, body, headers={"Host": f"127.0.0.1:{port}"}).items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[:5])
    return connection, body[5:]


def test_sigterm_answers_what_is_in_flight_and_ends(stack, program):
    process = program().start().wait_until_ready()
    here = process.stack(stack)
    idle = http.client.HTTPConnection("127.0.0.1", process.port, timeout=30)
    idle.connect()
    connection, rest = half_sent(here, process.port)
    process.process.terminate()
    with closing(connection), closing(idle):
        wait_until_refused(process.port)
        connection.send(rest)
        answer = connection.getresponse()
        assert (answer.status, b"Keys" in answer.read()) == (200, True)
        assert process.process.wait(15) == 0, process.log.read_text()


def wait_until_refused(port):
    """Until no new connection is taken: shutting down has begun."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return
        time.sleep(0.02)
    raise AssertionError("connections are still taken")


def test_sigterm_does_not_wait_for_ever_for_a_client_that_sends_nothing_more(stack, program):
    process = program().start().wait_until_ready()
    connection, _ = half_sent(process.stack(stack), process.port)
    with closing(connection):
        began = time.monotonic()
        assert process.terminate() == 0, process.log.read_text()
        assert time.monotonic() - began < 20


@pytest.mark.parametrize("role", ROLES)
def test_sigterm_ends_every_role_with_status_0(stack, tmp_path, role):
    variables = {} if role == "all" else bus_of(stack, role)
    process = Program(tmp_path, role, **variables).start()
    try:
        process.wait_until_ready()
        began = time.monotonic()
        assert process.terminate() == 0, process.log.read_text()
        assert time.monotonic() - began < 12
    finally:
        process.kill()


# The data directory


@embedded_only
def test_a_second_process_on_the_same_data_is_refused(stack, program):
    first, second = program(), program(TRENT_LOG="off")
    first.start().wait_until_ready()
    second.log = second.directory / "second.log"
    assert second.start().process.wait(30) == 1
    directory = first.variables["TRENT_DATA_DIR"]
    text = second.log.read_text()
    assert text.count("\n") == 1
    assert text.startswith(f"trent: TRENT_DATA_DIR: {directory}: ") and "another process" in text
    assert first.stack(stack).client("kms").list_keys()["Keys"] == []


@embedded_only
def test_only_the_owner_can_read_the_data(program):
    process = program().start().wait_until_ready()
    data = Path(process.variables["TRENT_DATA_DIR"])
    modes = {str(path.relative_to(data)): stat.S_IMODE(path.stat().st_mode) for path in [data, *data.rglob("*")]}
    assert {modes["."], modes["keys"], modes["journal"]} == {0o700}
    keys = {name for name in modes if name.startswith("keys/")}
    assert keys == {"keys/domain.key", "keys/permit.key", "keys/bus.key", "keys/token.key", "keys/trail.key", "keys/audit-signing.key"}
    assert all(mode == 0o600 for name, mode in modes.items() if (data / name).is_file()), modes


@embedded_only
def test_a_data_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    ports = {"TRENT_LISTEN": f"127.0.0.1:{free_port()}", "TRENT_ADMIN_LISTEN": f"127.0.0.1:{free_port()}"}
    done = run("all", TRENT_DATA_DIR=str(tmp_path / "file"), TRENT_LOG="off", **ports)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and str(tmp_path / "file") in done.stderr
