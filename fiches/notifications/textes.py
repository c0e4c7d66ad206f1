"""The words of every message (PURE, R21): one place, the same for the screen and for what is sent.

Neutral words: date, time, place and the service's phone; no surname, and neither motif nor service
unless an admin allowed it for that motif. An SMS keeps to the GSM alphabet, in which a segment holds
160 characters instead of 70.
"""

from dataclasses import dataclass

from anyascii import anyascii

from fiches.dates import day_of, show_jour_semaine, show_moment
from fiches.identite import show_telephone
from fiches.notifications.rules import Avis, Canal, Genre, Raison, RdvNotifie
from fiches.usagers.rules import join_words


@dataclass(frozen=True)
class Liens:
    """The addresses that a message carries; in a preview they are not made yet."""

    annuler: str
    arreter: str
    pas_moi: str


@dataclass(frozen=True)
class Texte:
    """A message in words. `sujet` is empty for an SMS."""

    sujet: str
    corps: str


LIENS_A_VENIR = Liens("(lien personnel)", "(lien personnel)", "(lien personnel)")
LIBELLES_LIENS = {
    "annuler": "Annuler ce RDV",
    "arreter": "Ne plus recevoir ces messages",
    "pas_moi": "Ce n’est pas moi",
}
LIBELLES_GENRE = {
    Genre.NOUVEAU: "RDV pris",
    Genre.DEPLACE: "RDV déplacé",
    Genre.ANNULE: "RDV annulé",
    Genre.RAPPEL: "Rappel",
}
LIBELLES_CANAL = {Canal.EMAIL: "e-mail", Canal.SMS: "SMS"}
RAISONS = {
    Raison.NON_NOTIFIE: "ce motif n’est pas notifié",
    Raison.INVISIBLE: "ce motif est invisible : rien n’est jamais envoyé",
    Raison.NE_PAS_PREVENIR: "« ne pas prévenir » est coché pour ce RDV",
    Raison.PASSE: "le RDV est passé",
    Raison.DECEDE: "décès enregistré",
    Raison.REFUSE: "refusé dans ses préférences",
    Raison.SANS_ADRESSE: "aucune adresse",
    Raison.FIXE: "téléphone fixe, sans SMS",
    Raison.A_VERIFIER: "adresse à vérifier : quelqu’un a répondu « Ce n’est pas moi »",
    Raison.MEME_ADRESSE: "même adresse qu’une autre personne de ce RDV, un seul message part",
    Raison.ANNULE: "le RDV a été annulé",
    Raison.DEPLACE: "le RDV a été déplacé",
    Raison.PLUS_CONCERNE: "n’est plus concerné par ce RDV",
    Raison.EFFACE: "la fiche a été effacée",
    Raison.DOUBLE: "prévu deux fois pour la même personne, un seul message part",
    Raison.DEJA_DIT: "déjà envoyé à cette personne",
}
SANS_ADRESSE = {Canal.EMAIL: "aucune adresse e-mail", Canal.SMS: "aucun téléphone"}

_SUJETS = {
    Genre.NOUVEAU: "Rendez-vous le {jour}",
    Genre.DEPLACE: "Rendez-vous déplacé au {jour}",
    Genre.ANNULE: "Rendez-vous du {jour} annulé",
    Genre.RAPPEL: "Rappel : rendez-vous le {jour}",
}
_PHRASES = {
    Genre.NOUVEAU: "Un rendez-vous est prévu{qui} le {moment}.",
    Genre.DEPLACE: "Le rendez-vous{qui} est déplacé. Il aura lieu le {moment}.",
    Genre.ANNULE: "Le rendez-vous{qui} du {moment} est annulé.",
    Genre.RAPPEL: "Rappel : un rendez-vous est prévu{qui} le {moment}.",
}
_GSM = {"’": "'", "\u00a0": " ", "«": '"', "»": '"', "–": "-", "œ": "oe", "ê": "e", "â": "a", "î": "i", "ô": "o"} | {
    "û": "u", "ë": "e", "ï": "i", "ç": "c", "À": "A", "È": "E", "Ê": "E", "Î": "I", "Ô": "O", "…": "...",
}  # fmt: skip
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)  # ETSI TS 123 038, basic table and extension


def explain(raison: Raison, canal: Canal) -> str:
    """Why somebody is not told, in words."""
    return SANS_ADRESSE[canal] if raison is Raison.SANS_ADRESSE else RAISONS[raison]


def write_message(genre: Genre, rdv: RdvNotifie, avis: Avis, liens: Liens = LIENS_A_VENIR) -> Texte:
    """What this person receives by this channel."""
    lignes = _facts(genre, rdv, avis)
    if avis.canal is Canal.SMS:
        pied = [f"Annuler ce RDV : {liens.annuler}"] if genre is not Genre.ANNULE else []
        pied += [f"Ne plus recevoir : {liens.arreter}", f"Ce n'est pas moi : {liens.pas_moi}"]
        return Texte("", to_gsm("\n".join((*lignes, *pied))))
    corps = ["Bonjour,", "", *lignes, ""]
    if genre is not Genre.ANNULE:
        corps.append(f"{LIBELLES_LIENS['annuler']} : {liens.annuler}")
    corps += [f"{LIBELLES_LIENS['arreter']} : {liens.arreter}", f"{LIBELLES_LIENS['pas_moi']} : {liens.pas_moi}"]
    return Texte(_SUJETS[genre].format(jour=show_jour_semaine(day_of(rdv.debut))), "\n".join(corps))


def _facts(genre: Genre, rdv: RdvNotifie, avis: Avis) -> list[str]:
    """Date, time, place, phone: what a message may say and nothing more."""
    phrase = _PHRASES[genre].format(qui=_for_whom(avis), moment=show_moment(rdv.debut))
    lignes = [phrase]
    if genre is not Genre.ANNULE and rdv.lieu:
        lignes.append(f"Lieu : {rdv.lieu}")
    if rdv.motif:
        lignes.append(f"Motif : {rdv.motif}")
    if rdv.service:
        lignes.append(f"Service : {rdv.service}")
    if rdv.telephone:
        lignes.append(f"Téléphone du service : {show_telephone(rdv.telephone)}")
    return lignes


def _for_whom(avis: Avis) -> str:
    """« pour Léonie, Hugo et Zoé »: first names of proches only; nothing when it is about oneself."""
    if any(c.usager_id == avis.destinataire.usager_id for c in avis.pour):
        return ""
    prenoms = [c.prenom or "votre proche" for c in avis.pour]
    return f" pour {join_words(prenoms)}" if prenoms else ""


def to_gsm(texte: str) -> str:
    """The text in the GSM alphabet: what it lacks is written with the nearest letters, or left out."""
    lettres = (_GSM.get(c, c) for c in texte)
    proches = (c if set(c) <= GSM_7 else anyascii(c) for c in lettres)
    return "".join(c for morceau in proches for c in morceau if c in GSM_7)


def show_when(rdv: RdvNotifie) -> str:
    """« mercredi 2 décembre 2026 à 9 h 30, 30 min »."""
    return f"{show_moment(rdv.debut)}, {rdv.duree} min"
