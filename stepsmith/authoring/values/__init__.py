"""Python's types and values as JSON has them: static types of annotations, what operators make of types, constants.

May touch nothing else of the room. Here is what both layers, explicit states and workflow functions, are held to
alike.
"""
