"""Every kind of answer: its headers, no forged host in it, no file beyond the built ones."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from motlink.work import begin_work
from tests.guard.site import Town, browser_at
from tests.people import Practice

pytestmark = pytest.mark.xdist_group("guard")


@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.5", "3.4.6", "14.3.2")
def test_every_kind_of_answer_has_its_headers(town: Town) -> None:
    wrong, kinds = [], set()
    for browser, method, path, more in answers_of_each_kind(town):
        answer = browser.request(method, path, **more)
        kinds.add(answer.status_code)
        wrong += [f"{method} {path} ({answer.status_code}): {fault}" for fault in header_faults(path, answer)]
    assert wrong == []
    assert kinds >= {200, 303, 400, 401, 403, 404, 405, 410, 413}


def answers_of_each_kind(town: Town) -> Iterator[tuple[httpx.Client, str, str, dict[str, Any]]]:
    client = Path(".web/build/client")
    files = [
        f"/{path.relative_to(client)}"
        for path in client.rglob("*.*")
        if path.suffix in (".js", ".css", ".svg", ".html")
    ]
    with browser_at(town, "10.8.3.1") as browser:
        # The server hangs up on a form it does not read to the end; the next request is to have a line of its own.
        browser.headers["connection"] = "close"
        for path in (
            "/",
            "/sign-in",
            "/sign-out",
            "/health",
            "/ping",
            "/_health",
            "/choose-practice",
            "/invitation?t=x",
            "/set-up?t=x",
            "/invitation",
            "/set-up",
            "/nowhere",
            "/p/none/settings/staff",
            "/_event/",
            "/_event/x",
            *files,
        ):
            yield browser, "GET", path, {}
            yield browser, "HEAD", path, {}
        yield browser, "DELETE", "/sign-in", {}
        yield browser, "POST", "/sign-in", {"data": {"login": "x", "password": "y"}}
        yield browser, "POST", "/sign-in", {"data": {"login": "x" * 40_000, "password": "y"}}
        yield (
            browser,
            "POST",
            "/sign-in",
            {"content": b"\xff\xfe", "headers": {"content-type": "multipart/form-data"}},
        )
        yield browser, "POST", "/sign-out", {"headers": {"origin": "http://evil.example"}}
        yield browser, "POST", "/_event/", {"headers": {"origin": "http://evil.example"}}


def header_faults(path: str, answer: httpx.Response) -> Iterator[str]:
    """Say what is missing on an answer."""
    policy = answer.headers.get("content-security-policy", "")
    for part in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        if part not in policy:
            yield f"no {part}"
    if "unsafe-eval" in policy or "'unsafe-inline'" in policy.split("style-src")[0]:
        yield "scripts may be anything"
    referrer = "no-referrer" if path.startswith(("/invitation", "/set-up")) else "same-origin"
    want = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": referrer}
    yield from (
        f"{name} is {answer.headers.get(name)}"
        for name, value in want.items()
        if answer.headers.get(name) != value
    )
    built = answer.status_code == 200 and re.search(r"\.(js|css|svg)$", path)
    if not built and answer.headers.get("cache-control") != "no-store":
        yield f"may be kept: {answer.headers.get('cache-control')}"


@pytest.mark.asvs("4.1.3")
def test_no_answer_follows_a_forged_host(town: Town) -> None:
    with browser_at(town, "10.8.4.1") as browser:
        for path in ("/", "/sign-in", "/choose-practice", "/invitation?t=x"):
            answer = browser.get(path, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
            assert "evil.example" not in answer.text + str(answer.headers)


TRAVERSALS = [
    "/../pyproject.toml",
    "/..%2fpyproject.toml",
    "/%2e%2e/%2e%2e/%2e%2e/pyproject.toml",
    "/assets/../../../../pyproject.toml",
    "/assets/..%2f..%2f..%2f..%2fpyproject.toml",
    "/assets/%2e%2e%5c%2e%2e%5cpyproject.toml",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/assets/reflex-env-../../../../pyproject.toml",
    "/assets/reflex-env-x.js/../../../../../pyproject.toml",
    "/..\\..\\pyproject.toml",
    "/.git/config",
    "/.env",
    "/rxconfig.py",
    "/motlink/settings.py",
    "/assets/%00",
    "/assets/x%00.js",
    "/_upload/../secret",
    "/" + "a" * 9000,
]


@pytest.mark.asvs("13.4.2")
@pytest.mark.parametrize("path", TRAVERSALS, ids=lambda path: path[:40])
def test_no_path_leads_out_of_the_built_files(town: Town, path: str) -> None:
    line = http.client.HTTPConnection(town.site.url.removeprefix("http://"), timeout=5)
    line.putrequest("GET", "/x", skip_host=False)
    # The raw path: every client library would tidy it.
    line._buffer[0] = f"GET {path} HTTP/1.1".encode()  # type: ignore[attr-defined]
    line.endheaders()
    answer = line.getresponse()
    body = answer.read().decode("utf-8", "replace")
    assert answer.status < 500, body[:200]
    assert not re.search(r"\[build-system\]|root:|\[core\]|pydantic|Traceback", body)
    line.close()


@pytest.mark.asvs("2.2.1")
def test_text_that_no_database_takes_is_answered_calmly(practice: Practice) -> None:
    """NUL in what only reads: PostgreSQL refuses it even as a parameter."""
    from motlink.audit.queries import AuditView, entries
    from motlink.staff import queries, roster
    from motlink.staff.rows import RosterView

    with begin_work(practice.as_(practice.ana), org=practice.org, writes=False) as work:
        roster.roster(work, view=RosterView(q="a\0b", roles=("\0",), tags=("\0",)))
        queries.email_notice(work, email="a\0b@example.org")
        entries(work, view=AuditView(action="\0", who="\0"))
