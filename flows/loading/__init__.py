"""Definition files to definitions: text in, typed values and every fault out. No file is opened here."""

from flows.loading.fields import Field, load_fields
from flows.loading.flow import load_flows
from flows.loading.source import SourceFile
from flows.loading.system import load_system
from flows.loading.words import load_translations

__all__ = ["Field", "SourceFile", "load_fields", "load_flows", "load_system", "load_translations"]
