"""What a target of a rule receives: the event, a constant, a part of it, or a text with parts of it filled in."""

from stepsmith.events.targets.inputs import Rule, TargetInput, target_input
from stepsmith.events.targets.transformers import Transformer, transformer

__all__ = ["Rule", "TargetInput", "Transformer", "target_input", "transformer"]
