"""Faults of safety: money without a yes, rights that were not shown, what is private, and what comes unasked."""

from __future__ import annotations

from collections.abc import Iterator

from mutants.ground import Entry, everywhere, whole, words_of
from mutants.judging import Mutant, Says, broken, follows, kind, untold
from mutants.places import action_of, falls, flow_of, is_exit, is_later, kind_of, sent, shown, step_of, steps, targets
from mutants.words import translated

from flows.model import Ask, Choose, Confirm, Do, Flow
from flows.values import Kind

LEFT = "structure.unreachable"


def collecting(flow: Flow) -> list[str]:
    return [s.name for s in flow.steps.values() if isinstance(s, Do) and whole().actions[s.action].collects]


def _confirms() -> Iterator[Entry]:
    return (step for step in steps() if kind_of(step) == "confirm")


def _paid(flow: Flow, confirm: str) -> str:
    """The step that collects what is agreed to here."""
    return flow.order[confirm] or ""


@kind("safety", "money is asked for without a yes: the confirmation is gone")
def no_confirm() -> Iterator[Mutant]:
    for step in _confirms():
        pay = _paid(flow_of(step), step.name)
        says = follows(step.file, "payment.unconfirmed", steps=(pay,))
        also = [follows(step.file, "payment.name step.unknown_target")]
        yield broken(step, step.removed(), "", also=also).found_by(says)


@kind("safety", "a confirmation is only words")
def only_words() -> Iterator[Mutant]:
    for step in _confirms():
        pay = _paid(flow_of(step), step.name)
        begins, ends, _ = step.removed()
        says = follows(step.file, "payment.unconfirmed", steps=(pay,))
        edit = (begins, ends, f'  {step.name}:\n    say: "We will now ask for the money."\n')
        also = [follows(step.file, "payment.name"), Says(("words.*",), f"messages/sw/{step.file.name}.yaml")]
        yield broken(step, edit, "", also=also).found_by(says)


@kind("safety", "a way leads round the confirmation")
def round_it() -> Iterator[Mutant]:
    for entry in targets():
        flow = flow_of(entry)
        for pay in collecting(flow):
            if pay not in (entry.text, entry.step):
                says = follows(entry.file, "payment.unconfirmed", steps=(pay,))
                yield broken(entry, entry.instead(pay), "").found_by(says)


@kind("safety", "no means that it is paid all the same")
def no_is_yes() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.step and entry.path[2:] == ("no",) and isinstance(step_of(entry), Confirm):
            pay = _paid(flow_of(entry), entry.step)
            says = follows(entry.file, "payment.unconfirmed", steps=(pay,))
            yield broken(entry, entry.instead(pay), "").found_by(says)


@kind("safety", "a payment is asked for a second time with one yes")
def twice() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.step and is_exit(entry) and action_of(entry).collects:
            says = follows(entry.file, "payment.unconfirmed", steps=(entry.step,))
            yield broken(entry, entry.instead(entry.step), "").found_by(says)


@kind("safety", "who agrees does not see the amount, the payee or the fee")
def not_shown() -> Iterator[Mutant]:
    for entry in shown():
        step = step_of(entry)
        if isinstance(step, Confirm):
            for name in ("payee", "fee", dict(step.payment)["collect"]):
                said = entry.said(entry.text.replace(f"{{{name}}}", "it"))
                yield broken(entry, said, "confirm.not_shown", f"{{{name}}}")


@kind("safety", "who agrees sees another amount than is paid")
def other_amount() -> Iterator[Mutant]:
    for entry in everywhere():
        step = step_of(entry) if entry.path[2:] == ("payment", "collect") else None
        if isinstance(step, Confirm):
            amounts = [
                s.name for s in flow_of(entry).steps.values() if isinstance(s, Ask) and s.answer.kind is Kind.MONEY
            ]
            for other in {*amounts, "account.due"} - {entry.text}:
                says = follows(entry.file, "confirm.not_shown", f"{{{other}}}", steps=(entry.step,))
                yield broken(entry, entry.instead(other), "").found_by(says)


@kind("safety", "what was agreed to is changed before it is paid")
def changed() -> Iterator[Mutant]:
    for step in _confirms():
        model = flow_of(step).steps[step.name]
        assert isinstance(model, Confirm)
        amount = dict(model.payment)["collect"]
        pay = _paid(flow_of(step), step.name)
        edit = step.file.before(pay, f"  other:\n    set: {{{amount}: open.amount}}\n")
        says = follows(step.file, "safety.changed_after_yes", f'"{amount}"', steps=("other",))
        yield broken(step, edit, "", also=[follows(step.file, "meaning.*")]).found_by(says)


