"""Every table that points at an usager, with what a merge and its undo do to it (F18, F19).

A test walks the schema and fails when a foreign key to usager is missing here: whoever adds
a table decides, in this file, what becomes of its rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_

from fiches.comptes.models import AccesCompte, Compte
from fiches.db import Base
from fiches.doublons.models import CleExacte, Doublon, Paire
from fiches.fusion import etapes
from fiches.fusion.etapes import Execution, table_of
from fiches.fusion.models import Fusion
from fiches.journal.models import EntreeJournal
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation
from fiches.usagers.models import AncienContact, AncienNom, Rattachement, Referent, Remarque, Retrait, Usager

REMETTRE = "the rows recorded before come back to their former owner; those made since stay on the kept fiche"


@dataclass(frozen=True)
class Touches:
    """What a merge may write to: both fiches, their comptes, and the RDVs whose outbox is brought in
    line, where the responsables' messages change too."""

    usagers: tuple[int, int]
    comptes: tuple[int, ...] = ()
    rdvs: tuple[int, ...] = ()


@dataclass(frozen=True)
class Regle:
    """One table. `colonnes` point at usager. `etape` carries out the merge, None when nothing is
    written; `recopiee`: its rows go into the undo record, without the columns in `tues`."""

    modele: type[Base]
    colonnes: tuple[str, ...]
    fusion: str
    annulation: str
    etape: Callable[[Execution], None] | None = None
    recopiee: bool = True
    tues: tuple[str, ...] = ()

    @property
    def nom(self) -> str:
        """The table's name."""
        return table_of(self.modele).name

    def concernees(self, touches: Touches) -> ColumnElement[bool]:
        """Which rows the merge may touch."""
        table = table_of(self.modele)
        if self.modele is Compte:
            return table.c.id.in_(touches.comptes)
        colonnes = ("id", *self.colonnes) if self.modele is Usager else self.colonnes
        toutes = [table.c[c].in_(touches.usagers) for c in colonnes]
        if self.modele is Message:
            toutes.append(table.c.rdv_id.in_(touches.rdvs))
        return or_(*toutes)


# In the order of writing: values first, then what hangs on the fiche.
REGLES: tuple[Regle, ...] = (
    Regle(
        Usager,
        ("fusionne_vers_id",),
        "the survivor takes the planned values, the other becomes a pointer; chains are flattened",
        "field by field: untouched since → as before, edited since → stays and is shown (F29)",
        etapes.write_usagers,
    ),
    Regle(
        Rattachement,
        ("usager_id",),
        "union; in one organisation the older one stays",
        REMETTRE,
        etapes.move_rattachements,
    ),
    Regle(Referent, ("usager_id",), "union", REMETTRE, etapes.move_referents),
    Regle(
        Remarque,
        ("usager_id",),
        "each organisation keeps its own; within one, both are joined with their dates",
        "as before when untouched since, else the text of now stays on the kept fiche and the other gets its own",
        etapes.write_remarques,
    ),
    Regle(
        LienProche,
        ("proche_id", "responsable_id"),
        "one responsable, all proches, no link to oneself",
        REMETTRE,
        etapes.move_liens,
    ),
    Regle(
        Participation,
        ("usager_id",),
        "re-pointed; a common RDV keeps one, with the outcome chosen",
        REMETTRE,
        etapes.move_participations,
    ),
    Regle(AccesCompte, ("usager_id",), "the compte that stays opens the survivor", REMETTRE, etapes.move_comptes),
    Regle(
        Compte,
        (),
        "the compte that does not stay is closed when it opens nothing else (written with its access)",
        "opened again unless its e-mail was taken since (F30)",
        tues=("email", "mot_de_passe"),  # never changed by a merge, and no secret belongs in a record
    ),
    Regle(
        AncienNom,
        ("usager_id",),
        "union, and the names given up",
        "rows made by the merge go, the others return",
        etapes.write_anciens_noms,
    ),
    Regle(
        AncienContact,
        ("usager_id",),
        "union, and the addresses given up",
        "rows made by the merge go, the others return",
        etapes.write_anciens_contacts,
    ),
    Regle(
        Retrait,
        ("usager_id",),
        "union; in one organisation the survivor's stays, and none where the result is attached",
        REMETTRE,
        etapes.move_retraits,
    ),
    Regle(AdresseAVerifier, ("usager_id",), "union", REMETTRE, etapes.move_adresses_a_verifier),
    Regle(
        Message,
        ("usager_id",),
        "re-pointed; of two that say the same one stays; then in line with who is told now (F24)",
        "those that still wait return with their RDV, sent ones too; nothing is sent again (F31)",
        etapes.move_messages,
        tues=("adresse", "sujet", "texte"),  # erased after 90 days, sooner than the record
    ),
    Regle(
        Doublon,
        ("usager_a_id", "usager_b_id"),
        "the pair leaves, pairs with the absorbed fiche become the survivor's, decisions carry over",
        "pairs return to their owner; the pair itself is set aside (F31)",
        etapes.move_doublons,
    ),
    Regle(
        Paire,
        ("usager_id",),
        "look-up keys, worked out again from both fiches by reindex",
        "worked out again by reindex",
        recopiee=False,
    ),
    Regle(
        CleExacte,
        ("usager_id",),
        "look-up keys, worked out again from both fiches by reindex",
        "worked out again by reindex",
        recopiee=False,
    ),
    Regle(
        EntreeJournal,
        ("usager_id",),
        "never rewritten: lines keep the id they were written for, the kept fiche shows them too",
        "nothing to do",
        recopiee=False,
    ),
    Regle(
        Fusion,
        ("survivant_id", "absorbe_id"),
        "history: names the two ids of the moment",
        "the row is marked as undone",
        recopiee=False,
    ),
)
