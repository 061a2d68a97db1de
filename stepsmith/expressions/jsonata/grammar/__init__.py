"""From a text to a tree: lexer, parser, the resolution of paths and tail calls, and the frozen nodes.

It evaluates nothing. It touches regular expressions and signatures, which are read together with the text.
"""
