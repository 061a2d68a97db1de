"""Functions that no workflow calls: they answer requests, or take batches of records.

`http_function` declares one that answers a route, `arguments` reads its arguments out of a request, and `messages` has
requests and responses as API Gateway hands them over (payload format 2.0); `batch_function` declares one that takes
records.
"""
