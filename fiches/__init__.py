"""Fiches usager: one record per person, without duplicates.

`create_app` is the only place that knows every part.
"""

from collections.abc import Mapping

from flask import Flask

from fiches.settings import ROOT, read_settings


def create_app(env: Mapping[str, str] | None = None) -> Flask:
    """The application, configured from `env` (the process's environment by default).

    Raises SettingInvalid when a setting cannot be used.
    """
    settings = read_settings(env) if env is not None else read_settings()
    app = Flask("fiches", root_path=str(ROOT), static_folder="static", template_folder="templates")
    app.extensions["settings"] = settings

    from fiches.web import configure_web

    configure_web(app, settings)

    from fiches.acces.views import bp as acces
    from fiches.fusion.views import bp as fusion
    from fiches.notifications.views import bp as messages
    from fiches.notifications.views_liens import bp as liens
    from fiches.organisations.views import bp as reglages
    from fiches.proches.views import bp as proches
    from fiches.rdvs.views import bp as rdvs
    from fiches.rdvs.views_creneaux import bp as creneaux
    from fiches.rdvs.views_rdv import bp as rdv
    from fiches.rdvs.views_reglages import bp as reglages_rdvs
    from fiches.usagers.views import bp as usagers
    from fiches.usagers.views_referents import bp as referents
    from fiches.usagers.views_vie import bp as vie

    for blueprint in (
        acces, usagers, vie, referents, proches, fusion, messages, liens, rdvs, rdv, creneaux, reglages, reglages_rdvs
    ):  # fmt: skip
        app.register_blueprint(blueprint)

    from fiches.demo.commands import register_commands as register_demo
    from fiches.doublons.commands import register_commands as register_doublons
    from fiches.echanges.commands import register_commands as register_echanges
    from fiches.entretien.commands import register_commands as register_entretien
    from fiches.notifications.commands import register_commands as register_notifications
    from fiches.organisations.commands import register_commands as register_organisations

    for register in (
        register_organisations, register_echanges, register_doublons, register_notifications, register_entretien,
        register_demo,
    ):  # fmt: skip
        register(app)
    return app
