"""The story that the demonstration tells: services, agents, one family, and what surrounds it (PURE)."""

from dataclasses import dataclass
from datetime import date, time

from fiches.demo.personnes import Enregistrement

MOT_DE_PASSE = "demonstration"
CHALON, MACON, DOLE = "MDS Chalon", "PMI Mâcon", "MDS Dole"
TERRITOIRES = {"Saône-et-Loire (démonstration)": (CHALON, MACON), "Jura (démonstration)": (DOLE,)}
COMMUNES_JURA = (("39100", "Dole"), ("39100", "Foucherans"), ("39500", "Tavaux"), ("39700", "Orchamps"))

AGENT, ADMIN, VOISIN, AILLEURS = "agent@demo.test", "admin@demo.test", "voisin@demo.test", "ailleurs@demo.test"
# e-mail → (name, organisations with the role there; the first one is where sign-in leads)
AGENTS = {
    AGENT: ("Camille Roy", ((CHALON, "agent"),)),
    ADMIN: ("Dominique Perret", ((CHALON, "admin"), (MACON, "agent"))),
    VOISIN: ("Karima Lacroix", ((MACON, "agent"),)),
    AILLEURS: ("Sébastien Vuillemin", ((DOLE, "agent"),)),
}
AGENTS_DE = {CHALON: (AGENT, ADMIN), MACON: (VOISIN, ADMIN), DOLE: (AILLEURS,)}

# (name, visibility of R17)
_MOTIFS_MDS = (
    ("Accompagnement social", "visible_notifie"),
    ("Ouverture de droits", "visible_notifie"),
    ("Demande de logement", "visible_notifie"),
    ("Étude de dossier", "visible"),
    ("Entretien confidentiel", "invisible"),
)
MOTIFS = {
    CHALON: _MOTIFS_MDS,
    MACON: (
        ("Consultation de nourrisson", "visible_notifie"),
        ("Vaccination", "visible_notifie"),
        ("Pesée", "visible"),
        ("Planification familiale", "invisible"),
    ),
    DOLE: _MOTIFS_MDS,
}
LIEUX = {
    CHALON: (("Accueil de Chalon", "12 place de Beaune, 71100 Chalon-sur-Saône"), ("Permanence de Givry", None)),
    MACON: (("PMI de Mâcon", "3 rue des Minimes, 71000 Mâcon"),),
    DOLE: (("Accueil de Dole", "8 avenue Eisenhower, 39100 Dole"),),
}
# Numbers kept for fiction; each service says its own in its messages (R21).
TELEPHONES = {CHALON: "+33353010101", MACON: "+33353010102", DOLE: "+33353010103"}
DUREES = {"Accompagnement social": 45, "Vaccination": 20, "Pesée": 15}  # minutes; others take 30

# Free créneaux of the coming weeks: (organisation, agent, motif, lieu, days of the week, from, to, minutes)
CRENEAUX = (
    (CHALON, AGENT, "Ouverture de droits", "Accueil de Chalon", (0, 2), time(9), time(11), 30),
    (CHALON, AGENT, "Accompagnement social", "Permanence de Givry", (3,), time(14), time(16, 30), 45),
    (CHALON, ADMIN, "Demande de logement", "Accueil de Chalon", (1,), time(14), time(16), 30),
    (MACON, VOISIN, "Vaccination", "PMI de Mâcon", (2, 4), time(14), time(16), 20),
    (MACON, ADMIN, "Consultation de nourrisson", "PMI de Mâcon", (3,), time(9), time(12), 30),
)
SEMAINES_DE_CRENEAUX = 4
REMARQUES = (
    "Préfère les rendez-vous le matin.",
    "Se déplace en bus, prévoir un horaire compatible.",
    "Parle peu français, vient accompagnée de sa sœur.",
    "Dossier de surendettement déposé à la Banque de France.",
    "Attend une réponse de la CAF.",
    "Joindre de préférence après 17 h.",
    "A demandé une aide pour la cantine.",
    "En attente d’un logement adapté.\nDemande renouvelée en mars.",
    "Changement d’adresse annoncé pour le mois prochain.",
    "Carte d’identité perdue, récépissé présenté.",
)
FAMILLE = 3  # ranks 0, 1, 2: usager@demo.test and the two proches


@dataclass(frozen=True)
class Preference:
    """Both switches as the usager set them (R18)."""

    email: bool
    sms: bool


def make_famille(aujourdhui: date) -> list[Enregistrement]:
    """The fiche that usager@demo.test opens, then its two proches."""
    annee = aujourdhui.year
    claire = Enregistrement(
        rang=0,
        personne=0,
        foyer=0,
        sexe="f",
        prenom="Claire",
        nom="Montagny",
        nom_naissance="Berthelier",
        date_naissance=f"{annee - 36}-05-17",
        email="usager@demo.test",
        telephone="+33639981234",
        adresse="14 rue de la Citadelle",
        code_postal="71100",
        ville="Chalon-sur-Saône",
        caisse_affiliation="CAF",
        numero_allocataire="4418207",
        situation_familiale="divorcé",
        nombre_enfants=2,
        logement="locataire",
    )
    enfants = [
        Enregistrement(
            rang=rang,
            personne=rang,
            foyer=0,
            sexe=sexe,
            prenom=prenom,
            nom="Montagny",
            date_naissance=f"{annee - age}-{jour}",
            adresse=claire.adresse,
            code_postal=claire.code_postal,
            ville=claire.ville,
            responsable=0,
        )
        for rang, (prenom, sexe, age, jour) in enumerate((("Léonie", "f", 9, "02-11"), ("Hugo", "m", 5, "08-30")), 1)
    ]
    return [claire, *enfants]
