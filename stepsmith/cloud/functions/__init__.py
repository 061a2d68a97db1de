"""Functions, as Lambda has them: versions and aliases, calls that are waited for and calls that are not.

`function` is one function, `calling` what a call of it gives, `asynchronous` retries and destinations, `event_settings`
the settings for these; `service` answers the operations. Functions are Python's own, or unpacked from a zip.
"""
