"""State machines made of explicit states: who leads to whom, and the machine under its name.

May touch `explicit`, `lowered`, `tasks` and what is below them; workflow functions have no part in it.
"""