@kind("safety", "a new call goes on between the yes and the payment")
def redial_between() -> Iterator[Mutant]:
    for step in _confirms():
        pay = _paid(flow_of(step), step.name)
        for policy in ("continue", "ask"):
            lines = f'  one_more:\n    menu: "Sure?"\n    options: {{yes: "Yes", no: "No"}}\n    redial: {policy}\n'
            says = follows(step.file, "safety.redial_into_payment", steps=("one_more",))
            also = [untold(step.file)]
            yield broken(step, step.file.before(pay, lines), "", also=also).found_by(says)


@kind("safety", "a new call goes on in the middle of a secret or a payment")
def redial_into() -> Iterator[Mutant]:
    for step in steps():
        model = flow_of(step).steps[step.name]
        secret = isinstance(model, Ask) and model.answer.kind is Kind.SECRET
        if secret or isinstance(model, Confirm):
            for policy in ("continue", "ask"):
                edit = (step.end, step.end, f"\n    redial: {policy}")
                says = follows(step.file, "step.redial", steps=(step.name,))
                yield broken(step, edit, "").found_by(says)


def _needs_right(flow: Flow, seen: tuple[str, ...] = ()) -> bool:
    """Whether anything in this flow is not for everybody."""
    for step in flow.steps.values():
        authority = ("none",)
        if isinstance(step, Do):
            authority = whole().actions[step.action].authority
        elif isinstance(step, Choose):
            authority = whole().sources[step.source.source].authority
        if not {"none", "wallet"} & set(authority):
            return True
    return False


@kind("safety", "a flow is for anyone")
def anyone() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("who",) and flow_of(entry).who in ("client", "client with PIN"):
            yield from _lowered(entry, "anyone")


@kind("safety", "a flow is for clients without a PIN")
def without_pin() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("who",) and flow_of(entry).who == "client with PIN":
            yield from _lowered(entry, "client")


def _lowered(entry: Entry, who: str) -> Iterator[Mutant]:
    flow = flow_of(entry)
    says = [follows(entry.file, "safety.authority payment.who safety.private")]
    also = [*says, follows(entry.file, "structure.* meaning.*")]
    also += [Says(("safety.authority",), f"flows/{s.flow}.yaml") for s in flow.steps.values() if hasattr(s, "flow")]
    also += [Says(("safety.authority",), "flows/new_pin.yaml"), Says(("structure.empty_menu",), "flows/main.yaml")]
    says += [says for says in also if says.codes == ("safety.authority",)]
    needs = _needs_right(flow) or (bool(collecting(flow)) and who == "anyone")
    needs = needs or any(_needs_right(whole().flows[s.flow]) for s in flow.steps.values() if hasattr(s, "flow"))
    harmless = "" if needs else "nothing in it needs a right"
    if (
        who == "anyone"
        and flow.who == "client"
        and not any((flow.starts.menu, flow.starts.keywords, flow.starts.event))
    ):
        harmless = "only clients come to it: it has no door of its own"
    yield broken(entry, entry.instead(who), "", also=also, harmless=harmless).found_by(*says)


@kind("safety", "what needs a PIN is done for who has none")
def before_pin() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("without PIN",):
            flow = flow_of(entry)
            for step in flow.steps.values():
                source = whole().sources.get(step.source.source) if isinstance(step, Choose) else None
                if source and source.authority == ("pin",):
                    says = follows(entry.file, "safety.authority", steps=(step.name,))
                    also = [follows(entry.file, f"{LEFT} safety.private")]
                    yield broken(entry, entry.instead(step.name), "", also=also).found_by(says)


@kind("safety", "a client number or a stage is shown to who holds the phone")
def private() -> Iterator[Mutant]:
    for entry in shown():
        flow = flow_of(entry)
        for name in ("client.number", "client.stage"):
            if flow.who in ("client", "anyone") and flow.name not in ("new_pin", "change_pin", "pin"):
                edit = entry.said(f"{entry.text} {{{name}}}")
                yield broken(entry, edit, "safety.private", f'"{name}"', also=[follows(entry.file, "meaning.* fit.*")])


@kind("safety", "a condition tells a client's stage to who holds the phone")
def private_condition() -> Iterator[Mutant]:
    for step in steps():
        flow = flow_of(step)
        model = flow.steps[step.name]
        if (
            flow.who == "client"
            and model.only_if is None
            and kind_of(step) == "say"
            and flow.name not in ("new_pin", "pin")
        ):
            first = step.file.under(*step.path)[0]
            said = "only if: client.stage is active"
            edit = (first.start, first.start, f"{said}{', ' if first.inside.flow_style else chr(10) + '    '}")
            yield broken(first, edit, "safety.private", '"client.stage"')


