"""The files of pictures: what they are, how large, what they say about themselves, and their pixels.

Bytes that nobody checked come in here and nothing doubtful goes out; no AWS.
"""
