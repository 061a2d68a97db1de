"""The result of power tuning as a chart: a page of ours, and the address of the original's.

Pure; it is told figures and knows neither tasks nor models.
"""
