"""HTTP tasks: which addresses they may reach, how a request is encoded, and the call itself.

Opens connections, to addresses that were checked. Knows no AWS client.
"""
