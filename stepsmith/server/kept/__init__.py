"""What survives the end of a server, in a folder: `calls.jsonl` with S3, DynamoDB and state machines, and a journal.

`folder` opens it and goes on with it; `requests` are calls that moto is sent again, `machines` what there is of Step
Functions, `contents` the objects and items that calls have led to.
"""
