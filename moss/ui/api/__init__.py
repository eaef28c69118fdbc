"""The public endpoints: for programs, and as tools for agents."""
