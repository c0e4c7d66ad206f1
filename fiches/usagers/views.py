"""The list and the fiche."""

from flask import Blueprint

bp = Blueprint("usagers", __name__)
