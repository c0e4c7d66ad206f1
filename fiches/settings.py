"""Settings, read once from the environment, typed and checked when the application starts."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


class SettingInvalid(ValueError):
    """An environment variable holds something that cannot be used; the message names it."""


LOCAUX = ("localhost", "127.0.0.1", "::1")  # where a secret may travel in clear: it leaves no machine
PORTS_SMTP = {"aucune": 25, "starttls": 587, "tls": 465}
BAIL_MINIMUM = 180  # seconds; a send is cut off well before: see notifications/courriel.py


@dataclass(frozen=True)
class ReglagesSmtp:
    """The server that takes e-mails."""

    hote: str
    port: int
    securite: str  # aucune, starttls, tls
    utilisateur: str | None
    mot_de_passe: str | None
    expediteur: str


@dataclass(frozen=True)
class ReglagesSms:
    """The gateway that takes SMS."""

    passerelle: str
    cle: str
    expediteur: str


@dataclass(frozen=True)
class ReglagesEnvois:
    """How messages leave; None: that channel goes to the local outbox (R21)."""

    smtp: ReglagesSmtp | None
    sms: ReglagesSms | None
    bail: int  # seconds after which a claimed message is another worker's to take
    avec_serveur: bool  # `make demo` and `make serve` start the worker too
    textes_jours: int  # days that addresses and texts are kept (R36)


@dataclass(frozen=True)
class Settings:
    """Everything that an installation may choose. The table in docs/exploitation.md lists it."""

    instance: Path
    database_url: str
    secret_key: str
    cookie_secure: bool  # COOKIE_SECURE=oui behind HTTPS
    fusion_annulable_jours: int  # days during which a merge can be undone (R30)
    apercus_externes_par_jour: int  # fiches of other organisations shown, per agent and day (R10)
    retrait_jours: int  # days before a removed fiche, or one without contact, is anonymised (R15)
    sans_contact_jours: int  # days after which a fiche counts as without contact (R15)
    rdv_conserves_jours: int  # days during which past RDVs are kept (R36)
    log_level: str
    adresse_publique: str  # where agents find the application; links that are printed begin with it
    frontaux: int  # how many proxies of ours stand in front; only those are believed about addresses
    envois: ReglagesEnvois


def read_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises SettingInvalid with the name of the variable at fault."""
    instance = Path(env.get("INSTANCE") or ROOT / "instance").resolve()
    instance.mkdir(parents=True, exist_ok=True)
    url = env.get("DATABASE_URL") or f"sqlite:///{instance / 'fiches.db'}"
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    return Settings(
        instance=instance,
        database_url=url,
        secret_key=env.get("SECRET_KEY") or _kept_secret(instance / "secret_key"),
        cookie_secure=_yes(env, "COOKIE_SECURE"),
        fusion_annulable_jours=_integer(env, "FUSION_ANNULABLE_JOURS", 90),
        apercus_externes_par_jour=_integer(env, "APERCUS_EXTERNES_PAR_JOUR", 50),
        retrait_jours=_integer(env, "RETRAIT_JOURS", 30),
        sans_contact_jours=_integer(env, "SANS_CONTACT_JOURS", 730),
        rdv_conserves_jours=_integer(env, "RDV_CONSERVES_JOURS", 730),
        adresse_publique=(env.get("ADRESSE_PUBLIQUE") or f"http://127.0.0.1:{env.get('PORT') or '5000'}").rstrip("/"),
        frontaux=_integer(env, "FRONTAUX", 0),
        log_level=(env.get("LOG_LEVEL") or "INFO").upper(),
        envois=_read_envois(env),
    )


