"""From words to a tree. The grammar is the one of docs/flow-grammar.md; each function reads one of its rules."""

from __future__ import annotations

import re

from flows.conditions.lexer import Token, tokens
from flows.conditions.tree import Both, Either, Not, Test, Tree, Written

LONGEST = 500  # characters
DEEPEST = 8  # brackets and nots inside one another
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_SIGNS = {
    "==": "is", "=": "is", "!=": "is not", "<>": "is not", ">": "more than", "<": "less than", ">=": "at least",
    "<=": "at most", "&&": "and", "||": "or", "!": "not", "contains": "has", "in": "is … or …",
}  # fmt: skip


class Unreadable(Exception):
    """This is no condition: ``code``, what is wrong, and what to do about it."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(code)
        self.code, self.message, self.fix = code, message, fix


def read(source: str) -> Tree:
    """The tree of ``source``. Raises Unreadable."""
    if len(source) > LONGEST:
        message = f"This condition has {len(source)} characters; {LONGEST} is the most."
        raise Unreadable("too_long", message, "Split it over several steps.")
    return _Grammar(tokens(source)).whole()


class _Grammar:
    def __init__(self, words: list[Token]) -> None:
        self.words = words
        self.at = 0
        self.depth = 0

    def whole(self) -> Tree:
        tree = self.either()
        if self.next.sort != "end":
            raise _unexpected(self.next)
        return tree

    def either(self) -> Tree:
        parts = [self.both()]
        while self.took("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Tree:
        parts = [self.single()]
        while self.took("and"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def single(self) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable("too_deep", "This condition has too many brackets inside one another.", "Make it simpler.")
        tree: Tree
        if self.took("not"):
            tree = Not(self.single())
        elif self.took("("):
            tree = self.bracket()
        else:
            tree = self.test()
        self.depth -= 1
        return tree

    def bracket(self) -> Tree:
        tree = self.either()
        if not self.took(")"):
            raise Unreadable("bracket", "A bracket is opened and not closed.", 'Write ")" where it ends.')
        return tree

    def test(self) -> Test:
        name = self.take()
        if name.sort != "word" or not _NAME.fullmatch(name.text):
            raise _unexpected(name)
        operator = self.take()
        if operator.sort != "operator":
            raise _no_operator(name, operator)
        return Test(name.text, operator.text, self.values(operator.text))

    def values(self, operator: str) -> tuple[Written, ...]:
        if operator in ("empty", "filled"):
            return ()
        values = [self.value(operator)]
        if operator == "between":
            if not self.took("and"):
                raise Unreadable("between", '"between" needs two values.', 'Write "between 1 and 5".')
            values.append(self.value(operator))
        while operator in ("is", "is not", "has") and self.next.sort == "or" and not self.begins_test(self.at + 1):
            self.at += 1
            values.append(self.value(operator))
        return tuple(values)

    def value(self, operator: str) -> Written:
        """One value: a text in single quotes, or one or more words up to the next ``and``, ``or`` or bracket."""
        if self.next.sort == "quoted":
            return Written(self.take().text, quoted=True)
        words = []
        while self.next.sort == "word":
            words.append(self.take().text)
        if not words:
            raise _no_value(operator, self.next)
        return Written(" ".join(words))

    def begins_test(self, at: int) -> bool:
        """Whether a test of its own, a ``not`` or a bracket begins here, and no further value."""
        first, second = self.words[at], self.words[min(at + 1, len(self.words) - 1)]
        sign = second.text in _SIGNS and not second.text.isalpha()
        return first.sort in ("not", "(") or (first.sort == "word" and (second.sort == "operator" or sign))

    @property
    def next(self) -> Token:
        return self.words[self.at]

    def take(self) -> Token:
        token = self.words[self.at]
        if token.sort != "end":
            self.at += 1
        return token

    def took(self, sort: str) -> bool:
        if self.next.sort != sort:
            return False
        self.at += 1
        return True


def _no_operator(name: Token, found: Token) -> Unreadable:
    if found.text in _SIGNS:
        return _sign(found)
    if found.sort in ("end", "and", "or", ")"):
        return Unreadable(
            "no_test", f'Nothing is asked about "{name.text}".', f'Write "{name.text} is yes", for instance.'
        )
    message = f'"{found.text}" is no way to compare.'
    return Unreadable(
        "no_operator", message, "Use is, is not, at least, at most, more than, less than, between, has or is empty."
    )


def _no_value(operator: str, found: Token) -> Unreadable:
    if found.sort == "stray":
        return _unexpected(found)
    said = {"least": "at least", "most": "at most", "more": "more than", "less": "less than"}.get(operator, operator)
    return Unreadable(
        "no_value", f'A value is missing after "{said}".', f'Write what it is compared with after "{said}".'
    )


def _sign(found: Token) -> Unreadable:
    return Unreadable(
        "sign", f'Conditions are written in words, and "{found.text}" is not one.', f'Write "{_SIGNS[found.text]}".'
    )


def _unexpected(found: Token) -> Unreadable:
    if found.text in _SIGNS:
        return _sign(found)
    if found.sort == "end":
        return Unreadable("unfinished", "This condition is not finished.", "Say what is compared, and with what.")
    if found.sort == "stray":
        return Unreadable("quote", "A single quote is opened and not closed.", "Close it, or take it away.")
    if found.sort == ")":
        return Unreadable("bracket", "A bracket is closed that was not opened.", 'Take this ")" away.')
    return Unreadable(
        "unexpected",
        f'"{found.text}" does not belong here.',
        'Write a name, a comparison and a value: "ease at most 2".',
    )
