"""A stopwatch at /forgot, asked in turns a thousand times: how long an answer takes says nothing of who is known."""

import os
import random
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import pytest
from limits import parse
from sqlmodel import select

from motlink.accounts.models import Account
from motlink.mail.models import Letter
from motlink.orgs.actions import found_organization
from motlink.work import begin_work, system
from tests.acts import count
from tests.installation import installed
from tests.people import add_person
from tests.web.site import running

# So many of each kind: 1,000 find a difference of which the small run knows nothing.
ASKED = 1000 if os.environ.get("MOTLINK_SOAK") else 50
# With no difference this is 0.5, give or take 0.013 (0.058): five of these.
SPREAD = 0.065 if ASKED == 1000 else 0.29
MOST_SECONDS = 0.002 if ASKED == 1000 else 0.02


def create() -> Any:
    """Return the app of production, in which one address may ask without end; served in a process of its own."""
    from motlink.asgi import create as real
    from motlink.web import rate

    rate.ASKED_FROM_ADDRESS = rate.ASKED_IN_TOTAL = parse("1000000 per 1 minute")
    return real()


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.req("TA-19")
@pytest.mark.asvs("6.3.8")
def test_a_stopwatch_over_many_questions_tells_nobody_who_is_known(
    tmp_path: Path, sqlite_template: Path
) -> None:
    """Each known login is asked for once, so that each question really ends in a letter; on a line of its own."""
    asked = [(known, number) for known in (True, False) for number in range(ASKED)]
    random.Random(7).shuffle(asked)
    took: dict[bool, list[float]] = {True: [], False: []}
    pauses = [0.08]

    with installed(tmp_path, sqlite_template):
        settle()
        with running(tmp_path, "tests.sign_in.test_stopwatch:create") as site:
            host = urlsplit(site.url).netloc
            ask(host, "nobody at all")
            for known, number in asked:
                took[known].append(ask(host, f"p{number}@{'known' if known else 'where'}.example"))
                # One question's letter must not slow the next one down: whoever it is about, the same is waited.
                start = time.monotonic()
                if known:
                    wait_for_letters(len(took[True]))
                    pauses.append(time.monotonic() - start)
                else:
                    time.sleep(random.choice(pauses))

    slower = sum(one > other for one in took[True] for other in took[False]) / ASKED**2
    said = f"known slower in {slower:.3f}; {median(took[True]):.5f} and {median(took[False]):.5f} s"
    print(f"\n{said}")
    assert abs(slower - 0.5) < SPREAD, said
    assert abs(median(took[True]) - median(took[False])) < MOST_SECONDS, said


def settle() -> None:
    """Make as many people as are asked for."""
    with begin_work(system()) as work:
        org = found_organization(work, name="Riverbend Therapy")
    for start in range(0, ASKED, 25):
        with begin_work(system(), org=org.id) as work:
            for number in range(start, min(start + 25, ASKED)):
                add_person(work, f"P{number}", "Known", "therapist", email=f"p{number}@known.example")
    with begin_work(system(), writes=False) as work:
        assert len(work.session.exec(select(Account.id)).all()) == ASKED


def ask(host: str, login: str) -> float:
    """Return the seconds from the question to the whole answer."""
    line = HTTPConnection(host, timeout=20)
    line.connect()
    body = f"login={login}".replace("@", "%40").replace(" ", "+")
    head = {"content-type": "application/x-www-form-urlencoded"}
    start = time.perf_counter()
    line.request("POST", "/forgot", body, head)
    answer = line.getresponse()
    answer.read()
    seconds = time.perf_counter() - start
    line.close()
    assert answer.status == 200
    return seconds


def wait_for_letters(number: int) -> None:
    """Wait until so many are written."""
    end = time.monotonic() + 20
    while count(Letter, Letter.kind == "reset") < number:
        assert time.monotonic() < end, "no letter was written"
        time.sleep(0.01)
