"""The expression languages of the States Language: JSONPath, JSONata and intrinsic functions."""
