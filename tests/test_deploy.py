"""What an operator copies to a machine: it fits together, opens little, and keeps keys apart."""

import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.commands import opening
from server.commands.arguments import parser
from server.settings import TABLE, Settings, read_settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
PROGRAM = "/opt/candlelight/.venv/bin/candlelight"
SECRET = re.compile(r"[0-9a-fA-F]{32,}|(?i:password|passwd|token)\s*[=:]")

FOR_CALLS = {
    "TIMEZONE": "Europe/Amsterdam",
    "WEBHOOK_URL": "https://ring.example.org/candlelight",
    "WEBHOOK_SECRET": "a long enough secret for a test",
    "SMTP_URL": "smtps://name@mail.example.org",
    "MAIL_FROM": "calls@example.org",
    "WEB_PUSH": "true",
}
"""Every setting of calling people."""


def reached(settings: Settings) -> None:
    """The server was given all of `FOR_CALLS`."""
    assert settings.timezone.key == FOR_CALLS["TIMEZONE"]
    assert settings.webhook_url == FOR_CALLS["WEBHOOK_URL"]
    assert settings.webhook_secret.decode() == FOR_CALLS["WEBHOOK_SECRET"]
    assert settings.smtp_url == FOR_CALLS["SMTP_URL"]
    assert settings.mail_from == FOR_CALLS["MAIL_FROM"]
    assert settings.web_push


