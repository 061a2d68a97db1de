"""Shopping carts and their checkout: lines, stock, payments, orders.

Everything lies in DynamoDB tables whose names are in `tables`. Money is integer cents. Each step of the checkout is
keyed by the checkout's idempotency key, so a repeated call changes nothing, and each undo leaves a mark behind, so a
step that was believed dead and wakes up after its undo finds that it is too late.
"""
