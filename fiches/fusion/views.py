"""The two-column screen of a merge."""

from flask import Blueprint

bp = Blueprint("fusion", __name__)
