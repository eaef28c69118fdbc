"""What a person can choose: frozen dataclasses, each setting declared once."""
