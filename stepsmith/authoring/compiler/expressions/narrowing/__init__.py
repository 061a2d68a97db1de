"""What conditions say about a value: which member of a union, which value of an enum, None or not.

What they say is known by source: a name, an attribute chain, an item under a constant. Nothing is evaluated here.
"""
