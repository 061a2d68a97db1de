"""The project on the web: its HTTP API and its pages, at one address.

`requests` writes what a client sends as the event that Lambda gets, and reads the answer; `routes` finds who answers;
`site` is all of it.
"""
