"""SQLite's log keeps what was wiped until it is emptied; whoever works at that moment has the right of way."""

from pathlib import Path

import pytest
from sqlalchemy import text

from motlink.database import empty_log, engine

pytestmark = [pytest.mark.asvs("16.2.5"), pytest.mark.usefixtures("sqlite")]
# Longer than a page: what no longer fits leaves whole pages behind.
SECRET = "canary in the mine"


def log_file() -> Path:
    return Path(f"{engine().url.database}-wal")


def write_and_wipe() -> None:
    with engine().begin() as connection:
        connection.execute(text("CREATE TABLE note (said TEXT)"))
        connection.execute(text(f"INSERT INTO note VALUES ('{SECRET * 500}')"))
    with engine().begin() as connection:
        connection.execute(text("UPDATE note SET said = ''"))


def test_what_was_wiped_is_in_no_file_once_the_log_is_empty() -> None:
    write_and_wipe()
    lay_there = SECRET.encode() in log_file().read_bytes()

    empty_log()

    assert lay_there and log_file().stat().st_size == 0
    assert SECRET.encode() not in Path(str(engine().url.database)).read_bytes()


def test_a_reader_in_the_middle_is_left_in_peace() -> None:
    write_and_wipe()
    with engine().connect() as reader:
        reader.execute(text("SELECT said FROM note")).all()
        with engine().begin() as connection:
            connection.execute(text("UPDATE note SET said = 'newer'"))

        empty_log()

        assert reader.execute(text("SELECT said FROM note")).scalar() == ""
    empty_log()
    assert log_file().stat().st_size == 0
