"""What is known at each step of a flow, and what it can be: on every way, whatever was answered."""

from flows.checks.knowing.cases import Case, Ways
from flows.checks.knowing.scope import Need, Scope
from flows.checks.knowing.ways import Both, ways_of

__all__ = ["Both", "Case", "Need", "Scope", "Ways", "ways_of"]
