"""EventBridge Pipes: records of a source, filtered, enriched and given to a target.

Batches, order and retries are those of event source mappings: `mappings.ShardReader` and `QueueReader` read a pipe's
source, too, and `filters.record_filter` is its filter. What a pipe adds is here: the form of its events, what becomes
of an enrichment's answer (`events`), and its input templates (`inputs`).
"""

from stepsmith.events.pipes.events import enriched, letter, pipe_event, record_id
from stepsmith.events.pipes.inputs import Pipe, PipeInput, batch_input, path_text, pipe_input

__all__ = [
    "Pipe", "PipeInput", "batch_input", "enriched", "letter", "path_text", "pipe_event", "pipe_input", "record_id",
]  # fmt: skip
