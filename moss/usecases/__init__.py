"""The use cases, end to end: generators of events whose last item is the result."""
