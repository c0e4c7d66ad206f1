"""Settings, read once from the environment, typed and checked when the application starts."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SettingInvalid(ValueError):
    """An environment variable holds something that cannot be used; the message names it."""


@dataclass(frozen=True)
class Settings:
    """Everything that an installation may choose. The table in docs/exploitation.md lists it."""

    instance: Path
    database_url: str
    secret_key: str
    cookie_secure: bool  # COOKIE_SECURE=oui behind HTTPS
    fusion_annulable_jours: int  # days during which a merge can be undone (R30)
    apercus_externes_par_jour: int  # fiches of other organisations shown, per agent and day (R10)
    log_level: str
    adresse_publique: str  # where agents find the application; links that are printed begin with it
    frontaux: int  # how many proxies of ours stand in front; only those are believed about addresses


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
        adresse_publique=(env.get("ADRESSE_PUBLIQUE") or f"http://127.0.0.1:{env.get('PORT') or '5000'}").rstrip("/"),
        frontaux=_integer(env, "FRONTAUX", 0),
        log_level=(env.get("LOG_LEVEL") or "INFO").upper(),
    )


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


def _yes(env: Mapping[str, str], name: str) -> bool:
    value = (env.get(name) or "non").lower()
    if value not in ("oui", "non", "yes", "no", "1", "0"):
        raise SettingInvalid(f"{name} must be oui or non")
    return value in ("oui", "yes", "1")
