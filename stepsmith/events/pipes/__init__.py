"""EventBridge Pipes: records of a source, filtered, enriched and given to a target.

Batches, order and retries are those of event source mappings: `mappings.ShardReader` and `QueueReader` read a pipe's
source, too, and `filters.record_filter` is its filter. What a pipe adds is here: the form of its events, what becomes
of an enrichment's answer (`events`), and its input templates (`inputs`).
"""

from stepsmith.events.pipes.events import enriched, pipe_event
from stepsmith.events.pipes.inputs import Pipe, PipeInput, batch_input, pipe_input

__all__ = ["Pipe", "PipeInput", "batch_input", "enriched", "pipe_event", "pipe_input"]
