"""The guard's rules and the door's small decisions, without a server."""

import pytest

from motlink.web.binding import bind, origin_is_ours
from motlink.web.headers import LOCAL_PORT, cache_control, content_security_policy
from motlink.web.rules import handlers_without_a_rule
from motlink.web.visitor import browser_of, client_address, practice_of


@pytest.mark.asvs("8.1.1")
def test_every_handler_of_the_app_has_a_rule(home: object) -> None:
    import motlink.motlink  # noqa: F401 - registers all states

    assert handlers_without_a_rule() == []


def test_a_token_is_bound_once_and_to_one_session(home: object) -> None:
    token = "0b1a4f4e-6b1c-4b0e-8f3e-1f1e1f1e1f1e"
    first = bind(token, "a" * 64)
    assert bind(first, "a" * 64) == first
    assert bind(first, "b" * 64) != first and "_" not in bind("a_b", "")


@pytest.mark.asvs("4.4.2")
def test_only_the_loopback_name_that_was_typed_is_ours_too(home: object) -> None:
    assert origin_is_ours("http://127.0.0.1:3000", "127.0.0.1:3000")
    assert not origin_is_ours("http://evil.example:3000", "evil.example:3000")
    assert not origin_is_ours("http://127.0.0.1:3000", "localhost:3000")


@pytest.mark.asvs("3.4.3")
def test_the_policy_allows_no_eval_and_no_frames() -> None:
    policy = content_security_policy(["'sha256-x'"])
    assert "unsafe-eval" not in policy and "script-src 'self' 'sha256-x';" in policy
    assert (
        "object-src 'none'" in policy and "base-uri 'none'" in policy and "frame-ancestors 'none'" in policy
    )


@pytest.mark.asvs("14.3.2")
def test_only_built_files_are_kept() -> None:
    assert "immutable" in cache_control("/assets/a-1.js", "text/javascript", 200)
    assert cache_control("/assets/gone.js", "text/html", 404) == "no-store"
    assert cache_control("/p/x/settings/staff", "text/html; charset=utf-8", 200) == "no-store"
    assert cache_control("/p/x/settings/audit.csv", "text/csv", 200) == "no-store"


def test_the_practice_is_read_from_the_path_alone() -> None:
    assert practice_of({"asPath": "/p/riverbend/settings/staff?practice=x"}) == "riverbend"
    assert (
        practice_of({"asPath": "/q/p/riverbend"})
        == practice_of({"asPath": "/p/../x"})
        == practice_of({})
        == ""
    )


@pytest.mark.asvs("15.3.4")
def test_no_hop_is_believed_unless_its_proxy_is_ours(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from motlink.settings import settings

    assert client_address("192.0.2.1", "198.51.100.7") == "192.0.2.1"
    monkeypatch.setenv("MOTLINK_TRUSTED_PROXIES", "1")
    settings.cache_clear()
    assert client_address("192.0.2.1", "6.6.6.6, 198.51.100.7") == "198.51.100.7"


def test_a_browser_has_a_short_name() -> None:
    assert (
        browser_of("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/605.1")
        == "Safari on iPhone"
    )
    assert LOCAL_PORT.sub(r"\1:8080", "ws://localhost:3000/_event") == "ws://localhost:8080/_event"
