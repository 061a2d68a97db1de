"""The local cloud as one server on loopback: AWS's endpoint for every service, over HTTP.

`connections` bounds what a client may do on a connection, `guard` says which requests are served at all, `dispatch`
finds the service that answers, `wire` and `protocols` speak its protocol. `application` is all of it as ASGI, and
`serving` runs it.
"""
