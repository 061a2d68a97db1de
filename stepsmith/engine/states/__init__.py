"""The eight kinds of states, each compiled to the closure that takes a frame through it."""
