"""Albums on the web: each visitor has one, and what is in it nobody else sees.

`places` says which album a request is about and where its photographs lie, `search` finds them, `views` says what the
page may know of one, `deletion` takes one away, and `web` answers the routes of the page.
"""
