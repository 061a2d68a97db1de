"""API Gateway: requests to REST APIs become calls of other services.

moto keeps the APIs. `routes` finds the method of a request, `requests` is what templates and mappings see of it, `wire`
turns JSON into parameters of a service and its answer into JSON, `integrations` makes the call, `service` is the door.
"""