def unit(name: str) -> dict[str, list[str]]:
    """The `[Service]` of a unit; a key may stand there more than once."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / name).read_text().partition("[Service]")[2].splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@pytest.fixture
def compose() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each in one line."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


# systemd


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_well_formed_and_starts_a_command_there_is(path: Path) -> None:
    read = RawConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text())
    assert read["Unit"]["Description"]
    if path.suffix == ".service":
        program, *words = read["Service"]["ExecStart"].split()
        assert program == PROGRAM
        assert parser().parse_args(words).settings == Path("/etc/candlelight/candlelight.env")


def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    for path in UNITS:
        # The program is somewhere else here; everything in the unit stays as it is.
        text = path.read_text().replace(PROGRAM, str(Path(sys.executable).absolute()))
        (tmp_path / path.name).write_text(text)
    if analyze := shutil.which("systemd-analyze"):
        command = [analyze, "verify", "--man=no", *(str(tmp_path / path.name) for path in UNITS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        named = [line for line in done.stderr.splitlines() if "candlelight" in line]
        assert named == []


def test_the_server_may_do_little_on_the_machine() -> None:
    service = unit("candlelight.service")
    for key, value in {
        "User": "candlelight", "NoNewPrivileges": "true", "ProtectSystem": "strict",
        "ProtectHome": "true", "PrivateTmp": "true", "PrivateDevices": "true", "LimitCORE": "0",
        "MemorySwapMax": "0", "CapabilityBoundingSet": "", "UMask": "0077",
        "MemoryDenyWriteExecute": "true", "StateDirectoryMode": "0700",
        "ConfigurationDirectoryMode": "0700",
    }.items():  # fmt: skip
        assert service[key] == [value], key
    assert int(service["TimeoutStopSec"][0]) > 12, "the server needs twelve seconds to say goodbye"


def test_the_key_comes_as_a_credential_and_in_no_environment() -> None:
    service = unit("candlelight.service")
    assert service["LoadCredential"] == ["deployment.key:/etc/candlelight/deployment.key"]
    assert "DEPLOYMENT_KEY_FILE=%d/deployment.key" in service["Environment"]
    assert "EnvironmentFile" not in service
    assert not any(value.startswith("DEPLOYMENT_KEY=") for value in service["Environment"])


def test_under_systemd_every_setting_of_calling_people_is_the_servers_and_the_call_gets_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = unit("candlelight.service")
    own = {line.partition("=")[0].removesuffix("_FILE") for line in service["Environment"]}
    assert own.isdisjoint(FOR_CALLS), "what the unit says wins over the file of settings"
    secret = tmp_path / "webhook.secret"
    secret.write_text(FOR_CALLS["WEBHOOK_SECRET"])
    given = {n: v for n, v in FOR_CALLS.items() if n != "WEBHOOK_SECRET"}
    given["WEBHOOK_SECRET_FILE"] = str(secret)
    file = tmp_path / "candlelight.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    for name in (*FOR_CALLS, *given):
        monkeypatch.delenv(name, raising=False)
    words = service["ExecStart"][0].split()[1:]
    words[words.index("--settings") + 1] = str(file)
    reached(opening.settings(parser().parse_args(words)))
    for wall in ("IPAddressDeny", "PrivateNetwork", "RestrictNetworkInterfaces"):
        assert wall not in service
    assert {"AF_INET", "AF_INET6"} <= set(service["RestrictAddressFamilies"][0].split())


def test_backups_go_where_the_unit_lets_them_and_the_keys_stay() -> None:
    service = unit("candlelight-backup.service")
    folder = service["ExecStart"][0].split(" backup ")[1].split()[0]
    assert folder in service["ReadWritePaths"][0].split()
    assert "keys" not in service["ReadWritePaths"][0]
    assert service["LimitCORE"] == ["0"]


# Docker


def test_data_and_keys_are_volumes_apart(compose: Any) -> None:
    app = compose["services"]["app"]
    places = dict(volume.split(":")[:2] for volume in app["volumes"])
    own = places.pop("./deploy/files")
    assert places == {"data": "/data", "keys": "/keys", "backups": "/backups"}
    assert set(compose["volumes"]) >= places.keys()
    assert f"./deploy/files:{own}:ro" in app["volumes"]
    image = dict(instructions())["ENV"]
    assert "DATA_DIR=/data" in image
    assert "KEYS_DIR=/keys" in image
    assert "keys" not in str(compose["services"]["caddy"]["volumes"])


def test_every_file_and_volume_that_is_named_exists(compose: Any) -> None:
    for service in compose["services"].values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if "/" in source else source in compose["volumes"]
        assert set(service["networks"]) <= set(compose["networks"])
    for instruction, words in instructions():
        if instruction == "COPY" and not words.startswith("--from"):
            assert all((ROOT / source).exists() for source in words.split()[:-1]), words


def test_everything_the_image_copies_gets_past_the_ignore_list() -> None:
    kept = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = {
        source
        for instruction, words in instructions()
        if instruction == "COPY" and not words.startswith("--from")
        for source in words.split()[:-1]
    }
    assert copied == kept


def test_settings_that_are_passed_on_are_settings(compose: Any) -> None:
    given = compose["services"]["app"]["environment"]
    assert given.keys() <= {row.name for row in TABLE} | {f"{row.name}_FILE" for row in TABLE}
    assert given.pop("ORIGIN").startswith("${ORIGIN:?")
    # Without a value here it is taken from .env, and is not set where it is not written there.
    assert set(given.values()) == {None}


def test_in_docker_every_setting_of_calling_people_is_the_servers_and_the_call_gets_out(
    compose: Any,
) -> None:
    app = compose["services"]["app"]
    for row in TABLE:
        if row.name in FOR_CALLS:
            assert row.name in app["environment"]
            assert not row.secret or f"{row.name}_FILE" in app["environment"], row.name
    reached(read_settings({n: v for n, v in FOR_CALLS.items() if n in app["environment"]}))
    ways_out = [name for name in app["networks"] if not (compose["networks"][name] or {})]
    assert ways_out == ["calls"]


def test_a_new_setting_reaches_the_container_or_is_left_out_on_purpose(compose: Any) -> None:
    image = {word.partition("=")[0] for word in dict(instructions())["ENV"].split()}
    # The key is made in its volume; certificate and numbers are of another container's world.
    left_out = {"DEPLOYMENT_KEY", "CERTIFICATE_FILE", "METRICS_PORT"}
    passed_on = compose["services"]["app"]["environment"].keys()
    assert {row.name for row in TABLE} - passed_on - image == left_out


def test_containers_may_do_little_and_only_the_proxy_is_reached(compose: Any) -> None:
    app, caddy = compose["services"]["app"], compose["services"]["caddy"]
    for service in (app, caddy):
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in app
    assert compose["networks"]["inside"] == {"internal": True}
    assert set(app["networks"]) & set(caddy["networks"]) == {"inside"}
    assert app["ulimits"]["core"] == 0


def test_the_image_runs_as_nobody_in_particular_from_hashed_packages() -> None:
    found = instructions()
    last = dict(found)
    assert last["USER"] == "candlelight"
    assert last["FROM"].startswith("python:3.")
    assert last["FROM"].endswith("-slim")
    assert "/health" in last["HEALTHCHECK"]
    installs = [words for name, words in found if name == "RUN" and "pip install" in words]
    assert len(installs) == 1
    assert "--require-hashes -r /requirements.txt" in installs[0]
    order = [name for name, _ in found]
    assert order.index("USER") < order.index("ENTRYPOINT")


# The proxy


def test_the_proxy_keeps_no_record_of_who_came() -> None:
    text = (DEPLOY / "Caddyfile").read_text()
    site = text.partition("{$ORIGIN}")[2]
    assert not re.search(r"^\s*log\b", site, re.MULTILINE), "a site with `log` writes an access log"
    assert "exclude http.log http.handlers" in text
    assert "header_up -X-Forwarded-For" in site
    assert "stream_close_delay 5m" in site
    assert "max_header_size 8KB" in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize(
    "path",
    [*UNITS, DEPLOY / "Caddyfile", ROOT / "Dockerfile", ROOT / "docker-compose.yml"],
    ids=lambda path: path.name,
)
def test_no_secret_is_written_down(path: Path) -> None:
    assert SECRET.findall(path.read_text()) == []


def test_a_planted_secret_is_found() -> None:
    assert SECRET.search("DEPLOYMENT_KEY: " + "0a" * 32)
    assert SECRET.search("password = hunter2")