def _read_envois(env: Mapping[str, str]) -> ReglagesEnvois:
    bail = _integer(env, "ENVOI_BAIL_SECONDES", 600)
    if bail < BAIL_MINIMUM:
        raise SettingInvalid(f"ENVOI_BAIL_SECONDES must be {BAIL_MINIMUM} at least: longer than the longest send")
    return ReglagesEnvois(
        smtp=_read_smtp(env),
        sms=_read_sms(env),
        bail=bail,
        avec_serveur=_yes(env, "ENVOI_AVEC_SERVEUR", "oui"),
        textes_jours=_integer(env, "MESSAGES_TEXTES_JOURS", 90),
    )


def _read_smtp(env: Mapping[str, str]) -> ReglagesSmtp | None:
    hote = env.get("SMTP_HOTE")
    if not hote:
        return None
    securite = (env.get("SMTP_SECURITE") or "starttls").lower()
    if securite not in PORTS_SMTP:
        raise SettingInvalid(f"SMTP_SECURITE must be one of {', '.join(PORTS_SMTP)}")
    utilisateur, mot_de_passe = env.get("SMTP_UTILISATEUR") or None, env.get("SMTP_MOT_DE_PASSE") or None
    if (utilisateur is None) != (mot_de_passe is None):
        raise SettingInvalid("SMTP_UTILISATEUR and SMTP_MOT_DE_PASSE go together")
    if mot_de_passe and securite == "aucune" and hote not in LOCAUX:
        raise SettingInvalid("SMTP_MOT_DE_PASSE would travel in clear: SMTP_SECURITE must be starttls or tls")
    expediteur = env.get("COURRIEL_EXPEDITEUR") or ""
    nom, _, domaine = expediteur.partition("@")
    if not (nom and domaine and expediteur.isascii() and expediteur.isprintable()) or set(expediteur) & set(' <>,;"'):
        raise SettingInvalid("COURRIEL_EXPEDITEUR must be the e-mail address that messages come from")
    port = _integer(env, "SMTP_PORT", PORTS_SMTP[securite])
    if not 0 < port < 65536:
        raise SettingInvalid("SMTP_PORT must be a port, from 1 to 65535")
    return ReglagesSmtp(hote, port, securite, utilisateur, mot_de_passe, expediteur)


def _read_sms(env: Mapping[str, str]) -> ReglagesSms | None:
    passerelle = env.get("SMS_PASSERELLE")
    if not passerelle:
        return None
    try:
        adresse = urlsplit(passerelle)
        clair = adresse.scheme == "http" and adresse.hostname in LOCAUX
        correcte = bool(adresse.hostname) and (adresse.scheme == "https" or clair) and (adresse.port or 1) > 0
    except ValueError:
        correcte = False
    if not correcte:
        raise SettingInvalid("SMS_PASSERELLE must be an https:// address (http:// on this machine only)")
    cle, expediteur = env.get("SMS_CLE"), env.get("SMS_EXPEDITEUR")
    if not cle or not expediteur:
        raise SettingInvalid("SMS_PASSERELLE needs SMS_CLE and SMS_EXPEDITEUR")
    if not (cle.isascii() and cle.isprintable()):
        raise SettingInvalid("SMS_CLE must be made of ASCII characters")
    return ReglagesSms(passerelle, cle, expediteur)


def _kept_secret(path: Path) -> str:
    """The installation's own secret, made on the first start and readable by its owner alone.

    Two processes starting at once agree: whoever creates the file first wins.
    """
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_hex(32)
        file.write(secret)
    return secret


def _integer(env: Mapping[str, str], name: str, default: int) -> int:
    try:
        value = int(env.get(name) or default)
    except ValueError:
        raise SettingInvalid(f"{name} must be a whole number") from None
    if value < 0:
        raise SettingInvalid(f"{name} must not be negative")
    return value


def _yes(env: Mapping[str, str], name: str, default: str = "non") -> bool:
    value = (env.get(name) or default).lower()
    if value not in ("oui", "non", "yes", "no", "1", "0"):
        raise SettingInvalid(f"{name} must be oui or non")
    return value in ("oui", "yes", "1")
