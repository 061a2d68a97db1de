"""The vending pass: a swipe at a machine counts points, and enough points are a free drink.

The participants' back end is slow: a call that counts points is known to it 90 seconds later. The state machine waits
for that, and nobody pays for the waiting; `costs` does the sum.
"""
