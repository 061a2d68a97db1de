"""Topics, as SNS has them: who hears of a message, in which form.

`topic` are topics and subscriptions with their attributes, `checks` what is refused of a message, `envelopes` the form
in which it arrives, `publishing` the way from one to the other; `service` answers the operations.
"""
