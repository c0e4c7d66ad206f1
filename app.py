"""The WSGI entry."""

import sys

from fiches import create_app
from fiches.settings import SettingInvalid

try:
    app = create_app()
except SettingInvalid as fault:
    sys.exit(f"Réglage refusé : {fault}")
