"""Files that nobody would write by hand: each gives a clear finding in bounded time, whatever folder it lies in."""

from __future__ import annotations

import time

import pytest
from checking import laid_over

from flows.loading import SourceFile
from gateway import publishing

MOST = 99_000  # characters: a few less than a file may have
SECONDS = 15.0  # of processor; the slowest takes one
WHERE = (
    "flows/odd.yaml",
    "messages/sw/call_me.yaml",
    "messages/sw/system.yaml",
    "fields/odd.yaml",
    "products/odd.yaml",
    "kinds.yaml",
)
FLOW = "flow: odd\nwords: en\nsteps:\n"
ODD: dict[str, str | bytes] = {
    "tabs": "\t" * MOST,
    "lines of tabs": "\t\n" * (MOST // 2),
    "nothing that can be seen": "\ufeff" * MOST,
    "nothing but control": "\x00" * MOST,
    "another encoding": "flow: odd".encode("utf-16"),
    "no text at all": b"\xff\xfe\xfa" * (MOST // 3),
    "a billion laughs": "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi")),  # noqa: B905
    "an alias of itself": "a: &a {b: *a}\n",
    "brackets in brackets": "[" * MOST,
    "tables in tables": "{a: " * (MOST // 4),
    "steps in steps": "\n".join(" " * n + "a:" for n in range(430)),
    "quotes": '"' * MOST,
    "open quotes": 'a: "\n' * (MOST // 6),
    "colons": "a: " * (MOST // 3),
    "bare values": "a: [" + "@x, " * (MOST // 5) + "]",
    "one key again and again": "a: 1\n" * (MOST // 6),
    "documents": "---\n" * (MOST // 5),
    "a type that runs programs": "flow: !!python/object/apply:os.system ['ls']\n",
    "a key that is a list": "? [a]\n: b\n",
    "a key taken from elsewhere": "<<: {flow: odd}\n",
    "a version of its own": "%YAML 9.9\n---\na: b\n",
    "nothing": "",
    "a list": "- a\n- b\n",
    "open braces": FLOW + '  a: {end: "' + "{" * (MOST - 50) + '"}\n',
    "names": FLOW + '  a: {end: "' + "{a.b}" * (MOST // 6) + '"}\n',
    "a template that loops": FLOW + '  a: {end: "{% for i in range(10**9) %}x{% endfor %}"}\n',
    "a template that reaches for attributes": FLOW + '  a: {end: "{institution.__class__}"}\n',
    "thousands of steps": FLOW + "".join(f'  s{n}: {{say: "x"}}\n' for n in range(4000)),
    "hundreds of unknown targets": FLOW
    + "".join(f'  s{n}: {{say: "x", go to: nowhere{n}}}\n' for n in range(499)),
    "deep brackets in a condition": FLOW + f'  a: {{only if: {"(" * 480}, say: "x"}}\n  b: {{end: }}\n',
}  # fmt: skip


@pytest.mark.parametrize("path", WHERE)
@pytest.mark.parametrize("name", ODD)
def test_a_file_that_is_odd(name: str, path: str) -> None:
    odd = ODD[name]
    source = SourceFile.from_bytes(path, odd) if isinstance(odd, bytes) else SourceFile(path, odd)
    begun = time.process_time()
    release, faults = publishing.check(laid_over(source))
    assert time.process_time() - begun < SECONDS
    own = [fault for fault in faults if fault.file == path and fault.level == "error"]
    assert release is None
    assert 1 <= len(own) <= 501
    assert all(len(fault.message) < 2_000 and len(fault.fix) < 2_000 for fault in own)
