"""The family of these tests."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.client import Client
from tests.proches.scene import Scene


@pytest.fixture
def scene(session: Session) -> Scene:
    return Scene(session)


@pytest.fixture
def agent(app: Flask, scene: Scene) -> Client:
    """A client signed in as the agent of the service."""
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    return client
