"""Forms that are read by hand are read as the standard library reads them."""

from __future__ import annotations

from urllib.parse import parse_qsl

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.channel import Rejected, Request
from adapters.forms import CHARSETS, FIELDS, read_form

PIECES = ["%", "%2A", "%2a", "%23", "2A", "%4", "%41", "%C3%A9", "%c3", "%2B", "%00", "%zz", "%7f", "%80", "%25", "%26"]
PIECES += ["+", "&", "=", ";", "a", "é", "text="]


def by_library(body: bytes, charset: str) -> dict[str, str] | str:
    """The fields, or what is said of them."""
    try:
        pairs = parse_qsl(
            body.decode(charset), keep_blank_values=True, encoding=charset, errors="strict", max_num_fields=FIELDS
        )
    except UnicodeError:
        return "the request is not in the character set that it claims"
    except ValueError:
        return f"the form has more than {FIELDS} fields"
    return dict(pairs) if len(dict(pairs)) == len(pairs) else "a field is given more than once"


def by_us(body: bytes, charset: str) -> dict[str, str] | str:
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    try:
        return read_form(Request("POST", "/", {"content-TYPE": kind}, body=body))
    except Rejected as rejected:
        return rejected.reason


@settings(max_examples=500, deadline=None)
@given(
    text=st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map("".join),
    charset=st.sampled_from(sorted(CHARSETS)),
    times=st.sampled_from([1, 1, 1, 30]),
)
def test_a_form_is_what_the_standard_library_makes_of_it(text: str, charset: str, times: int) -> None:
    body = (text * times).encode()
    assert by_us(body, charset) == by_library(body, charset)
