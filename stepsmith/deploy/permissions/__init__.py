"""The least rights that state machines need, derived from their definitions.

`machine_role` is the way in; the tables of grants say what each integration needs. Calls no AWS, knows no template.
"""
