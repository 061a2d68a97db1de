"""What AWS refuses when a state machine is created, rule by rule."""
