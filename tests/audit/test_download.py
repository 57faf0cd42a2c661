"""The log as a file, and what the markers of our HTTP routes do: they ask, and there is no route without one."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from motlink.audit.routes import audit_routes
from motlink.errors import Conflict, Invalid
from motlink.permissions import Permission
from motlink.sign_in.routes import door_routes
from motlink.staff.import_routes import import_routes
from motlink.web import rate
from motlink.web.http import route
from motlink.web.rules import member_only, public, requires
from tests.acts import log
from tests.people import Practice
from tests.staff.imports import MINA, bring, sheet
from tests.web.conftest import PASSWORD, give_passwords

pytestmark = [pytest.mark.req("AU-01"), pytest.mark.asvs("8.2.1", "8.3.1")]
FILE = "/p/riverbend-therapy/settings/audit.csv"


@requires(Permission.BILLING)
async def bills(request: Request) -> Response:
    """A download that some other slice might make; it asks nothing itself."""
    return PlainTextResponse("bills")


@member_only
async def anyone(request: Request) -> Response:
    return PlainTextResponse("members")


@public
async def impossible(request: Request) -> Response:
    raise Conflict("Not now.") if "now" in request.query_params else Invalid("Not this.", field="x")


async def unmarked(request: Request) -> Response:
    return PlainTextResponse("all")


@pytest.fixture
def browser(practice: Practice) -> Iterator[TestClient]:
    """A browser at a site whose people can sign in with their first name."""
    rate.limiter.cache_clear()
    give_passwords()
    more = [
        route("GET", "/p/{practice:str}/bills", bills),
        route("GET", "/p/{practice:str}/anyone", anyone),
        route("GET", "/impossible", impossible),
    ]
    site = Starlette(routes=[*door_routes(), *audit_routes(), *import_routes(), *more])
    with TestClient(site, base_url="http://localhost:3000", follow_redirects=False) as browser:
        yield browser
    rate.limiter.cache_clear()


def sign_in(browser: TestClient, who: str) -> None:
    assert browser.post("/sign-in", data={"login": who, "password": PASSWORD}).status_code == 303


def test_an_owner_gets_the_file_and_a_therapist_a_page(browser: TestClient, practice: Practice) -> None:
    sign_in(browser, "ana")
    given = browser.post(FILE)
    sign_in(browser, "cleo")
    refused = browser.post(FILE)

    assert given.headers["content-disposition"] == 'attachment; filename="audit-log-riverbend-therapy.csv"'
    assert "Staff member added" in given.text
    assert (refused.status_code, "Your roles do not allow this." in refused.text) == (403, True)
    assert "Staff member added" not in refused.text and "/choose-practice" in refused.text
    assert [entry.actor_kind for entry in log(practice) if entry.action == "refused"] == ["person"]


def test_a_stranger_finds_no_such_file(browser: TestClient) -> None:
    sign_in(browser, "dov")

    assert browser.post(FILE).status_code == 404


def test_someone_signed_out_comes_back_to_a_page_after_the_door(browser: TestClient) -> None:
    bills = "/p/riverbend-therapy/bills"

    away = browser.get(f"{bills}?action=refused&who=")

    assert away.headers["location"] == f"/sign-in?next={bills}%3Faction%3Drefused%26who%3D"
    page = browser.get(away.headers["location"])
    assert f'value="{bills}?action=refused&amp;who="' in page.text


@pytest.mark.asvs("16.2.1")
def test_the_log_says_who_took_it_away_and_what_of_it(browser: TestClient, practice: Practice) -> None:
    sign_in(browser, "ana")

    text = browser.post(f"{FILE}?action=staff.added&who=").text

    noted = [entry for entry in log(practice) if entry.action == "exported"]
    assert [(entry.actor_kind, entry.payload) for entry in noted] == [
        ("person", {"list": "audit log", "filters": "action=staff.added&who="})
    ]
    assert "Staff member added" in text


@pytest.mark.asvs("16.2.1", "3.5.3")
def test_the_log_says_who_took_the_refused_rows_of_which_file(
    browser: TestClient, practice: Practice
) -> None:
    bad = MINA | {"Email": "mina(at)riverbend.example"}
    batch_id = bring(practice, practice.ana, sheet(bad), "people.csv")
    file = f"/p/riverbend-therapy/settings/staff/import/{batch_id}/refused.csv"

    answers = {}
    for who in ("ana", "cleo", "dov"):
        sign_in(browser, who)
        answers[who] = browser.post(file)
    read = browser.get(file).status_code

    assert [answer.status_code for answer in answers.values()] == [200, 403, 404] and read == 405
    assert "mina(at)" in answers["ana"].text and "mina(at)" not in answers["cleo"].text
    noted = [entry for entry in log(practice) if entry.action == "exported"]
    assert [(entry.actor_kind, entry.payload) for entry in noted] == [
        ("person", {"list": "refused rows", "filters": "people.csv"})
    ]


@pytest.mark.asvs("3.5.3")
def test_reading_the_address_of_a_file_takes_nothing_away(browser: TestClient, practice: Practice) -> None:
    sign_in(browser, "ana")
    before = len(log(practice))

    answer = browser.get(FILE)

    assert (answer.status_code, len(log(practice))) == (405, before)


@pytest.mark.asvs("3.5.1")
def test_no_page_of_another_site_sends_for_a_file(browser: TestClient) -> None:
    sign_in(browser, "ana")

    answer = browser.post(FILE, headers={"origin": "https://elsewhere.example"})

    assert (answer.status_code, "Staff member added" in answer.text) == (403, False)


def test_the_marker_of_a_route_asks_by_itself(browser: TestClient) -> None:
    answers = {}
    for who in ("ana", "cleo", "dov"):
        sign_in(browser, who)
        answers[who] = [
            browser.get(f"/p/riverbend-therapy/{file}").status_code for file in ("bills", "anyone")
        ]

    assert answers == {"ana": [200, 200], "cleo": [403, 200], "dov": [404, 404]}


def test_a_route_without_a_marker_cannot_be_made() -> None:
    with pytest.raises(LookupError, match="unmarked has no rule"):
        route("GET", "/unmarked", unmarked)


def test_each_kind_of_refusal_has_its_status(browser: TestClient) -> None:
    answers = [browser.get("/impossible?now=1"), browser.get("/impossible")]
    sign_in(browser, "ana")
    often = [browser.post(FILE).status_code for _ in range(11)]

    assert [answer.status_code for answer in answers] == [409, 422]
    assert "Not now." in answers[0].text and "Not this." in answers[1].text
    assert often == [200] * 10 + [429]


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize("practice_sent", ["%00", "a%00b", "%ED%A0%80", "RIVERBEND-THERAPY", "..%2f"])
def test_an_address_that_no_database_takes_is_not_here(browser: TestClient, practice_sent: str) -> None:
    sign_in(browser, "ana")

    assert browser.post(f"/p/{practice_sent}/settings/audit.csv").status_code == 404
    assert browser.post(f"{FILE}?action=%00&who=%00").status_code == 200


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize("login", ["%00", "ana%00", "a%00@riverbend.example", "%ED%A0%80", "a" * 400])
def test_a_login_that_no_database_takes_is_a_wrong_one(browser: TestClient, login: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}

    answer = browser.post("/sign-in", content=f"login={login}&password=wrong", headers=form)

    assert answer.status_code == 401
