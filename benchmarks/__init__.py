"""What MOSS reaches and costs, measured; not installed and not needed to run it."""
