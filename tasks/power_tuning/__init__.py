"""Find the memory size at which a Lambda function is cheapest, fastest, or the best of both."""
