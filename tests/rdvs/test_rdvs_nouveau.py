"""Making an RDV by the pages: the preview before it, what is refused, what is asked (R16, R17, R22)."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from fiches import clock
from fiches.dates import instant_of
from fiches.journal.models import EntreeJournal
from fiches.notifications.models import Message
from fiches.rdvs.models import Motif, Participation
from fiches.usagers.models import Referent, Usager
from tests.builders import a_lien, a_lieu, a_motif, a_usager, an_agent, an_organisation
from tests.rdvs.bureau import Bureau, champ, jour, plain, spring


def waiting(bureau: Bureau) -> set[tuple[int, str, str]]:
    bureau.session.rollback()
    lignes = select(Message.usager_id, Message.genre, Message.canal).where(Message.etat == "attente")
    return {(u, g, c) for u, g, c in bureau.session.execute(lignes)}


def test_an_rdv_is_made_told_journalled_and_shown_R16_R19(bureau: Bureau) -> None:
    mere = bureau.person(prenom="Zoé", nom="Le Goff")
    rdv = bureau.made(mere, heure="9h30", duree="45")
    row = bureau.row(rdv)
    assert row.debut == instant_of(jour(), time(9, 30))
    assert (row.duree, row.agent_id, row.motif_id, row.lieu_id) == (45, bureau.agent, bureau.motif, bureau.lieu)
    assert waiting(bureau) == {(mere, g, c) for g in ("nouveau", "rappel") for c in ("email", "sms")}
    acte = bureau.session.scalars(select(EntreeJournal).where(EntreeJournal.acte == "rdv_pris")).one()
    assert (acte.usager_id, acte.details, acte.agent_id) == (mere, {"rdv_id": rdv}, bureau.agent)
    fiche = bureau.client.get(f"/organisations/{bureau.org}/usagers/{mere}").get_data(as_text=True)
    assert f'href="{bureau.address(f"/{rdv}")}"' in fiche
    assert "Zoé Le Goff" in bureau.page(rdv)


def test_the_motif_gives_its_duration_when_none_is_typed(bureau: Bureau) -> None:
    long = a_motif(bureau.session, bureau.org, "Bilan", duree=90)
    assert bureau.row(bureau.made(bureau.person(), motif=long)).duree == 90


def test_the_preview_is_what_is_then_written_R22(bureau: Bureau) -> None:
    mere, enfant = bureau.person(), bureau.person(prenom="Léo", email=None, telephone=None)
    a_lien(bureau.session, proche=enfant, responsable=mere)
    page = bureau.preview(bureau.typed(enfant))
    dits = set(re.findall(r'data-destinataire="(\d+)" data-canal="(\w+)" data-prevenu="oui"', page))
    assert dits == {(str(mere), "email"), (str(mere), "sms")}
    assert "1 rue de la Paix" in page
    bureau.made(enfant)
    assert {(str(u), c) for u, _, c in waiting(bureau)} == dits


def test_the_preview_asks_for_what_is_missing(bureau: Bureau) -> None:
    page = plain(bureau.preview(bureau.typed(date="", motif="")))
    assert "complétez : participants, motif, date" in page
    assert champ(page, "avis") == ""


@pytest.mark.parametrize(
    ("values", "nom", "mot"),
    [
        ({"motif": ""}, "motif", "Choisissez le motif"),
        ({"motif": "999999"}, "motif", "n’est plus proposé"),
        ({"motif": "abc"}, "motif", "n’est plus proposé"),
        ({"lieu": "999999"}, "lieu", "n’est plus proposé"),
        ({"agent": "999999"}, "agent", "n’est plus proposé"),
        ({"agent": ""}, "agent", "Choisissez l’agent"),
        ({"date": ""}, "date", "Indiquez la date"),
        ({"date": "31/02/2027"}, "date", "n’existe pas"),
        ({"date": "demain"}, "date", "illisible"),
        ({"date": "01/01/9999"}, "date", "plus de deux ans"),
        ({"date": "01/01/0001"}, "date", "plus de deux ans"),
        ({"heure": ""}, "heure", "Indiquez l’heure"),
        ({"heure": "25:00"}, "heure", "illisible"),
        ({"heure": "9:75"}, "heure", "illisible"),
        ({"date": spring().isoformat(), "heure": "2:30"}, "heure", "n’existe pas ce jour-là"),
        ({"duree": "0"}, "duree", "au moins une minute"),
        ({"duree": "-30"}, "duree", "au moins une minute"),
        ({"duree": "721"}, "duree", "12 heures"),
        ({"duree": "9" * 40}, "duree", "trop long"),
        ({"duree": "une heure"}, "duree", "en minutes"),
        ({"usagers": []}, "usagers", "au moins une personne"),
        ({"usagers": ["999999"]}, "usagers", "n’a pas de fiche"),
        ({"usagers": ["x", "-1", "9" * 30]}, "usagers", "n’a pas de fiche"),
        ({"ne_pas_prevenir": "peut-être"}, "ne_pas_prevenir", "oui ou par non"),
    ],
)
def test_bad_input_is_422_beside_its_field_with_everything_kept(
    bureau: Bureau, values: dict[str, Any], nom: str, mot: str
) -> None:
    data = bureau.typed(bureau.person()) | values
    response = bureau.client.post(bureau.address("/nouveau"), data={"avis": "x"} | data)
    page = plain(response.get_data(as_text=True))
    assert response.status_code == 422
    assert mot in page.split(f'id="{nom}-erreur"')[1][:300] or mot in page.split(f'href="#{nom}"')[1][:300]
    if data["heure"]:
        assert f'value="{data["heure"]}"' in page
    assert bureau.count() == 0


def test_an_archived_motif_or_lieu_and_those_of_another_service_are_not_offered(bureau: Bureau) -> None:
    ailleurs = an_organisation(bureau.session)
    usager = bureau.person()
    interdits = [
        {"motif": a_motif(bureau.session, bureau.org, "Ancien", archive_le=clock.now())},
        {"lieu": a_lieu(bureau.session, bureau.org, "Ancien", archive_le=clock.now())},
        {"motif": a_motif(bureau.session, ailleurs)},
        {"lieu": a_lieu(bureau.session, ailleurs)},
        {"agent": an_agent(bureau.session, ailleurs)},
    ]
    for values in interdits:
        assert bureau.save(bureau.typed(usager, **values)).status_code == 422
    assert bureau.count() == 0


def test_only_living_usagers_of_this_organisation_take_part(bureau: Bureau) -> None:
    mort = bureau.person(prenom="Ange", decede_le=clock.now())
    territoire = bureau.session.get_one(Usager, mort).territoire_id
    voisine = an_organisation(bureau.session, territoire_id=territoire)
    etranger, inconnu = a_usager(bureau.session, voisine), a_usager(bureau.session, an_organisation(bureau.session))
    for usager, mot in ((mort, "décès"), (etranger, "n’a pas de fiche"), (inconnu, "n’a pas de fiche")):
        response = bureau.save(bureau.typed(bureau.person(), usager))
        assert response.status_code == 422
        assert mot in plain(response.get_data(as_text=True))
    assert bureau.count() == 0


def test_a_merged_participant_is_the_one_that_was_kept(bureau: Bureau) -> None:
    gardee = bureau.person()
    fondue = bureau.person(fusionne_vers_id=gardee)
    rdv = bureau.made(fondue, gardee)
    bureau.session.rollback()
    presents = bureau.session.scalars(select(Participation.usager_id).where(Participation.rdv_id == rdv)).all()
    assert presents == [gardee]


def test_nothing_is_saved_before_the_preview_was_seen_R22(bureau: Bureau) -> None:
    data = bureau.typed(bureau.person())
    response = bureau.client.post(bureau.address("/nouveau"), data=data)
    assert response.status_code == 422
    assert "relisez d’abord qui sera prévenu" in plain(response.get_data(as_text=True))
    assert champ(response.get_data(as_text=True), "avis")  # the page now holds the preview
    assert bureau.count() == 0


def test_a_preview_that_no_longer_holds_is_refused_and_drawn_anew_R22(bureau: Bureau) -> None:
    mere = bureau.person()
    data = bureau.typed(mere)
    ancien = champ(bureau.preview(data), "avis")
    bureau.session.execute(update(Usager).where(Usager.id == mere).values(email="autre@exemple.test"))
    bureau.session.commit()
    response = bureau.client.post(bureau.address("/nouveau"), data=data | {"avis": ancien})
    page = response.get_data(as_text=True)
    assert response.status_code == 409
    assert "autre@exemple.test" in page
    assert bureau.count() == 0
    assert bureau.client.post(bureau.address("/nouveau"), data=data | {"avis": champ(page, "avis")}).status_code == 303


def test_an_rdv_in_the_past_asks_and_tells_nobody(bureau: Bureau) -> None:
    data = bureau.typed(bureau.person(), date=(clock.today() - timedelta(days=3)).isoformat())
    response = bureau.save(data)
    assert response.status_code == 422
    assert "dans le passé" in plain(response.get_data(as_text=True)).split('id="date-erreur"')[1][:200]
    assert bureau.save(data | {"confirmer": "passe"}).status_code == 303
    assert waiting(bureau) == set()


def test_an_overlap_of_the_agent_and_one_of_the_usager_each_ask_naming_the_other_rdv(bureau: Bureau) -> None:
    zoe, lea = bureau.person(prenom="Zoé", nom="Le Goff"), bureau.person(prenom="Léa", nom="Blin")
    bureau.made(zoe, duree="60")
    response = bureau.save(bureau.typed(lea, heure="10:15"))
    page = plain(response.get_data(as_text=True))
    assert response.status_code == 422
    assert "Zoé Le Goff" in page.split('id="agent-erreur"')[1][:200]
    assert 'name="confirmer" value="agent"' in page
    autre = an_agent(bureau.session, bureau.org)
    response = bureau.save(bureau.typed(zoe, heure="10:15", agent=autre))
    assert "Zoé Le Goff a déjà un RDV" in plain(response.get_data(as_text=True)).split('id="usagers-erreur"')[1][:200]
    assert bureau.count() == 1
    # the wrong tick does not do
    assert bureau.save(bureau.typed(lea, heure="10:15", confirmer="usager")).status_code == 422
    assert bureau.save(bureau.typed(lea, heure="10:15", confirmer=["agent", "usager"])).status_code == 303
    assert bureau.save(bureau.typed(zoe, heure="10:15", agent=autre, confirmer="usager")).status_code == 303


def test_a_tick_covers_only_what_the_page_showed(bureau: Bureau) -> None:
    bureau.made(bureau.person())
    data = bureau.typed(bureau.person())
    apercu = bureau.preview(data)
    bureau.made(bureau.person(), confirmer="agent")  # somebody else's, meanwhile
    lu = {"avis": champ(apercu, "avis"), "vus": champ(apercu, "vus"), "confirmer": "agent"}
    response = bureau.client.post(bureau.address("/nouveau"), data=data | lu)
    assert response.status_code == 422
    assert bureau.count() == 2


def test_rdvs_that_follow_one_another_cancelled_ones_and_excused_ones_do_not_overlap(bureau: Bureau) -> None:
    zoe = bureau.person()
    premier = bureau.made(zoe, duree="30")
    bureau.made(zoe, heure="10:00")  # begins when the other ends
    bureau.cancel(premier)
    second = bureau.made(zoe)
    assert bureau.give(second, "excuse").status_code == 303
    bureau.made(zoe)


def test_ne_pas_prevenir_and_a_silent_motif_tell_nobody_R17_R18(bureau: Bureau) -> None:
    mere = bureau.person()
    page = plain(bureau.preview(bureau.typed(mere, ne_pas_prevenir=["non", "oui"])))
    assert "Personne ne sera prévenu" in page
    bureau.made(mere, ne_pas_prevenir=["non", "oui"])
    for visibilite in ("visible", "invisible"):
        motif = a_motif(bureau.session, bureau.org, visibilite, visibilite=visibilite)
        bureau.made(mere, motif=motif, heure="11" if visibilite == "visible" else "14")
    assert waiting(bureau) == set()


def test_the_search_for_participants_masks_contact_and_keeps_who_is_ticked(bureau: Bureau) -> None:
    lea, zoe = bureau.person(prenom="Léa", nom="Blin"), bureau.person(prenom="Zoé", nom="Le Goff")
    data = bureau.typed(lea) | {"q": "goff"}
    for response in (
        bureau.client.live(bureau.address("/recherche"), data),
        bureau.client.post(bureau.address("/nouveau"), data=data | {"voir": "oui"}),  # without JavaScript
    ):
        page = response.get_data(as_text=True)
        assert response.status_code == 200
        assert re.search(rf'value="{lea}" data-compare checked', page)
        assert re.search(rf'value="{zoe}" data-compare>', page)
        assert "06 •• •• •• 78" in page
        assert "0612345678" not in page.split('id="apercu"')[0].replace(" ", "")
    assert f'value="{jour().strftime("%d/%m/%Y")}"' in page  # everything typed is kept
    assert bureau.count() == 0


def test_nouveau_begins_with_the_usager_of_the_address(bureau: Bureau) -> None:
    zoe = bureau.person(prenom="Zoé")
    page = bureau.client.get(bureau.address(f"/nouveau?usager={zoe}&date=2027-03-14")).get_data(as_text=True)
    assert re.search(rf'value="{zoe}" data-compare checked', page)
    assert 'value="2027-03-14"' in page
    for absurde in ("usager=999999", "usager=abc", "creneau=999999", "creneau=x", "date=" + "9" * 300, "agent=zzz"):
        assert bureau.client.get(bureau.address(f"/nouveau?{absurde}")).status_code == 200


def test_the_place_of_a_fiche_protegee_s_rdv_is_for_its_referents_R11(bureau: Bureau) -> None:
    protegee = bureau.person(prenom="Iris", protegee=True)
    rdv = bureau.made(protegee)
    page = bureau.page(rdv)
    assert "Iris" in page
    assert "1 rue de la Paix" not in page
    assert "06 12 34 56 78" not in page.replace("\u00a0", " ")
    assert "1 rue" not in bureau.client.get(bureau.address(f"/{rdv}.ics")).get_data(as_text=True)
    bureau.session.rollback()
    lectures = select(EntreeJournal).where(EntreeJournal.acte == "lecture")
    assert len(bureau.session.scalars(lectures).all()) == 1
    avis = bureau.client.get(bureau.address(f"/{rdv}/avis/{protegee}")).get_data(as_text=True)
    assert "1 rue" not in avis
    bureau.session.rollback()
    assert len(bureau.session.scalars(lectures).all()) == 2
    bureau.session.add(
        Referent(usager_id=protegee, agent_id=bureau.agent, organisation_id=bureau.org, cree_le=clock.now())
    )
    bureau.session.commit()
    assert "1 rue de la Paix" in bureau.page(rdv)


def test_the_avis_names_one_person_per_sheet_with_the_service_s_phone_R16_R22(bureau: Bureau) -> None:
    lea, zoe = bureau.person(prenom="Léa"), bureau.person(prenom="Zoé", email="zoe@exemple.test", telephone=None)
    data = bureau.typed(lea, zoe)
    page = plain(bureau.client.post(bureau.address("/avis"), data=data).get_data(as_text=True))
    feuilles = page.split('class="feuille"')[1:]
    assert len(feuilles) == 2
    assert "Zoé" not in feuilles[0]
    assert "Léa" not in feuilles[1]
    assert "zoe@exemple.test" in feuilles[1]
    assert "03 53 01 01 01" in feuilles[0]
    assert "1 rue de la Paix" in feuilles[0]
    rdv = bureau.made(lea, zoe)
    seule = bureau.client.get(bureau.address(f"/{rdv}/avis/{zoe}"))
    assert seule.status_code == 200
    assert "Léa" not in seule.get_data(as_text=True)
    assert bureau.client.get(bureau.address(f"/{rdv}/avis/{bureau.person()}")).status_code == 404
    assert bureau.client.post(bureau.address("/avis"), data=bureau.typed()).status_code == 422


def test_a_discreet_rdv_has_neither_ics_nor_avis_R17(bureau: Bureau) -> None:
    lea = bureau.person()
    invisible = a_motif(bureau.session, bureau.org, "Discret", visibilite="invisible")
    rdv = bureau.made(lea, motif=invisible)
    assert bureau.client.get(bureau.address(f"/{rdv}.ics")).status_code == 404
    assert bureau.client.get(bureau.address(f"/{rdv}/avis/{lea}")).status_code == 404
    assert ".ics" not in bureau.page(rdv)
    assert bureau.client.post(bureau.address("/avis"), data=bureau.typed(lea, motif=invisible)).status_code == 422


def test_the_ics_holds_when_and_where_and_no_name(bureau: Bureau) -> None:
    bureau.session.execute(update(Motif).values(nom="Motif secret"))
    bureau.session.commit()
    rdv = bureau.made(bureau.person(prenom="Zoé", nom="Le Goff"))
    response = bureau.client.get(bureau.address(f"/{rdv}.ics"))
    texte = response.get_data(as_text=True).replace("\r\n ", "")
    assert response.mimetype == "text/calendar"
    assert "SUMMARY:RDV\r\n" in texte
    assert "LOCATION:1 rue de la Paix\\, 71000 Mâcon" in texte
    assert f"UID:rdv-{rdv}@" in texte
    assert "SEQUENCE:0" in texte
    assert not re.search("Zo|Goff|secret|Agent", texte)
    bureau.move(rdv, heure="15:00")
    bureau.cancel(rdv)
    texte = bureau.client.get(bureau.address(f"/{rdv}.ics")).get_data(as_text=True)
    assert "SEQUENCE:2" in texte
    assert "STATUS:CANCELLED" in texte
