"""Small pictures and tracks to try MOSS with, and the seeded code that made them."""
