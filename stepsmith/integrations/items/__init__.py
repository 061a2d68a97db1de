"""The files of a distributed Map: where its items come from, in which formats, and where its results go.

Reads and writes S3 through the clients it is handed. Knows the AWS calls of `services`, no task.
"""
