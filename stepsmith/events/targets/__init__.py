"""What a target of a rule receives: the event, a constant, a part of it, or a text with parts of it filled in."""

from stepsmith.events.targets.filling import Filling, Source, compile_filling
from stepsmith.events.targets.inputs import TargetInput, target_input
from stepsmith.events.targets.transformers import Rule, path_source, transformer

__all__ = [
    "Filling",
    "Rule",
    "Source",
    "TargetInput",
    "compile_filling",
    "path_source",
    "target_input",
    "transformer",
]
