"""``kinds.yaml`` and ``people.yaml``."""

from __future__ import annotations

from flows.people import NEEDED, NEEDED_OF_ACCOUNT, OF_ACCOUNT, OF_PERSON, ROLES, TAGS
from flows.schema.parts import Schema, amount, each, one_of, said, several, table, text, word

_NAME = r"[a-z][a-z ]{0,39}"
_PERSON = {
    "name": "The name in full.",
    "number": "The client number.",
    "phone": "The phone, in international form: +254700000001.",
    "language": "The language that they chose: en.",
    "about": "What is worth knowing of them, for whoever tries things out.",
    "nickname": "What they call themselves on a phone that several people use.",
    "pin": "Their PIN. Without one they have none yet.",
    "stage": "Where they stand: prospect, applicant, active, in arrears, dormant, exited.",
    "tags": "What they are an example of.",
    "relations": "To whom they belong: [member of G-0001, officer E-0001].",
    "accounts": "Their accounts, each by its reference.",
}
_ACCOUNT = {
    "product": "The name of a file in products/.",
    "nickname": "What it is called on the phone.",
    "opened": "When: 121 days ago.",
    "amount": "The amount of a loan.",
    "paid": "What was paid in full, each on its day: 17 instalments.",
    "moves": "Other money that moved: [saved 1500, 180 days ago].",
}
_RELATION = r"[^\s,][^,]* [^\s,]+"
_FORMS = {"opened": r"\d{1,4} days? ago", "paid": r"\d{1,3} instalments?"}


def kinds() -> Schema:
    label = said("What staff call it, in double quotes.")
    of = several("In what it is held: kinds of party, client or account. Without it, in any.", text("A kind."))
    role = table({"label": label, "of": of}, ("label",))
    found = {
        "parties": each(label, "Whom and what clients can be related to, beside other clients.", _NAME),
        "roles": each(role, "What somebody can be to a client, an account or a party.", _NAME),
    }
    return {"title": "Kinds of party, and roles", **table(found, found)}


def people() -> Schema:
    party = table({"kind": text("A kind of party of kinds.yaml."), "name": word("Its name.")}, ("kind", "name"))
    login = {"name": word("The name in full."), "password": word("The password."), "ref": word("The party they are.")}
    staff = table({**login, "role": one_of("What they may do.", ROLES)}, ("name", "role", "password"))
    found = {
        "people": each(_person(), "Sample people, by the names that conversations call them."),
        "parties": each(party, "Sample groups, staff and other parties, by their references."),
        "staff": each(staff, "Who can log in to the desk of a demonstration, by e-mail."),
    }
    return {"title": "Sample people", **table(found, ("people",), "Invented people, for tests and demonstrations.")}


def _person() -> Schema:
    return table({key: _of_a_person(key) for key in (*NEEDED, *OF_PERSON)}, NEEDED)


def _of_a_person(key: str) -> Schema:
    said_of = _PERSON[key]
    match key:
        case "accounts":
            return each(_account(), said_of)
        case "tags":
            return several(said_of, one_of("A tag.", TAGS), "|".join(TAGS))
        case "relations":
            return several(said_of, text("A role and a reference: member of G-0001.", _RELATION), _RELATION)
    return word(said_of)


def _account() -> Schema:
    keys = {key: word(_ACCOUNT[key], _FORMS.get(key, "")) for key in (*NEEDED_OF_ACCOUNT, *OF_ACCOUNT)}
    moves = text("paid, saved or took out, how much, and when.", r"(paid|saved|took out) \S+, \d{1,4} days? ago")
    keys["amount"] = amount(_ACCOUNT["amount"])
    keys["moves"] = {"description": _ACCOUNT["moves"], "type": "array", "items": moves}
    return table(keys, NEEDED_OF_ACCOUNT)
