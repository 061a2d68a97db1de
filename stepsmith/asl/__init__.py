"""The model of the Amazon States Language: parse, check, render."""
