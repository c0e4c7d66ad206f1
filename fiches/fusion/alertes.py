"""Signs that the two fiches are two people: a second confirmation is asked for (PURE, F8, F14, F17)."""

from collections.abc import Iterator

from fiches import identite
from fiches.doublons.comparisons import (
    PROCHES,
    Niv,
    compare_births,
    compare_emails,
    compare_first_names,
    compare_phones,
    compare_surnames,
    read_name,
)
from fiches.fusion.deces import ALERTE, death_differs
from fiches.fusion.etat import FicheLue, Lecture
from fiches.fusion.liens import own_responsable
from fiches.fusion.rdvs import find_overlaps
from fiches.usagers.champs import Valeur
from fiches.usagers.rules import show_naissance

MEME_PRENOM = (Niv.EGAL, Niv.SON, Niv.SURNOM)
RIEN_EN_COMMUN = (
    "Les noms n’ont rien en commun, et ni la date de naissance, ni l’e-mail, ni le téléphone ne sont les mêmes."
)


def find_alertes(lecture: Lecture) -> tuple[str, ...]:
    """The warnings in words, strongest first; empty when nothing speaks against the merge."""
    return tuple(_alertes(lecture))


def _alertes(lecture: Lecture) -> Iterator[str]:
    a, b = lecture.a.valeurs, lecture.b.valeurs
    na, nb = a["date_naissance"], b["date_naissance"]
    if _nothing_in_common(lecture):
        yield RIEN_EN_COMMUN
    if na is not None and nb is not None and not _compatible(str(na), str(nb)):
        yield f"Les dates de naissance diffèrent : {show_naissance(str(na))} et {show_naissance(str(nb))}."
    if na is not None and na == nb and _same_surname(lecture) and not _first_names_agree(a["prenom"], b["prenom"]):
        yield "Même nom et même date de naissance, mais prénoms différents : des jumeaux ?"
    if _linked(lecture):
        yield "L’une est le proche de l’autre : ce lien sera retiré, personne n’est son propre responsable."
    ra, rb = own_responsable(lecture, "a"), own_responsable(lecture, "b")
    if ra is not None and rb is not None and ra.autre.id == rb.autre.id:
        pro = "professionnel" in (ra.nature, rb.nature)
        question = "deux personnes qu’il accompagne ?" if pro else "frères et sœurs ?"
        yield f"Les deux fiches ont le même responsable, {ra.autre.nom} : {question}"
    if communs := find_overlaps(lecture):
        yield _show_overlaps([(p, q) for p, q in ((x.libelle, y.libelle) for x, y in communs)])
    if death_differs(lecture):
        yield ALERTE
    if lecture.ecarte is not None:
        raison = f" (« {lecture.ecarte.raison} »)" if lecture.ecarte.raison else ""
        yield f"Il a été décidé que ces deux fiches ne sont pas un doublon{raison}."


def _nothing_in_common(lecture: Lecture) -> bool:
    """Whether neither any name, former ones included, nor birth date, e-mail or phone brings the two
    together. A name that is missing brings nobody closer."""
    a, b = lecture.a, lecture.b
    if any(_close(x, y) for x in _names(a) for y in _names(b)):
        return False
    naissances = [None if (v := f.valeurs["date_naissance"]) is None else str(v) for f in (a, b)]
    emails, telephones = (
        [[str(v) for n in noms if (v := f.valeurs[n]) is not None] for f in (a, b)]
        for noms in (("email",), ("telephone", "telephone_2"))
    )
    return Niv.EGAL not in (compare_births(*naissances), compare_emails(*emails), compare_phones(*telephones))


def _names(fiche: FicheLue) -> list[str]:
    actuels = [str(v) for n in ("prenom", "nom", "nom_naissance") if (v := fiche.valeurs[n]) is not None]
    return actuels + [nom for ancien in fiche.anciens_noms for nom in (ancien.prenom, ancien.nom) if nom]


def _close(x: str, y: str) -> bool:
    """Whether two names may be one, in whichever field they were typed."""
    lus = read_name(x), read_name(y)
    return compare_surnames(*lus) in PROCHES or compare_first_names(*lus) in PROCHES


def _compatible(na: str, nb: str) -> bool:
    """Whether one date may be a part of the other: 1984 and 14/03/1984 do not contradict."""
    return na == nb or na.startswith(f"{nb}-") or nb.startswith(f"{na}-")


def _same_surname(lecture: Lecture) -> bool:
    noms = [{identite.compact(str(v)) for n in ("nom", "nom_naissance") if (v := f.valeurs[n]) is not None}
            for f in (lecture.a, lecture.b)]  # fmt: skip
    return bool(noms[0] & noms[1])


def _first_names_agree(a: Valeur, b: Valeur) -> bool:
    """Whether two first names may be one person's: written or said alike, a nickname, or one within
    the other. Léa and Léo, Jean-Paul and Jean-Pierre are not: twins have such names."""
    if a is None or b is None:
        return True
    if compare_first_names(read_name(str(a)), read_name(str(b))) in MEME_PRENOM:
        return True
    mots = set(identite.normal(str(a)).split()), set(identite.normal(str(b)).split())
    return mots[0] <= mots[1] or mots[1] <= mots[0]


def _linked(lecture: Lecture) -> bool:
    return any(
        fiche.responsable is not None and fiche.responsable.autre.id == autre.id
        for fiche, autre in ((lecture.a, lecture.b), (lecture.b, lecture.a))
    )


def _show_overlaps(paires: list[tuple[str, str]]) -> str:
    lisible = next(((p, q) for p, q in paires if p and q), None)
    exemple = f" : {lisible[0]} et {lisible[1]}" if lisible else ""
    combien = "un RDV différent" if len(paires) == 1 else f"{len(paires)} RDV différents"
    return f"Les deux fiches ont {combien} au même moment{exemple}."
