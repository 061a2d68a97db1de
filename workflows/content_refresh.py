"""Bring what people read and like into the catalogue that readers are served from.

Started by the clock, every five minutes; takes how many hours it looks back at most. Gives with how many articles
something was done since the last time, and stores their counts in the catalogue. Fails with Throttled where others
change the catalogue all the time, or with whatever broke: the next start takes up what was left. Has no time limit of
its own: nothing waits, and its task has one.
"""

from stepsmith import now, workflow
from stepsmith.triggers import Schedule
from tasks.content.indexing import Hours, count_touches


@workflow(triggers=[Schedule(expression="rate(5 minutes)")], checked=True)
def content_refresh(hours: Hours = 72) -> int:
    """Bring what people read and like into the catalogue."""
    return count_touches(hours, now=now())
