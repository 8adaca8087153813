"""What must be true of a stage whatever happened, looked at from outside: in the store, the journal and the world."""

from __future__ import annotations

import re
from collections import defaultdict

from staging import CODE, PHONE, Run, Stage

from adapters.channel import Reply
from flows import session as sessions
from flows.release import titled
from flows.session import Session
from gateway.journal import Entry, decode
from gateway.store.keys import journal_key, shard, state_key
from gateway.store.state import State, read_state

STATE = state_key("ussd", CODE, PHONE)
JOURNAL = journal_key(shard(PHONE))
TURNS = ("dial", "redial", "said", "page")  # entries in which a client was told something
REFUSALS = ("too_late", "sorry", "release_gone")

# Every key with its value; of a stream what came last.
EVERYTHING = """
local found = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  found[#found + 1] = key
  local kind = redis.call('TYPE', key).ok
  if kind == 'string' then found[#found + 1] = redis.call('GET', key) end
  if kind == 'zset' then found[#found + 1] = table.concat(redis.call('ZRANGE', key, 0, -1), ' ') end
  if kind == 'stream' then
    for _, entry in ipairs(redis.call('XREVRANGE', key, '+', '-', 'COUNT', 20)) do
      found[#found + 1] = table.concat(entry[2], ' ')
    end
  end
end
return table.concat(found, ' ')
"""


class Witness:
    """Reads the journal as it grows. ``secrets`` may stand in no key and no value of the store, ``private`` words only
    on a screen behind the PIN."""

    def __init__(self, stage: Stage, secrets: tuple[str, ...], private: tuple[str, ...]) -> None:
        self.stage, self.private = stage, private
        self.secrets = [secret.encode() for secret in secrets]
        self.entries: list[Entry] = []
        self.turns: dict[str, int] = defaultdict(int)
        self.releases: dict[str, str] = {}
        self.keys: dict[str, Run] = {}
        self.intents: dict[tuple[str, str, str], str] = {}
        self.seen = 0  # runs looked at
        self.doing = ""  # the effect that had not answered at the last look
        self.loose: set[str] = set()  # requests that were at once with another one, which may have been first
        self._last: str = "0"
        self._refusals = self._said("", *REFUSALS)
        self._denials = self._said("call_me", "later") | self._said("messages", "later")

    def _said(self, flow: str, *keys: str) -> set[str]:
        """These words in both languages."""
        release = self.stage.published.current
        names = {"institution": titled(release.institution), "code": CODE}
        return {release.words.render(language, flow, key, names) for language in ("en", "sw") for key in keys}

    def refused(self, reply: Reply) -> bool:
        """Whether this is none of the conversation's own words: too late, sorry, or a release that is gone."""
        return not reply.more and reply.text in self._refusals

    async def new_turns(self) -> list[Entry]:
        """The turns since the last look, each after the one before: none is missing, none is there twice."""
        fresh = []
        for id_, fields in await self.stage.redis.xrange(JOURNAL, f"({self._last}" if self._last != "0" else "-"):
            entry = decode(fields[b"e"])
            fresh.append(entry)
            self._last = id_.decode()
            self.turns[entry.conversation] += 1
            assert entry.turn == self.turns[entry.conversation], f"turn {entry.turn} of {entry.conversation}"
            assert entry.release == self.releases.setdefault(entry.conversation, entry.release)
            self._is_true(entry)
        self.entries += fresh
        return [entry for entry in fresh if entry.event in TURNS]

    def _is_true(self, entry: Entry) -> None:
        """It is said that nothing was done only where nothing can have been; no SMS asks for a PIN; and a
        conversation speaks with the words of the release that it began on."""
        assert set(re.findall(r"Jamii (r\d+)", entry.told or "")) <= {entry.release}
        texts = [text for _, _, text in entry.texts]
        denied = self._denials.intersection([entry.told or "", *texts])
        last = self.stage.world.ran[-1].key if self.stage.world.ran else ""
        assert not denied or all(run.failed for run in self.stage.world.ran if run.key == last), f"{last} was denied"
        assert not any("PIN" in text for text in texts)

    async def state(self) -> tuple[State, Session] | None:
        _, state = read_state(await self.stage.redis.get(STATE))
        return None if state is None else (state, sessions.decode(state.told.talk))

    async def look(self) -> None:
        """Everything that always holds."""
        await self.new_turns()
        found = await self.state()
        self._effects_happened_once()
        self.doing = found[1].doing if found else ""
        if found:
            self._state_is_what_was_told(*found)
        await self._nothing_secret_is_kept()

    def _state_is_what_was_told(self, state: State, session: Session) -> None:
        """The session stands where the last entry says, and is never behind what a client was told."""
        last = self.entries[-1]
        assert (session.conversation, session.turn) == (last.conversation, last.turn)
        assert (state.told.text, state.told.more) == self.last_told(session.conversation)
        assert len(state.told.talk) <= sessions.LIMIT
        assert "pin" in session.proofs or not any(word in state.told.text for word in self.private)

    def last_told(self, conversation: str) -> tuple[str | None, bool]:
        last = next(e for e in reversed(self.entries) if e.conversation == conversation and e.event in TURNS)
        return last.told, last.more

    def _effects_happened_once(self) -> None:
        """One key for one thing that a client wanted, however often it is run; and one such thing for each key."""
        fresh, self.seen = self.stage.world.ran[self.seen :], len(self.stage.world.ran)
        for run in fresh:
            if run.request in self.loose:
                continue
            assert run.request or run.key in self.keys, f"{run}: nobody asked for it"
            first = self.keys.setdefault(run.key, run)
            assert (run.action, run.given) == (first.action, first.given), f"{run} and {first}"
            wanted = (run.request, run.action, run.given)
            assert not run.request or run.key == self.intents.setdefault(wanted, run.key), f"{run}: also {self.intents}"
            assert not self._is_doubled(run), f"{run} while {self.doing} had not answered"

    def _is_doubled(self, run: Run) -> bool:
        """Whether an effect that had not answered was asked for again under another key."""
        at = self.doing.split(".")
        return (
            bool(self.doing)
            and run.key != self.doing
            and run.key.split(".")[::2] == at[::2]
            and run.key.endswith(at[-1])
        )

    async def _nothing_secret_is_kept(self) -> None:
        kept: bytes = await self.stage.redis.eval(EVERYTHING, 0)
        assert not any(secret in kept for secret in self.secrets)
