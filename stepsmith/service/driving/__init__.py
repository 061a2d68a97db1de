"""What moves executions on: the driver, which carries commands out and lets time pass, and its threads.

The shell around the pure engine. Knows `answers` and the clock, no execution as a user sees it.
"""
