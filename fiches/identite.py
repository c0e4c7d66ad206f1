"""What makes two writings of a name, a date, a phone or an e-mail the same (PURE).

This is the one definition of "written alike". The forms clean what is typed with it (R3),
the matching compares with it (R6), the merge judges equality with it (F3). A value that is
refused raises `SaisieRefusee`, whose text is the sentence shown beside the field.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache

import email_validator
import phonenumbers
from anyascii import anyascii
from email_validator import EmailNotValidError, validate_email

# E-mails are judged by syntax alone, domains kept for tests and documents included (R3).
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

# National numbers of the overseas territories look like those of the mainland (0692… is La
# Réunion). A number that is no valid mainland number is tried in each of these.
REGIONS_OUTRE_MER = ("GP", "MQ", "GF", "RE", "YT", "PM")

AGE_MAXIMAL = 130  # years; R3

# Marks that turn the direction of writing: in a name they could disguise it.
SENS_ECRITURE = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


class SaisieRefusee(ValueError):
    """A typed value cannot be kept; the message is French and goes beside the field."""


# --- text -----------------------------------------------------------------------------


def clean_text(brut: str | None, maximum: int, *, multiline: bool = False) -> str | None:
    """The typed text with spaces collapsed and Unicode composed, or None when empty.

    Raises SaisieRefusee for control characters, lone surrogates and text over `maximum`
    characters. With `multiline`, line feeds are kept (and CR LF becomes LF).
    """
    if brut is None:
        return None
    if any(0xD800 <= ord(c) <= 0xDFFF for c in brut):
        raise SaisieRefusee("Ce texte contient un caractère illisible.")
    texte = unicodedata.normalize("NFC", brut)
    if multiline:
        texte = texte.replace("\r\n", "\n").replace("\r", "\n")
        texte = "\n".join(" ".join(re.split(r"[ \t\u00a0]+", ligne)).strip() for ligne in texte.split("\n"))
        texte = texte.strip("\n ")
    else:
        texte = _SPACES.sub(" ", texte).strip()
    if any((unicodedata.category(c) == "Cc" and c != "\n") or c in SENS_ECRITURE for c in texte):
        raise SaisieRefusee("Ce texte contient un caractère de contrôle : retapez-le.")
    if len(texte) > maximum:
        raise SaisieRefusee(f"Ce texte est trop long : {maximum} caractères au plus.")
    return texte or None


@lru_cache(maxsize=16384)
def normal(texte: str | None) -> str:
    """The normal form of a text: ASCII, lower case, every run of other signs one space.

    Ligatures and letters of other scripts are transliterated (œ → oe, Ł → l). Idempotent.
    """
    if not texte:
        return ""
    return _NOT_WORD.sub(" ", anyascii(texte).lower()).strip()


def compact(texte: str | None) -> str:
    """The normal form without spaces: « Le Goff », « LEGOFF » and « le-goff » are one."""
    return normal(texte).replace(" ", "")


# --- birth dates ----------------------------------------------------------------------

_DATE_ISO = re.compile(r"^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$")
_DATE_FR = re.compile(r"^(?:(?:(\d{1,2})[/. -])?(\d{1,2})[/. -])?(\d{4})$")
_DATE_COURTE = re.compile(r"^(\d{1,2})[/. -](\d{1,2})[/. -](\d{2})$")
_DATE_EN_LETTRES = re.compile(r"^(?:(\d{1,2})(?:er)? )?([a-z]+) (\d{4})$")
MOIS = [
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
]
_DATE_SERREE = re.compile(r"^(\d{2})(\d{2})(\d{4})$")


def parse_date_naissance(brut: str | None, aujourdhui: date) -> str | None:
    """A birth date as ISO text with its precision: '1984-03-14', '1984-03' or '1984' (R3).

    Accepts jj/mm/aaaa (also with dots, dashes or nothing between), jj/mm/aa where only one
    century is possible, « 7 octobre 1982 », mm/aaaa, aaaa, zeros for the unknown parts, and ISO.
    Raises SaisieRefusee when the date does not exist, is in the future or over 130 years ago.
    """
    texte = clean_text(brut, 40)
    if texte is None:
        return None
    if trouve := _DATE_ISO.match(texte):
        annee, mois, jour = (int(p or 0) for p in trouve.groups())
    elif (trouve := _DATE_EN_LETTRES.match(normal(texte))) and trouve[2] in MOIS:
        jour, mois, annee = int(trouve[1] or 0), MOIS.index(trouve[2]) + 1, int(trouve[3])
    elif trouve := _DATE_COURTE.match(texte):
        jour, mois, annee = (int(p) for p in trouve.groups())
        if annee <= aujourdhui.year % 100:
            raise SaisieRefusee("Écrivez l’année en quatre chiffres : ici, deux siècles sont possibles.")
        annee += 1900
    elif trouve := _DATE_SERREE.match(texte) or _DATE_FR.match(texte):
        jour, mois, annee = (int(p or 0) for p in trouve.groups())
    else:
        raise SaisieRefusee(
            "Date illisible : écrivez jj/mm/aaaa, par exemple 14/03/1984, "
            "ou seulement l’année si le jour n’est pas connu."
        )
    if jour and not mois:
        raise SaisieRefusee("Il manque le mois de cette date.")
    try:
        premier = date(annee, mois or 1, jour or 1)
    except ValueError:
        raise SaisieRefusee("Cette date n’existe pas.") from None
    if premier > aujourdhui:
        raise SaisieRefusee("Cette date est dans le futur.")
    if aujourdhui.year - annee > AGE_MAXIMAL:
        raise SaisieRefusee(f"Cette date remonte à plus de {AGE_MAXIMAL} ans.")
    if not mois:
        return f"{annee:04d}"
    return f"{annee:04d}-{mois:02d}" + (f"-{jour:02d}" if jour else "")


def age_on(naissance: str | None, aujourdhui: date) -> int | None:
    """Full years reached on `aujourdhui`; None unless the whole birth date is known."""
    if naissance is None or len(naissance) != 10:
        return None
    annee, mois, jour = (int(p) for p in naissance.split("-"))
    return aujourdhui.year - annee - ((aujourdhui.month, aujourdhui.day) < (mois, jour))


def swap_day_month(naissance: str | None) -> str | None:
    """The full birth date with day and month exchanged, None when that is no other date."""
    if naissance is None or len(naissance) != 10:
        return None
    annee, mois, jour = naissance.split("-")
    return f"{annee}-{jour}-{mois}" if int(jour) <= 12 and jour != mois else None


# --- phones ---------------------------------------------------------------------------


def parse_telephone(brut: str | None) -> str | None:
    """A phone in E.164, France and its overseas territories by default (R3).

    Refused only when it cannot be read or has an impossible length, never for its range.
    """
    texte = clean_text(brut, 60)
    if texte is None:
        return None
    try:
        if re.search(r"[^\W\d_]", texte):  # letters would be dialled as digits, an extension dropped
            raise phonenumbers.NumberParseException(0, "letters")
        numero = phonenumbers.parse(texte, "FR")
        if numero.extension:
            raise phonenumbers.NumberParseException(0, "extension")
    except phonenumbers.NumberParseException:
        raise SaisieRefusee("Numéro illisible : écrivez par exemple 06 12 34 56 78.") from None
    if not phonenumbers.is_possible_number(numero):
        raise SaisieRefusee("Ce numéro n’a pas le bon nombre de chiffres.")
    if not texte.startswith(("+", "00")) and not phonenumbers.is_valid_number(numero):
        for region in REGIONS_OUTRE_MER:
            autre = phonenumbers.parse(texte, region)
            if phonenumbers.is_valid_number(autre):
                numero = autre
                break
    return phonenumbers.format_number(numero, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4096)
def show_telephone(e164: str | None) -> str:
    """A stored phone as it is read aloud: national form for France, else international."""
    if not e164:
        return ""
    try:
        numero = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    national = numero.country_code == 33
    forme = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(numero, forme)


def key_telephone(e164: str | None) -> str:
    """The key under which equal phones meet: the last eight digits, '' when there is none."""
    return re.sub(r"\D", "", e164 or "")[-8:]


# --- e-mails --------------------------------------------------------------------------


def parse_email(brut: str | None) -> str | None:
    """An e-mail address, stripped and lower-cased, judged by its syntax alone (R3)."""
    texte = clean_text(brut, 320)
    if texte is None:
        return None
    try:
        valide = validate_email(texte.lower(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise SaisieRefusee("Adresse e-mail incorrecte : elle s’écrit comme nom@exemple.fr.") from None
    return valide.normalized.lower()


def key_email(email: str | None) -> str:
    """The key under which equal mailboxes meet: local part without +tag, letters and digits,
    then @ and the domain; '' when there is none."""
    local, _, domaine = (email or "").lower().partition("@")
    if not domaine:
        return ""
    local = _NOT_WORD.sub("", anyascii(local.partition("+")[0]).lower())
    return f"{local}@{domaine}"


def mask_telephone(e164: str | None) -> str:
    """A phone of which only first and last pairs are readable: « 06 •• •• •• 44 » (R5)."""
    montre = show_telephone(e164)
    chiffres = re.sub(r"\D", "", montre)
    if len(chiffres) < 6:
        return "••" if montre else ""
    debut = montre.split(" ")[0]
    return f"{debut} •• •• •• {chiffres[-2:]}"


def mask_email(email: str | None) -> str:
    """An e-mail of which only the first letter and the domain are readable (R5)."""
    if not email:
        return ""
    local, _, domaine = email.partition("@")
    return f"{local[:1]}•••@{domaine}"


_SANS_SMS = frozenset(
    (
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.VOIP,
        phonenumbers.PhoneNumberType.UAN,
        phonenumbers.PhoneNumberType.PAGER,
        phonenumbers.PhoneNumberType.VOICEMAIL,
    )
)


def takes_sms(e164: str) -> bool:
    """Whether a message can be sent to this number: not to one known as a landline or a service's (R19).

    A number whose range nobody knows is tried, as R3 accepts it. Numbering plans are phonenumbers'.
    """
    try:
        return phonenumbers.number_type(phonenumbers.parse(e164)) not in _SANS_SMS
    except phonenumbers.NumberParseException:
        return False
