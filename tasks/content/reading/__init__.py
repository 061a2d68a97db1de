"""Readers: what they did, what that says of them, and in which order articles are for them."""
