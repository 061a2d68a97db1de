"""Reading what sources send: RSS, Atom, JSON feeds and single articles. Pure: bytes in, drafts out."""
