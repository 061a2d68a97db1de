"""Functions that take batches of records: `from stepsmith.batches import batch`."""

from stepsmith.authoring.functions.batch_function import BatchFunction, batch

__all__ = ["BatchFunction", "batch"]
