"""A machine drawn: its outline, its layout, and the picture as SVG, Mermaid or text, with the progress of a run on it.

It may touch the room of histories, lettering and palette.
"""
