"""The WSGI entry."""

from fiches import create_app

app = create_app()
