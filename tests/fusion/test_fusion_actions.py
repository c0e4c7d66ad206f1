"""Carrying out a merge on a real base: everything moves, all or nothing (R29, R30)."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from fiches.comptes.models import AccesCompte, Compte
from fiches.doublons.models import Doublon
from fiches.fusion import etapes, tables
from fiches.fusion.instantane import load_row
from fiches.fusion.models import Fusion, FusionEtat
from fiches.fusion.refus import FicheIntrouvable, FicheProtegee, FusionImpossible, FusionPerimee, MemeFiche
from fiches.journal.models import EntreeJournal
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation
from fiches.usagers.models import AncienContact, AncienNom, Rattachement, Referent, Remarque, Usager
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
from tests.fusion.fabrique import des_cotes
from tests.fusion.scene import SECRET, Scene, a_doublon, a_scene, write

UN, DEUX = "+33611111111", "+33622222222"


def a_compte(scene: Scene, usager: int, email: str, etat: str = "actif") -> int:
    compte = Compte(email=email, etat=etat, mot_de_passe="argon", actif_le=MAINTENANT)
    write(scene, compte)
    territoire = scene.contexte.territoire_id
    write(scene, AccesCompte(usager_id=usager, compte_id=compte.id, territoire_id=territoire, cree_le=MAINTENANT))
    return compte.id


# --- fields, pointer, record ---------------------------------------------------------------


def test_F5_the_kept_fiche_is_what_the_preview_showed(scene):
    a = a_usager(scene.session, scene.org, nom="Dupont", telephone=UN, ville="Mâcon")
    b = a_usager(scene.session, scene.org, nom="Dupond", telephone=DEUX, email="j@exemple.test")
    choix = des_cotes(nom="b", telephone="ab", adresse="")
    plan, etat = scene.preview(a, b, choix)
    fait = scene.merge(a, b, choix, etat)
    usager = scene.usager(fait.survivant_id)
    assert {n: getattr(usager, n) for n in plan.fiche.valeurs} == plan.fiche.valeurs
    assert (usager.nom, usager.telephone, usager.telephone_2, usager.ville) == ("Dupond", UN, DEUX, None)
    assert usager.version == 2


def test_F25_the_other_becomes_a_pointer_and_chains_are_flattened(scene):
    a, b, c = (a_usager(scene.session, scene.org, cree_le=MAINTENANT - timedelta(days=d)) for d in (1, 2, 3))
    assert scene.merge(a, b).survivant_id == b
    assert scene.merge(b, c).survivant_id == c
    assert [scene.usager(i).fusionne_vers_id for i in (a, b, c)] == [c, c, None]
    assert scene.rows(Rattachement, usager_id=a) == []


def test_F26_the_journal_of_both_tells_what_was_chosen_and_no_value(scene):
    a, b = a_usager(scene.session, scene.org, nom="Dupont"), a_usager(scene.session, scene.org, nom="Dupond")
    fait = scene.merge(a, b, des_cotes(nom="b"))
    lignes = [x for x in scene.rows(EntreeJournal) if x.acte == "fusion"]
    assert [(x.acte, x.usager_id, x.agent_id, x.organisation_id) for x in lignes] == [
        ("fusion", a, scene.agent, scene.org),
        ("fusion", b, scene.agent, scene.org),
    ]
    assert lignes[0].champs == ["nom"]
    assert lignes[0].details["choix"] == {"nom": "b"}
    assert lignes[0].details["bilan"]["preferences"] == "agents"
    fusion = scene.session.get(Fusion, fait.fusion_id)
    assert "Dup" not in repr([lignes[0].details, lignes[0].empreintes, fusion.choix, fusion.bilan])
    assert fusion.annulable_jusqu_au == MAINTENANT + timedelta(days=90)


def test_F21_what_is_given_up_stays_findable(scene):
    a = a_usager(scene.session, scene.org, nom="Durand", email="a@x.test", telephone=UN)
    b = a_usager(scene.session, scene.org, nom="Martin", email="b@x.test", telephone=DEUX)
    scene.merge(a, b, des_cotes(nom="b", email="a", telephone="a"))
    assert [(x.usager_id, x.prenom, x.nom) for x in scene.rows(AncienNom)] == [(a, "Jeanne", "Durand")]
    assert {(x.usager_id, x.valeur) for x in scene.rows(AncienContact)} == {(a, "b@x.test"), (a, DEUX)}


def test_F21_a_former_address_that_is_current_again_is_no_longer_former(scene):
    a = a_usager(scene.session, scene.org, email="a@x.test")
    b = a_usager(scene.session, scene.org, email="b@x.test")
    write(scene, AncienContact(usager_id=a, genre="email", valeur="b@x.test", cree_le=MAINTENANT))
    write(scene, AncienContact(usager_id=a, genre="email", valeur="z@x.test", cree_le=MAINTENANT))
    write(scene, AncienContact(usager_id=b, genre="email", valeur="z@x.test", cree_le=MAINTENANT))
    scene.merge(a, b, des_cotes(email="b"))
    assert sorted(x.valeur for x in scene.rows(AncienContact, usager_id=a)) == ["a@x.test", "z@x.test"]


# --- what hangs on the fiche ------------------------------------------------------------------


def test_F11_all_proches_follow(scene):
    a, b, p, q = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Paul", "Rose"))
    a_lien(scene.session, proche=p, responsable=a)
    a_lien(scene.session, proche=q, responsable=b)
    scene.merge(a, b)
    assert {(x.proche_id, x.responsable_id) for x in scene.rows(LienProche)} == {(p, a), (q, a)}


def test_F12_the_chosen_responsable_stays(scene):
    a, b, r, s = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Paul", "Rose"))
    a_lien(scene.session, proche=a, responsable=r)
    a_lien(scene.session, proche=b, responsable=s)
    with pytest.raises(FusionImpossible):
        scene.merge(a, b)
    scene.merge(a, b, des_cotes(responsable="b"))
    assert [(x.proche_id, x.responsable_id) for x in scene.rows(LienProche)] == [(a, s)]


def test_F14_a_fiche_merges_with_its_own_responsable_once_confirmed(scene):
    a, b, p = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Paul"))
    a_lien(scene.session, proche=b, responsable=a)
    a_lien(scene.session, proche=p, responsable=b)
    with pytest.raises(FusionImpossible):
        scene.merge(a, b)
    scene.merge(a, b, confirmer=True)
    assert [(x.proche_id, x.responsable_id) for x in scene.rows(LienProche)] == [(p, a)]


def test_F15_a_loop_through_a_third_person_is_refused_by_its_names(scene):
    a, b, x = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Xavier"))
    a_lien(scene.session, proche=a, responsable=x)
    a_lien(scene.session, proche=x, responsable=b)
    with pytest.raises(FusionImpossible) as refus:
        scene.merge(a, b, confirmer=True)
    assert "Xavier" in refus.value.plan.refus[0].texte


def test_F16_participations_are_re_pointed_and_a_common_one_is_kept_once(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    commun = a_rdv(scene.session, scene.org, scene.agent, a, b, debut=MAINTENANT - timedelta(days=9))
    seul = a_rdv(scene.session, scene.org, scene.agent, b)
    [rangee] = scene.rows(Participation, usager_id=b, rdv_id=commun)
    rangee.issue = "vu"
    scene.session.commit()
    [deplacee] = [x.id for x in scene.rows(Participation, rdv_id=seul)]
    scene.merge(a, b)
    assert [(x.rdv_id, x.issue) for x in scene.rows(Participation, usager_id=a)] == [(commun, "vu"), (seul, None)]
    assert [x.id for x in scene.rows(Participation, rdv_id=seul)] == [deplacee]
    assert scene.rows(Participation, usager_id=b) == []


def test_F18_organisations_and_referents_are_joined(scene):
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org, autre)
    voisin = an_agent(scene.session, autre)
    a_referent(scene.session, a, scene.agent, scene.org)
    a_referent(scene.session, b, scene.agent, scene.org)
    a_referent(scene.session, b, voisin, autre)
    scene.merge(a, b)
    assert {x.organisation_id for x in scene.rows(Rattachement, usager_id=a)} == {scene.org, autre}
    assert {x.agent_id for x in scene.rows(Referent, usager_id=a)} == {scene.agent, voisin}


def test_R13_remarques_of_another_service_move_without_being_read(scene):
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    a = a_usager(scene.session, scene.org, remarques="Ici")
    b = a_usager(scene.session, autre, scene.org, remarques="Ailleurs")
    plan, _ = scene.preview(a, b)
    assert "Ailleurs" not in repr(plan.ligne("remarques"))
    scene.merge(a, b, des_cotes(remarques=""))
    assert [(x.organisation_id, x.texte) for x in scene.rows(Remarque, usager_id=a)] == [(autre, "Ailleurs")]


def test_F7_rdvs_of_another_service_are_counted_and_move(scene):
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org, autre)
    a_rdv(scene.session, autre, an_agent(scene.session, autre), b)
    plan, _ = scene.preview(a, b)
    assert (plan.rdvs.total, plan.rdvs.autres) == (1, 1)
    scene.merge(a, b)
    assert len(scene.rows(Participation, usager_id=a)) == 1


# --- comptes (F20), préférences (F22) ------------------------------------------------------------


def test_F20_a_compte_on_one_side_moves_with_its_state(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    compte = a_compte(scene, b, "b@x.test", "invite")
    assert scene.merge(a, b).survivant_id == a
    assert [(x.usager_id, x.compte_id) for x in scene.rows(AccesCompte)] == [(a, compte)]
    assert scene.session.get(Compte, compte).etat == "invite"


def test_F20_of_two_active_comptes_the_one_not_chosen_is_closed(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    ca, cb = a_compte(scene, a, "a@x.test"), a_compte(scene, b, "b@x.test")
    with pytest.raises(FusionImpossible):
        scene.merge(a, b)
    assert scene.merge(a, b, des_cotes(compte="b")).survivant_id == b
    assert [(x.usager_id, x.compte_id) for x in scene.rows(AccesCompte)] == [(b, cb)]
    assert [scene.session.get(Compte, c).etat for c in (ca, cb)] == ["ferme", "actif"]


def test_F22_préférences_set_by_the_usager_survive_whatever_is_ticked(scene):
    a = a_usager(scene.session, scene.org)
    b = a_usager(scene.session, scene.org, notif_sms=False, notif_sms_auteur="usager", notif_sms_le=MAINTENANT)
    scene.merge(a, b, des_cotes(notif_sms="a", notif_email="a"))
    usager = scene.usager(a)
    assert (usager.notif_sms, usager.notif_sms_auteur, usager.notif_sms_le) == (False, "usager", MAINTENANT)


# --- before writing (F7–F10) ----------------------------------------------------------------------


def test_F8_two_birth_dates_need_a_confirmation(scene):
    a = a_usager(scene.session, scene.org, date_naissance="1984-03-14")
    b = a_usager(scene.session, scene.org, date_naissance="1985-03-14")
    avant = scene.whole_base()
    with pytest.raises(FusionImpossible):
        scene.merge(a, b)
    assert scene.whole_base() == avant
    scene.merge(a, b, confirmer=True)


@pytest.mark.parametrize("quoi", ["a field", "an RDV", "a proche", "a référent"])
def test_F9_whatever_changed_since_the_preview_refuses_the_merge(scene, quoi):
    a, b, c = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Paul"))
    _, etat = scene.preview(a, b)
    if quoi == "a field":
        scene.usager(a).ville = "Mâcon"
        scene.session.commit()
    elif quoi == "an RDV":
        a_rdv(scene.session, scene.org, scene.agent, b)
    elif quoi == "a proche":
        a_lien(scene.session, proche=c, responsable=b)
    else:
        a_referent(scene.session, b, scene.agent, scene.org)
    avant = scene.whole_base()
    with pytest.raises(FusionPerimee):
        scene.merge(a, b, etat=etat)
    assert scene.whole_base() == avant


def test_F9_other_ticks_than_previewed_are_refused_with_the_new_plan(scene):
    a, b = a_usager(scene.session, scene.org, nom="Dupont"), a_usager(scene.session, scene.org, nom="Dupond")
    _, etat = scene.preview(a, b)
    with pytest.raises(FusionPerimee) as refus:
        scene.merge(a, b, des_cotes(nom="b"), etat)
    assert refus.value.plan.fiche.valeurs["nom"] == "Dupond"
    scene.merge(a, b, des_cotes(nom="a"), etat)


def test_F9_a_token_of_another_installation_is_worth_nothing(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    _, etat = scene.preview(a, b)
    with pytest.raises(FusionPerimee):
        scene.merge(a, b, etat=etat, secret=b"autre")
    with pytest.raises(FusionPerimee):
        scene.merge(a, b, etat="é")


def test_F9_a_double_click_merges_once(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    _, etat = scene.preview(a, b)
    assert scene.merge(a, b, etat=etat).fusion_id is not None
    again = scene.merge(a, b, etat=etat)
    assert (again.survivant_id, again.fusion_id) == (a, None)
    assert len(scene.rows(Fusion)) == 1


def test_F10_a_side_merged_meanwhile_is_followed_and_asked_about_again(scene):
    a, b, c = (a_usager(scene.session, scene.org) for _ in range(3))
    _, etat = scene.preview(b, c)
    scene.merge(a, b)
    with pytest.raises(FusionPerimee) as refus:
        scene.merge(b, c, etat=etat)
    assert (refus.value.lecture.a.id, refus.value.lecture.b.id) == (a, c)


def test_R29_the_same_fiche_twice_is_refused(scene):
    a = a_usager(scene.session, scene.org)
    with pytest.raises(MemeFiche):
        scene.merge(a, a, etat="x")


def test_R29_a_fiche_that_the_agent_may_not_see_is_not_found(scene):
    a = a_usager(scene.session, scene.org)
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    for inconnue in (a_usager(scene.session, autre), a_usager(scene.session, a_scene(scene.session).org), 999):
        with pytest.raises(FicheIntrouvable) as refus:
            scene.merge(a, inconnue, etat="x")
        assert refus.value.cote == "b"


def test_R11_a_fiche_protégée_is_merged_by_its_référents_alone(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org, protegee=True)
    with pytest.raises(FicheProtegee):
        scene.merge(a, b, etat="x")
    a_referent(scene.session, b, scene.agent, scene.org)
    scene.merge(a, b)
    assert scene.usager(a).protegee


# --- the queue (F27) ----------------------------------------------------------------------------------


def test_F27_the_pair_leaves_and_decisions_carry_over(scene):
    a, b, c, d = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Paul", "Rose"))
    a_doublon(scene, a, b)
    a_doublon(scene, a, c, score=0.95)
    a_doublon(scene, b, c, "ecarte")
    a_doublon(scene, d, b)
    scene.merge(b, a)
    paires = {(x.usager_a_id, x.usager_b_id): (x.etat, x.raison) for x in scene.rows(Doublon)}
    assert paires[a, b][0] == "fusionne"
    assert paires[a, c] == ("ecarte", "homonymes")
    assert not any(b in cle for cle in paires if cle != (a, b))


def test_F27_a_decision_that_the_merge_contradicts_is_shown(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    a_doublon(scene, a, b, "ecarte")
    plan, _ = scene.preview(a, b)
    assert "homonymes" in plan.alertes[0]


def test_F11_proches_who_look_alike_once_together_are_the_next_pair(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    p, q = (a_usager(scene.session, scene.org, prenom="Léo", date_naissance="2019-05-02") for _ in range(2))
    a_lien(scene.session, proche=p, responsable=a)
    a_lien(scene.session, proche=q, responsable=b)
    scene.merge(a, b)
    [paire] = scene.rows(Doublon, usager_a_id=p, usager_b_id=q)
    assert (paire.etat, paire.origine) == ("ouvert", "fusion")
    assert {scene.usager(i).fusionne_vers_id for i in (p, q)} == {None}


def test_F27_pairs_with_the_other_fiche_are_scored_again(scene):
    qui = {"prenom": "Emmanuelle", "nom": "Lécuyer"}
    a = a_usager(scene.session, scene.org, **qui)
    b = a_usager(scene.session, scene.org, **qui, date_naissance="1984-03-14")
    c = a_usager(scene.session, scene.org, **qui, date_naissance="1984-03-14")
    a_doublon(scene, a, c, score=0.01)
    scene.merge(a, b)
    [paire] = scene.rows(Doublon, usager_a_id=a, usager_b_id=c)
    assert (paire.niveau, paire.score > 0.5) == ("certain", True)


# --- all or nothing, undo record, cost ------------------------------------------------------------------


def a_full_pair(scene: Scene, rdvs: int = 3) -> tuple[int, int]:
    """Two fiches with something in every table."""
    s, org, agent = scene.session, scene.org, scene.agent
    autre = an_organisation(s, territoire_id=scene.contexte.territoire_id)
    a = a_usager(s, org, nom="Durand", telephone=UN, remarques="Un", email="a@x.test", ville="Mâcon")
    b = a_usager(s, org, autre, nom="Martin", telephone=DEUX, remarques="Deux", email="b@x.test")
    p, q, r = (a_usager(s, org, prenom=n) for n in ("Paul", "Rose", "Lise"))
    a_lien(s, proche=p, responsable=a)
    a_lien(s, proche=q, responsable=b)
    a_lien(s, proche=b, responsable=r)
    a_referent(s, b, agent, org)
    a_rdv(s, org, agent, a, b, issue="vu", debut=MAINTENANT - timedelta(days=30))
    for jour in range(rdvs):
        a_rdv(s, org, agent, b, debut=MAINTENANT + timedelta(days=jour))
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
    if regle.modele in (Usager, Compte):
        for row in rows:
            scene.session.execute(table.update().where(table.c.id == row["id"]).values(**row))
        return
    scene.session.execute(table.delete().where(regle.concernees(ids, ())))
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


def test_the_number_of_statements_does_not_depend_on_the_number_of_rdvs(session):
    few, many = a_scene(session), a_scene(session)  # two territoires: the look-up index starts empty in both
    assert count_statements(few, *a_full_pair(few, rdvs=2)) == count_statements(many, *a_full_pair(many, rdvs=30))


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
