"""Streams: records in shards, in their order, for whoever reads them.

`log` is what Kinesis streams and the streams of tables have in common.
"""
