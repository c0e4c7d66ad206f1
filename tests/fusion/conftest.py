"""The stage of these tests."""

import pytest
from sqlalchemy.orm import Session

from tests.fusion.scene import Scene, a_scene


@pytest.fixture
def scene(session: Session) -> Scene:
    return a_scene(session)
