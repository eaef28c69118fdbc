"""Where a visitor gives something: files, settings, links."""
