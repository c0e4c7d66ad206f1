"""The settings of sending, checked when the application starts."""

from pathlib import Path

import pytest

from fiches.settings import ReglagesEnvois, SettingInvalid, read_settings

SMTP = {"SMTP_HOTE": "smtp.exemple.fr", "COURRIEL_EXPEDITEUR": "rdv@exemple.fr"}
SMS = {"SMS_PASSERELLE": "https://sms.exemple.fr/v1", "SMS_CLE": "clef", "SMS_EXPEDITEUR": "RDV"}


def read(tmp_path: Path, **env: str) -> ReglagesEnvois:
    return read_settings({"INSTANCE": str(tmp_path), "SECRET_KEY": "s", **env}).envois


def test_without_settings_nothing_leaves(tmp_path: Path) -> None:
    envois = read(tmp_path)
    assert (envois.smtp, envois.sms) == (None, None)
    assert (envois.bail, envois.avec_serveur, envois.textes_jours) == (600, True, 90)


@pytest.mark.parametrize(("securite", "port"), [("starttls", 587), ("tls", 465), ("aucune", 25)])
def test_the_port_follows_the_security(tmp_path: Path, securite: str, port: int) -> None:
    smtp = read(tmp_path, **SMTP, SMTP_SECURITE=securite).smtp
    assert smtp is not None
    assert smtp.port == port


def test_a_gateway_on_this_machine_may_do_without_https(tmp_path: Path) -> None:
    assert read(tmp_path, **SMS | {"SMS_PASSERELLE": "http://127.0.0.1:9000/"}).sms is not None


@pytest.mark.parametrize(
    ("env", "nom"),
    [
        (SMTP | {"SMTP_SECURITE": "ssl"}, "SMTP_SECURITE"),
        (SMTP | {"COURRIEL_EXPEDITEUR": ""}, "COURRIEL_EXPEDITEUR"),
        (SMTP | {"COURRIEL_EXPEDITEUR": "Rendez-vous <rdv@exemple.fr>"}, "COURRIEL_EXPEDITEUR"),
        (SMTP | {"COURRIEL_EXPEDITEUR": "rdv@exemple.fr\nBcc: x@y.fr"}, "COURRIEL_EXPEDITEUR"),
        (SMTP | {"SMTP_UTILISATEUR": "u"}, "SMTP_MOT_DE_PASSE"),
        (SMTP | {"SMTP_UTILISATEUR": "u", "SMTP_MOT_DE_PASSE": "m", "SMTP_SECURITE": "aucune"}, "SMTP_MOT_DE_PASSE"),
        (SMTP | {"SMTP_PORT": "vingt-cinq"}, "SMTP_PORT"),
        (SMTP | {"SMTP_PORT": "70000"}, "SMTP_PORT"),
        (SMS | {"SMS_PASSERELLE": "http://sms.exemple.fr/"}, "SMS_PASSERELLE"),
        (SMS | {"SMS_PASSERELLE": "sms.exemple.fr"}, "SMS_PASSERELLE"),
        (SMS | {"SMS_PASSERELLE": "https://sms.exemple.fr:99999/"}, "SMS_PASSERELLE"),
        (SMS | {"SMS_CLE": ""}, "SMS_CLE"),
        (SMS | {"SMS_CLE": "clé"}, "SMS_CLE"),
        (SMS | {"SMS_EXPEDITEUR": ""}, "SMS_EXPEDITEUR"),
        ({"ENVOI_BAIL_SECONDES": "60"}, "ENVOI_BAIL_SECONDES"),
        ({"ENVOI_AVEC_SERVEUR": "peut-être"}, "ENVOI_AVEC_SERVEUR"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(tmp_path: Path, env: dict[str, str], nom: str) -> None:
    with pytest.raises(SettingInvalid, match=nom):
        read(tmp_path, **env)
