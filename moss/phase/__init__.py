"""Phases for magnitudes: Griffin-Lim, gradient descent, phase gradient heap integration."""
