"""A merge is whole or is not, costs a fixed number of statements, and can be rebuilt (R30, F25, F26)."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from fiches.comptes.models import Compte
from fiches.db import transaction
from fiches.doublons.models import Doublon
from fiches.fusion import etapes, tables
from fiches.fusion.instantane import load_row
from fiches.fusion.models import Fusion, FusionEtat
from fiches.notifications import outbox
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.rules import Genre
from fiches.usagers.models import AncienContact, AncienNom, Retrait, Usager
from tests.builders import (
    MAINTENANT,
    a_contexte,
    a_lien,
    a_rdv,
    a_referent,
    a_usager,
    an_agent,
    an_organisation,
)
from tests.fusion.scene import SECRET, Scene, a_compte, a_doublon, a_scene, write

UN, DEUX = "+33611111111", "+33622222222"


# --- all or nothing, undo record, cost ------------------------------------------------------------------


def a_full_pair(scene: Scene, rdvs: int = 3) -> tuple[int, int]:
    """Two fiches with something in every table."""
    s, org, agent = scene.session, scene.org, scene.agent
    autre = an_organisation(s, territoire_id=scene.contexte.territoire_id)
    a = a_usager(s, org, nom="Durand", telephone=UN, remarques="Un", email="a@x.test", ville="Mâcon")
    b = a_usager(s, org, autre, nom="Martin", telephone=DEUX, remarques="Deux", email="b@x.test")
    p, q = (a_usager(s, org, prenom=n) for n in ("Paul", "Rose"))
    r = a_usager(s, org, prenom="Lise", email="r@x.test", telephone="+33633333333")
    a_lien(s, proche=p, responsable=a)
    a_lien(s, proche=q, responsable=b)
    a_lien(s, proche=b, responsable=r)
    a_referent(s, b, agent, org)
    a_rdv(s, org, agent, a, b, issue="vu", debut=MAINTENANT - timedelta(days=30))
    suivants = [a_rdv(s, org, agent, b, debut=MAINTENANT + timedelta(days=5 + jour)) for jour in range(rdvs)]
    suivants.append(a_rdv(s, org, agent, a, b, q, debut=MAINTENANT + timedelta(days=4)))
    with transaction(s):
        for rdv in suivants:
            outbox.announce(s, rdv, Genre.NOUVEAU, MAINTENANT)
    with transaction(s):
        deja = select(func.min(Message.id)).where(Message.genre == "nouveau", Message.canal == "email")
        s.execute(update(Message).where(Message.id.in_(deja)).values(etat="envoye", adresse="r@x.test"))
    write(scene, AdresseAVerifier(usager_id=a, canal="sms", adresse=UN, le=MAINTENANT))
    write(scene, AdresseAVerifier(usager_id=b, canal="sms", adresse=UN, le=MAINTENANT))
    for usager, service in ((a, autre), (b, an_organisation(s, territoire_id=scene.contexte.territoire_id))):
        write(scene, Retrait(usager_id=usager, organisation_id=service, le=MAINTENANT, raison="creation",
                             attache_le=MAINTENANT))  # fmt: skip
    a_compte(scene, a, f"a{a}@x.test")
    a_compte(scene, b, f"b{b}@x.test", "invite")
    write(scene, AncienNom(usager_id=b, nom="Petit", origine="changement", cree_le=MAINTENANT))
    write(scene, AncienContact(usager_id=b, genre="email", valeur="z@x.test", cree_le=MAINTENANT))
    a_doublon(scene, a, b)
    a_doublon(scene, b, p)
    return a, b


def test_F26_both_fiches_can_be_rebuilt_row_for_row_from_the_undo_record(scene):
    a, b = a_full_pair(scene)
    sans = ("mot", "suppression", "paire", "cle_exacte", "journal", "fusion", "fusion_etat")
    avant = scene.whole_base(*sans)
    fait = scene.merge(a, b)
    assert scene.whole_base(*sans) != avant
    record = {x.nom_table: x for x in scene.rows(FusionEtat, fusion_id=fait.fusion_id)}
    assert {"message", "retrait", "adresse_a_verifier", "participation"} <= record.keys()
    assert "r@x.test" not in repr(record["message"].avant)
    scene.session.rollback()
    for regle in reversed(tables.REGLES):
        if regle.nom in record:
            put_back(scene, regle, record[regle.nom].avant, (a, b))
    scene.session.commit()
    assert scene.whole_base(*sans) == avant


def put_back(scene: Scene, regle: tables.Regle, avant: list[dict[str, object]], ids: tuple[int, int]) -> None:
    """Put one table's recorded rows back, in the plainest way; rows of their own are only updated."""
    table = etapes.table_of(regle.modele)
    rows = [load_row(table, row) for row in avant]
    if regle.modele is Message:  # what was made since goes; the rest only changes: addresses are not recorded
        scene.session.execute(table.delete().where(table.c.id.not_in([row["id"] for row in rows])))
    if regle.modele in (Usager, Compte, Message):
        for row in rows:
            scene.session.execute(table.update().where(table.c.id == row["id"]).values(**row))
        return
    scene.session.execute(table.delete().where(regle.concernees(tables.Touches(ids))))
    if rows:
        scene.session.execute(table.insert(), rows)


@pytest.mark.parametrize("regle", [r.nom for r in tables.REGLES if r.etape] + ["journal"])
def test_R30_a_failure_midway_leaves_nothing(scene, regle):
    a, b = a_full_pair(scene)
    _, etat = scene.preview(a, b)
    avant = scene.whole_base()
    cible = "journal" if regle == "journal" else regle

    def fail(conn, cursor, statement, parameters, context, executemany):
        verbe = statement.split(" ", 1)[0]
        if verbe in ("UPDATE", "DELETE", "INSERT") and f" {cible} " in statement.replace("\n", " ") + " ":
            raise RuntimeError("power cut")

    engine = scene.session.get_bind()
    event.listen(engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(RuntimeError, match="power cut"):
            scene.merge(a, b, etat=etat)
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert scene.whole_base() == avant


def count_statements(scene: Scene, a: int, b: int) -> int:
    statements = []

    def note(conn, cursor, statement, parameters, context, executemany):
        statements.append(statement)

    _, etat = scene.preview(a, b)
    engine = scene.session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        scene.merge(a, b, etat=etat)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(statements)


def test_the_number_of_statements_does_not_depend_on_the_number_of_rdvs_and_messages(session):
    few, many = a_scene(session), a_scene(session)  # two territoires: the look-up index starts empty in both
    assert count_statements(few, *a_full_pair(few, rdvs=10)) == count_statements(many, *a_full_pair(many, rdvs=200))
    assert len(many.rows(Message)) > 800


def test_F25_nothing_points_at_the_absorbed_fiche_any_more(scene):
    a, b = a_full_pair(scene)
    scene.merge(a, b)
    for regle in tables.REGLES:
        if regle.etape is not None and regle.modele not in (Usager, Doublon):
            table = etapes.table_of(regle.modele)
            for colonne in regle.colonnes:
                assert not scene.session.execute(table.select().where(table.c[colonne] == b)).all(), table.name


def test_the_agent_is_an_argument_and_the_secret_too(scene):
    autre = a_contexte(scene.session, an_agent(scene.session, scene.org), scene.org)
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    _, etat = scene.preview(a, b)
    scene.contexte = autre
    scene.merge(a, b, etat=etat, secret=SECRET)
    assert scene.rows(Fusion)[0].agent_id == autre.agent.id
