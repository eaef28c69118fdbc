"""A seeded fuzz: mutated pictures and tracks go the way that a visitor's files go."""
