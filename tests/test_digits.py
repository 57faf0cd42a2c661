"""Numbers as browsers send them: plain digits, not too many, or none."""

import pytest
from starlette.requests import Request

from motlink.digits import whole_number
from motlink.sign_in.requests import is_too_large
from motlink.staff.address import view_of
from motlink.staff.import_columns import columns_with

NONE_AT_ALL = ["", "-1", "²", "٣", "1.0", " 1", "1e3", "9" * 5000, "1000"]


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize("sent", NONE_AT_ALL)
def test_what_is_no_number_in_plain_digits_is_none(sent: str) -> None:
    assert whole_number(sent, most=999) is None


def test_what_is_one_is_one() -> None:
    assert [whole_number(sent, most=200) for sent in ("0", "7", "007", "200", "201")] == [0, 7, 7, 200, None]


@pytest.mark.req("IE-01")
@pytest.mark.parametrize("sent", NONE_AT_ALL)
def test_a_column_that_is_none_is_read_nowhere(sent: str) -> None:
    columns = {"first_name": "0", "email": "2", "phone": "-1"}

    assert columns_with(columns, "email", sent) == {"first_name": 0}


@pytest.mark.req("IE-01")
def test_a_column_is_read_for_one_field_only() -> None:
    columns = {"first_name": "0", "email": "2", "phone": "-1"}

    assert columns_with(columns, "phone", "2") == {"first_name": 0, "phone": 2}
    assert columns_with(columns, "email", "3") == {"first_name": 0, "email": 3}


def test_a_page_or_a_length_that_is_none_is_no_bug() -> None:
    sent = Request({"type": "http", "headers": [(b"content-length", "²".encode("latin-1"))]})

    assert view_of({"page": "²"}).page == view_of({"page": "0"}).page == 1
    assert is_too_large(sent)