@kind("safety", "a balance or a due is told by SMS")
def balance_sent() -> Iterator[Mutant]:
    for entry in sent():
        chosen = [s for s in flow_of(entry).steps.values() if isinstance(s, Choose)]
        for step in chosen if is_later(entry) else ():
            fields = whole().sources[step.source.source].fields
            for field, kind_ in fields.items():
                if kind_ is Kind.MONEY:
                    edit = entry.said(f"{entry.text} {{{step.item}.{field}}}")
                    yield broken(entry, edit, "later.private safety.told_private", f"{step.item}.{field}")


@kind("safety", "a due is told by SMS under another name")
def balance_renamed() -> Iterator[Mutant]:
    for entry in sent():
        flow = flow_of(entry)
        chosen = next((s for s in flow.steps.values() if isinstance(s, Choose)), None)
        pay = entry.step or ""
        confirm = next(
            (s.name for s in flow.steps.values() if isinstance(s, Confirm) and flow.order[s.name] == pay), None
        )
        first = next(iter(flow.steps))
        if is_later(entry) and chosen and confirm and chosen.name == first and flow.order[chosen.name]:
            below = flow.order[chosen.name] or ""
            edits = [
                entry.said(f"{entry.text} {{shown}}"),
                entry.file.before(below, f"  keep:\n    set: {{shown: {chosen.item}.due}}\n"),
            ]
            says = follows(entry.file, "safety.told_private", '"shown"', steps=(pay,))
            also = [follows(entry.file, "meaning.*", steps=(pay,))]
            yield broken(entry, edits, "", also=also).found_by(says, *also)


@kind("safety", "a text that comes by itself names a product")
def product() -> Iterator[Mutant]:
    for entry in sent():
        for word in ("loan", "shares"):
            edit = entry.said(f"{entry.text} {word}")
            yield broken(entry, edit, "safety.product_word", f'"{word}"', also=_parts(entry), blocks=False)


def _parts(entry: Entry) -> list[Says]:
    return [follows(entry.file, "fit.parts words.long_sentence", steps=(entry.step,))]


@kind("safety", "a text that comes by itself names a product in translation")
def translated_product() -> Iterator[Mutant]:
    yield from _translated("Mkopo", "safety.product_word", '"mkopo"')


@kind("safety", "an answer is asked for that nobody gets")
def reply() -> Iterator[Mutant]:
    for entry in sent():
        yield broken(
            entry, entry.said(f"{entry.text} Reply YES."), "safety.reply", '"reply"', also=_parts(entry), blocks=False
        )


@kind("safety", "an answer is asked for that nobody gets, in translation")
def translated_reply() -> Iterator[Mutant]:
    yield from _translated("Jibu NDIYO.", "safety.reply", '"jibu"')


def _translated(more: str, code: str, word: str) -> Iterator[Mutant]:
    """The finding stands where the text stands: in the words file, or at the step that sends it."""
    for entry in translated("to"):
        step, _, key = entry.path[0].partition(".")
        flow = whole().flows[entry.file.name]
        if entry.path[0] == "starts.invite" or key in dict(getattr(flow.steps.get(step), "later", ())):
            says = [Says((code,), path, (), (), (word,)) for path in (flow.file, entry.file.path)]
            also = [Says(("fit.parts",), flow.file), follows(entry.file, "fit.parts words.long_sentence")]
            yield broken(entry, entry.said(f"{entry.text} {more}"), "", also=also, blocks=False).found_by(*says)


@kind("safety", "an invitation hides how to stop it")
def no_stop() -> Iterator[Mutant]:
    for entry in sent():
        if "{how_to_stop}" in entry.text:
            also = _renamed(entry)
            yield broken(entry, entry.said(entry.text.replace("{how_to_stop}", "")), "safety.no_way_to_stop", also=also)


def _renamed(entry: Entry) -> list[Says]:
    file = words_of(entry.file.name)
    return [follows(file, "words.placeholders")] if file else []


@kind("safety", "a survey calls itself something that nobody can stop")
def purpose() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("purpose",) and flow_of(entry).starts.invite:
            for word in ("service", "reminder"):
                says = follows(entry.file, "safety.cannot_be_stopped safety.purpose", word)
                yield broken(entry, entry.instead(word), "").found_by(says)


