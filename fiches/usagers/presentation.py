"""How stored values and codes are put into words (PURE)."""

from fiches.identite import show_telephone
from fiches.usagers.champs import CHAMP
from fiches.usagers.rules import RAISONS_R10, show_naissance

# What a fiche protégée shows to its référents alone (R11).
CONTACTS_ET_LIEUX = ("telephone", "telephone_2", "email", "adresse", "complement_adresse", "code_postal", "ville")

ACTES = {
    "creation": "Fiche créée",
    "import": "Fiche importée",
    "modification": "Fiche modifiée",
    "rattachement": "Rattachée au service",
    "retrait": "Retirée du service",
    "reprise": "Reprise par le service",
    "sans_contact": "Sans contact depuis longtemps : sera effacée",
    "garde": "Gardée",
    "deces": "Décès enregistré",
    "deces_annule": "Décès annulé",
    "responsable_efface": "Son responsable a été effacé",
    "effacement": "Fiche anonymisée",
    "protection": "Protection changée",
    "lecture": "Fiche protégée consultée",
    "apercu": "Montrée à un autre service",
    "referents": "Référents changés",
    "lien": "Reliée à une autre fiche",
    "lien_retire": "Lien avec une autre fiche retiré",
    "lien_confirme": "Lien avec une autre fiche confirmé",
    "fusion": "Fusion de fiches",
    "rdv_excuse_usager": "RDV annulé par le lien d’un message",
    "desabonnement": "L’usager ne veut plus recevoir ces messages",
    "pas_moi": "« Ce n’est pas moi » : adresse à vérifier",
    "rdv_pris": "RDV pris",
    "rdv_deplace": "RDV déplacé ou modifié",
    "rdv_annule": "RDV annulé par le service",
    "rdv_statut": "Statut d’un RDV noté",
    "message_renvoye": "Message renvoyé",
    "adresse_verifiee": "Adresse vérifiée avec la personne",
    "correspondance": "Ressemblance avec une saisie",
}

RAISONS_RATTACHEMENT = dict(
    zip(RAISONS_R10, ("L’usager le demande", "Orienté par un autre service", "Accueil commun"), strict=True)
)

_CHAMPS = {
    "notif_email": "notification par e-mail",
    "notif_sms": "notification par SMS",
    "prenom_pas_encore_donne": "prénom à venir",
    "nom_unique": "nom unique",
    "email_tiers": "adresse d’un tiers",
}


def show_acte(acte: str) -> str:
    """An act of the journal in words."""
    return ACTES.get(acte, acte)


def show_champs(champs: tuple[str, ...]) -> str:
    """The names of fields in words, in one line."""
    return ", ".join(CHAMP[nom].libelle.lower() if nom in CHAMP else _CHAMPS.get(nom, nom) for nom in champs)


def show_value(nom: str, valeur: object) -> str:
    """A stored value as it is read and typed: dates as jj/mm/aaaa, phones in pairs, '' for none."""
    if valeur is None:
        return ""
    if nom == "date_naissance":
        return show_naissance(str(valeur))
    if nom in ("telephone", "telephone_2"):
        return show_telephone(str(valeur))
    return str(valeur)


def show_deces(enregistre: bool, rdvs: int, annules: int, perdus: int = 0) -> str:
    """What recording a death, or taking it back, did, in a sentence or two."""
    if enregistre:
        suite = {0: "Aucun RDV n’était prévu.", 1: "La personne n’est plus attendue à un RDV."}
        texte = suite.get(rdvs, f"La personne n’est plus attendue à {rdvs} RDV.")
        if annules:
            texte += (
                f" {annules} n’ont plus personne et sont annulés."
                if annules > 1
                else (" Un n’a plus personne et est annulé." if rdvs > 1 else " Il n’a plus personne et est annulé.")
            )
        return f"Le décès est enregistré. {texte} Personne n’est prévenu."
    texte = {0: "", 1: " Un RDV à venir est remis."}.get(rdvs, f" {rdvs} RDV à venir sont remis.")
    if perdus:
        texte += (
            " Un RDV reste annulé : son heure a été prise."
            if perdus == 1
            else (f" {perdus} RDV restent annulés : leur heure a été prise.")
        )
    return f"Le décès est annulé.{texte}"
