"""Buckets tell what happens to their objects: to queues, topics, functions and the default event bus.

moto keeps the objects. `requests` reads off S3's requests and answers what has happened, `configuration` is what a
bucket was told to tell, and `service` answers for the configuration and sends the records.
"""
