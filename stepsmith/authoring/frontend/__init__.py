"""Python expressions to typed expression trees."""
