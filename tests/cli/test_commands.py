"""The command line from outside: real processes, their words and exit codes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.cli.commands import READ_BEFORE, ROOT, motlink

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An installation of its own."""
    return clean_environment(tmp_path / "data")


def clean_environment(data: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTLINK_")}
    return clean | {"MOTLINK_DATA": str(data), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def demo_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of an installation with the demo, made once."""
    data = tmp_path_factory.mktemp("demo") / "data"
    made = motlink(clean_environment(data), "demo")
    assert made.returncode == 0, made.stderr
    return data


@pytest.fixture
def demo(env: dict[str, str], demo_made: Path) -> dict[str, str]:
    """An installation of its own with the demo in it."""
    shutil.copytree(demo_made, env["MOTLINK_DATA"])
    return env


def everything_in(env: dict[str, str]) -> bytes:
    return b"".join(path.read_bytes() for path in Path(env["MOTLINK_DATA"]).rglob("*") if path.is_file())


def change(env: dict[str, str], statement: str) -> None:
    engine = create_engine(f"sqlite:///{Path(env['MOTLINK_DATA']) / 'motlink.db'}")
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def read(env: dict[str, str], statement: str) -> list[str]:
    engine = create_engine(f"sqlite:///{Path(env['MOTLINK_DATA']) / 'motlink.db'}")
    with engine.begin() as connection:
        found = list(connection.execute(text(statement)).scalars())
    engine.dispose()
    return found


def least_cpu_seconds(env: dict[str, str], *words: str, tries: int = 3) -> float:
    """What a command costs by itself: the clock on the wall counts the other tests that run beside it."""
    times = []
    for _ in range(tries):
        command = [sys.executable, "-m", "motlink.cli", *words]
        started = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
        _, _, used = os.wait4(started.pid, 0)
        started.returncode = 0
        times.append(used.ru_utime + used.ru_stime)
    return min(times)


def test_reading_the_commands_opens_nothing(env: dict[str, str]) -> None:
    modules = ", ".join(name for name in READ_BEFORE if name.startswith("motlink"))
    done = subprocess.run([sys.executable, "-c", f"import {modules}"], env=env, cwd=ROOT, check=False)

    assert done.returncode == 0
    assert not Path(env["MOTLINK_DATA"]).exists()


def test_help_answers_in_less_than_half_a_second(env: dict[str, str]) -> None:
    assert motlink(env, "--help").returncode == 0
    assert least_cpu_seconds(env, "--help") < 0.4


def test_a_database_command_answers_in_1300_ms(env: dict[str, str]) -> None:
    motlink(env, "migrate")

    assert least_cpu_seconds(env, "migrate") < 1.3
    assert least_cpu_seconds(env, "audit", "verify") < 1.3


@pytest.mark.parametrize(
    "words",
    [
        ["migrate"],
        ["demo"],
        ["doctor"],
        ["audit", "verify"],
        ["staff", "import", "x.csv", "--org", "x"],
        ["--help"],
    ],
)
def test_no_command_but_serve_and_routes_loads_reflex(env: dict[str, str], words: list[str]) -> None:
    program = (
        "import sys; sys.argv = ['motlink', *sys.argv[1:]]\n"
        "from motlink.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "loaded = [name for name in sys.modules if name.split('.')[0] in ('reflex', 'reflex_base')]\n"
        "sys.stderr.write('LOADED' if loaded else 'CLEAN')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stderr.endswith("CLEAN")


@pytest.mark.req("AC-03")
@pytest.mark.asvs("6.3.2")
def test_the_demo_prints_its_sign_ins_once_and_keeps_no_password(env: dict[str, str]) -> None:
    first = motlink(env, "demo", "--json")
    again = motlink(env, "demo")

    made = json.loads(first.stdout)
    assert {one["username"] for one in made} >= {"ana", "ben", "cleo", "dov"}
    assert len({one["password"] for one in made}) == len(made)
    kept = everything_in(env)
    for one in made:
        assert len(one["password"]) >= 15
        assert one["password"] not in again.stdout
        assert one["password"].encode() not in kept


def test_the_demo_fills_up_to_a_size(env: dict[str, str]) -> None:
    assert motlink(env, "demo", "--staff", "60").returncode == 0

    engine = create_engine(f"sqlite:///{Path(env['MOTLINK_DATA']) / 'motlink.db'}")
    with engine.connect() as connection:
        largest = "SELECT count(*) FROM staffmember GROUP BY org_id ORDER BY 1 DESC LIMIT 1"
        assert connection.execute(text(largest)).scalar() == 60
    engine.dispose()
    assert motlink(env, "audit", "verify").returncode == 0


@pytest.mark.req("AC-03")
@pytest.mark.asvs("6.4.6")
def test_the_first_owner_gets_a_link_and_never_a_password(env: dict[str, str]) -> None:
    motlink(env, "migrate")

    made = motlink(env, "create-owner", "--org", "Real Practice", "--email", "Ana@Real.example")

    assert made.returncode == 0
    assert "http://localhost:3000/set-up?t=" in made.stdout
    assert "password:" not in made.stdout.lower()
    assert made.stdout.strip().rpartition("t=")[2].encode() not in everything_in(env)
    again = motlink(env, "create-owner", "--org", "Real Practice", "--email", "ana@real.example")
    assert again.returncode == 0
    assert "staff" not in again.stderr


def test_without_tables_a_command_says_what_to_do(env: dict[str, str]) -> None:
    done = motlink(env, "audit", "verify")

    assert done.returncode == 5
    assert "motlink migrate" in done.stderr


def test_each_refusal_has_its_exit_code(demo: dict[str, str], tmp_path: Path) -> None:
    env = demo
    (tmp_path / "no.csv").write_text("a,b\n1,2\n")

    codes = [
        motlink(env, "invite", "cleo.winters@riverbend.example", "--org", "nowhere").returncode,
        motlink(env, "invite", "cleo.winters@riverbend.example", "--org", "riverbend-therapy").returncode,
        motlink(env, "staff", "import", str(tmp_path / "no.csv"), "--org", "riverbend-therapy").returncode,
        motlink(
            env, "staff", "deactivate", "ben.okafor@riverbend.example", "--org", "riverbend-therapy",
            "--as", "cleo.winters@riverbend.example",
        ).returncode,
        motlink(env | {"MOTLINK_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "audit", "verify").returncode,
    ]  # fmt: skip

    assert codes == [4, 5, 6, 3, 7]


@pytest.mark.asvs("7.4.5")
def test_a_person_is_let_go_and_signed_out(demo: dict[str, str]) -> None:
    env = demo

    gone = motlink(env, "staff", "deactivate", "cleo.winters@riverbend.example", "--org", "riverbend-therapy")
    only_owner = motlink(
        env, "staff", "deactivate", "ana.morales@riverbend.example", "--org", "riverbend-therapy"
    )
    out = motlink(env, "sessions", "end", "ben.okafor@riverbend.example")

    assert (gone.returncode, only_owner.returncode, out.returncode) == (0, 5, 0)
    assert "only owner" in only_owner.stderr


def test_an_import_says_what_became_of_each_row(demo: dict[str, str], tmp_path: Path) -> None:
    env = demo
    file = Path(shutil.copy(DATA / "staff_excerpt.csv", tmp_path / "people.csv"))

    done = motlink(env, "staff", "import", str(file), "--org", "riverbend-therapy")

    assert done.returncode == 2
    assert "39 rows: 29 imported, 0 unchanged, 10 refused. Nobody was invited." in done.stdout
    assert "There is no role “Wizard”." in done.stdout
    assert len(file.with_name("people.csv.refused.csv").read_text("utf-8-sig").splitlines()) == 11
    windows = motlink(
        env, "staff", "import", str(DATA / "staff_excerpt_windows.csv"), "--org", "harbor-speech"
    )
    assert (windows.returncode, "8 rows: 8 imported" in windows.stdout) == (0, True)


def test_all_or_nothing_names_the_rows_and_leaves_no_file_waiting(
    demo: dict[str, str], tmp_path: Path
) -> None:
    env = demo
    file = Path(shutil.copy(DATA / "staff_excerpt.csv", tmp_path / "people.csv"))

    done = motlink(env, "staff", "import", str(file), "--org", "riverbend-therapy", "--all-or-nothing")

    assert done.returncode == 5
    assert "10 rows are refused, so nothing was imported." in done.stderr
    assert "There is no role “Wizard”." in done.stdout
    assert len(file.with_name("people.csv.refused.csv").read_text("utf-8-sig").splitlines()) == 11
    assert read(env, "SELECT state FROM batch") == ["stopped"]
    assert read(env, "SELECT name FROM importfile") == []


@pytest.mark.req("AU-01")
@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE auditentry SET action = 'staff.edited' WHERE number = 5", "entry 5 has been changed"),
        ("UPDATE auditentry SET payload = '{}' WHERE number = 5", "the details of entry 5"),
        ("DELETE FROM auditentry WHERE number = 5", "entry 5 is missing"),
        ("DELETE FROM auditentry WHERE number > 5", "the newest entries are missing"),
        ("DELETE FROM auditentry", "the newest entries are missing"),
    ],
)
def test_audit_verify_names_what_was_done_to_the_log(
    demo: dict[str, str], statement: str, words: str
) -> None:
    env = demo
    assert motlink(env, "audit", "verify").returncode == 0

    change(env, statement)
    done = motlink(env, "audit", "verify")

    assert done.returncode == 1
    assert words in done.stderr
    assert "riverbend-therapy" in done.stderr


def test_the_doctor_names_what_would_hurt(env: dict[str, str]) -> None:
    before = motlink(env, "doctor")
    motlink(env, "migrate")
    motlink(env, "create-owner", "--org", "Real Practice", "--email", "ana@real.example")
    after = motlink(env, "doctor")
    in_the_open = motlink(env | {"MOTLINK_PUBLIC_URL": "http://motlink.example"}, "doctor")

    assert (before.returncode, after.returncode, in_the_open.returncode) == (1, 0, 1)
    assert "nobody receives an invitation" in after.stdout
    assert "A commit reaches the disk in" in after.stdout
    assert "is not https" in in_the_open.stdout


def test_every_way_in_has_a_rule(env: dict[str, str]) -> None:
    done = motlink(env, "routes", "--json")

    rows = json.loads(done.stdout)
    assert {"kind": "GET", "name": "/health", "rule": "public"} in rows
    assert [row for row in rows if row["rule"] == "NONE"] == []


@pytest.mark.req("AC-03")
def test_serve_makes_the_demo_the_first_time_and_answers(env: dict[str, str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mine = env | {"MOTLINK_PORT": str(port)}
    command = [sys.executable, "-u", "-m", "motlink.cli", "serve"]
    server = subprocess.Popen(
        command, env=mine, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        said = []
        for line in server.stdout:
            said.append(line)
            if "motlink runs on" in line:
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            assert answer.status == 200
        assert any(line.startswith("ana") for line in said)
        taken = motlink(mine, "serve")
        assert (taken.returncode, "MOTLINK_PORT" in taken.stderr) == (5, True)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
    assert server.returncode in {0, -signal.SIGINT}
