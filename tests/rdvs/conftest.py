"""An agent at their desk, for every test of RDVs."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.rdvs.bureau import Bureau


@pytest.fixture
def bureau(app: Flask, session: Session) -> Bureau:
    """A service with an agent signed in."""
    return Bureau(app, session, telephone="+33353010101")
