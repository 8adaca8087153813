"""Definition files to definitions: text in, typed values and every fault out. No file is opened here."""

from flows.loading.conversations import Conversation, load_conversations
from flows.loading.fields import Field, load_fields
from flows.loading.flow import load_flows
from flows.loading.kinds import Kinds, load_kinds
from flows.loading.source import SourceFile
from flows.loading.system import load_spoken, load_system
from flows.loading.words import check_languages, load_translations

__all__ = [
    "Conversation",
    "Field",
    "Kinds",
    "SourceFile",
    "check_languages",
    "load_conversations",
    "load_fields",
    "load_flows",
    "load_kinds",
    "load_spoken",
    "load_system",
    "load_translations",
]
