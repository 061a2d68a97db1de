"""Personalised content delivery: articles from many sources, ordered for each reader, with reasons.

`sources` read feeds and articles, `texts` clean and classify what they say; `runs`, `items` and `indexing` are the
tasks that take them in. `catalogue` is what readers look at, `readers` and `ranking` know them, and `serving` answers.
"""
