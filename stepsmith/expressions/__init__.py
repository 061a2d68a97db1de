"""The expression languages of the States Language: JSONPath, JSONata and intrinsic functions.

`jsonata` and `jsonpath` know each other only where a filter has a regular expression; `intrinsics` and the templates of
payloads build on `jsonpath`; `typed` is the tree that Python code becomes. It touches neither clock, disk nor network.
"""
