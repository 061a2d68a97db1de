"""What both layers are lowered to: states as plain data, checked as a whole and written as the model of the language.

May touch `source` and `calls`. A state here has a resource, expression trees and names of other states; of a task it
knows what its callers do, and nothing of Python functions.
"""
