"""Every sound of a result as a card."""