@kind("safety", "a survey that nobody can stop does not say so")
def unstoppable() -> Iterator[Mutant]:
    for entry in everywhere():
        invite = entry.file.at("starts", "invite")
        if entry.path == ("purpose",) and invite:
            edits = [entry.instead("service"), invite.said(invite.text.replace("{how_to_stop}", ""))]
            says = follows(entry.file, "safety.purpose")
            also = [*_renamed(entry), Says(("words.stale",), f"messages/sw/{entry.file.name}.yaml")]
            yield broken(entry, edits, "", also=also).found_by(says)


@kind("safety", "nobody is ever invited")
def nobody() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("who",) and flow_of(entry).starts.invite:
            for who in ("unknown number", "staff"):
                says = follows(entry.file, "safety.invites_nobody", who)
                also = [follows(entry.file, "safety.authority")]
                yield broken(entry, entry.instead(who), "", also=also).found_by(says)


@kind("safety", "a client is named in an invitation that others may read")
def named_in_invitation() -> Iterator[Mutant]:
    for entry in sent():
        if entry.path == ("starts", "invite"):
            for name in ("client.name", "client.number", "account.due", "contact.phone"):
                yield broken(entry, entry.said(f"{entry.text} {{{name}}}"), "names.unknown", name)


def _secrets() -> Iterator[Entry]:
    for step in steps():
        model = flow_of(step).steps[step.name]
        if isinstance(model, Ask) and model.answer.kind is Kind.SECRET:
            yield step


@kind("safety", "a secret is shown")
def printed() -> Iterator[Mutant]:
    for secret in _secrets():
        for entry in shown():
            if entry.file is secret.file:
                yield broken(entry, entry.said(f"{entry.text} {{{secret.name}}}"), "names.secret", f'"{secret.name}"')


@kind("safety", "a secret is kept")
def kept() -> Iterator[Mutant]:
    for secret in _secrets():
        edit = (secret.end, secret.end, "\n    saves: feedback.comment")
        says = follows(secret.file, "saves.secret", steps=(secret.name,))
        yield broken(secret, edit, "").found_by(says)


@kind("safety", "a secret is given to an action that is no lock")
def given_away() -> Iterator[Mutant]:
    for entry in everywhere():
        step = step_of(entry) if entry.path[2:] == ("answer",) else None
        if isinstance(step, Ask) and step.answer.kind in (Kind.TEXT, Kind.NAME):
            given = [
                s.name
                for s in flow_of(entry).steps.values()
                if isinstance(s, Do) and step.name in dict(s.inputs).values()
            ]
            if given:
                says = follows(entry.file, "names.secret", f'"{step.name}"', steps=tuple(given))
                also = [
                    follows(entry.file, "saves.secret", steps=(step.name,)),
                    follows(entry.file, "names.secret", f'"{step.name}"'),
                ]
                yield broken(entry, entry.instead("{type: secret}"), "", also=also).found_by(says)


@kind("safety", "a secret is compared")
def compared() -> Iterator[Mutant]:
    for secret in _secrets():
        below = flow_of(secret).order[secret.name]
        lines = f'  guess:\n    only if: {secret.name} is 1234\n    say: "Easy."\n'
        if below:
            says = follows(secret.file, "condition.*", steps=("guess",))
            yield broken(secret, secret.file.before(below, lines), "").found_by(says)


@kind("safety", "a secret is asked for and checked by nobody")
def unused() -> Iterator[Mutant]:
    for step in steps():
        if kind_of(step) in ("menu", "ask", "end"):
            lines = '  your_pin:\n    ask: "Your PIN?"\n    answer: {type: secret}\n'
            says = follows(step.file, "safety.secret_unused", steps=("your_pin",))
            above = step.file.steps[: step.file.steps.index(step)]
            also = [untold(step.file)]
            also.append(follows(step.file, "meaning.* cost.* fit.*"))
            if not above or falls(above[-1]):
                yield broken(step, step.file.before(step.name, lines), "", also=also).found_by(says)


@kind("safety", "a flow consents for the client")
def consent() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.step and entry.path[2:] == ("with", "given"):
            yield broken(entry, entry.instead("yes"), "safety.consent")


@kind("safety", "a receipt is told where there is none")
def no_receipt() -> Iterator[Mutant]:
    for entry in sent():
        if is_later(entry) and entry.name in ("not paid", "unknown"):
            yield broken(entry, entry.said(f"{entry.text} {{receipt}}"), "later.receipt", entry.name)


@kind("safety", "a receipt is shown before anything was paid")
def receipt_shown() -> Iterator[Mutant]:
    for entry in shown():
        if collecting(flow_of(entry)):
            yield broken(entry, entry.said(f"{entry.text} {{receipt}}"), "payment.name", "receipt")
