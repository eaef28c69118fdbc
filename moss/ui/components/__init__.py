"""The page's own controls, each a folder with its Python, HTML, CSS and JavaScript."""
