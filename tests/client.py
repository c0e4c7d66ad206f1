"""A test client that behaves like a browser: it sends back the CSRF token it was given."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

LIVE = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Client(FlaskClient):
    """`get` and `post` as pages; `live` as htmx sends them; `sign_in` as an agent."""

    jeton = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request, and remember the token in the answer."""
        if kwargs.get("method") == "POST" and "csrf_token" not in (kwargs.get("data") or {}):
            kwargs.setdefault("headers", {})
            if isinstance(kwargs["headers"], dict):
                kwargs["headers"] = {"X-CSRFToken": self.jeton, **kwargs["headers"]}
        response = super().open(*args, **kwargs)
        if trouve := re.search(r'name="csrf-token" content="([^"]+)"', response.get_data(as_text=True)):
            self.jeton = trouve.group(1)
        return response

    def live(self, address: str, data: dict[str, Any] | None = None) -> TestResponse:
        """A live request: POST with `data`, else GET."""
        if data is None:
            return self.get(address, headers=LIVE)
        return self.post(address, data=data, headers=LIVE)

    def sign_in(self, email: str, mot_de_passe: str = "demonstration") -> TestResponse:
        """Sign in and open the first page."""
        self.get("/connexion")
        response = self.post("/connexion", data={"email": email, "mot_de_passe": mot_de_passe})
        assert response.status_code == 303, response.get_data(as_text=True)
        return self.get("/", follow_redirects=True)
