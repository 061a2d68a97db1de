"""Recognising what is on uploaded photographs: tasks over S3, DynamoDB and Rekognition.

`inspection`, `thumbnail` and `labels` work on a photograph, `records` keeps what they find, `events` starts
executions. Only facts travel between the tasks, never bytes.
"""
