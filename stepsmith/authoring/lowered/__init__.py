"""What both layers are lowered to: states as plain data, checked as a whole and written as the model of the language.

May touch `source`. Knows neither tasks nor Python functions: a state has a resource, expression trees and names of
other states.
"""
