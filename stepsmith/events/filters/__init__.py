"""Filters: `policy_filter` of a topic's subscription, `record_filter` of an event source mapping or pipe."""

from stepsmith.events.filters.mappings import RecordFilter, record_filter
from stepsmith.events.filters.policies import PolicyFilter, policy_filter

__all__ = ["PolicyFilter", "RecordFilter", "policy_filter", "record_filter"]
