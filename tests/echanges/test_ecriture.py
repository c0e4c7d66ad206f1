"""R34: an import keeps the agents from saving for as short as can be, and nobody's work is lost meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.orm import Session

from fiches.doublons.index import check_index
from fiches.doublons.models import Doublon
from fiches.echanges.actions import Bilan, import_fiches
from fiches.echanges.copie import copy_of_base
from fiches.echanges.lecture import read_table
from fiches.echanges.queries import reserve_ids
from fiches.usagers.models import Usager
from tests.builders import a_usager, an_organisation

LE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def _import(
    session: Session, org: int, texte: str, avance: Callable[[int], None] = lambda _: None, *, simuler: bool = False
) -> Bilan:
    table = read_table(texte.encode())
    return import_fiches(session, table, org, simuler=simuler, aujourdhui=date(2026, 11, 24), le=LE, avance=avance)


def _fichier(combien: int) -> str:
    lignes = (
        f"Zoé{chr(97 + n % 26)};Dupré{chr(97 + n // 26)};{1 + n % 28:02d}/03/1984;D-{n}\n" for n in range(combien)
    )
    return "prenom;nom;date_naissance;numero_dossier\n" + "".join(lignes)


@contextmanager
def _writing_transactions(engine: Engine) -> Iterator[list[list[str]]]:
    """The statements of each write transaction that begins inside the block."""
    vues: list[list[str]] = []

    def begin(connection: Any) -> None:
        if connection.get_execution_options().get("fiches_writing"):
            vues.append([])

    def statement(connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if vues and connection.get_execution_options().get("fiches_writing"):
            vues[-1].append(sql)

    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", statement)
    try:
        yield vues
    finally:
        event.remove(engine, "begin", begin)
        event.remove(engine, "before_cursor_execute", statement)


def test_r34_one_transaction_writes_the_good_lines_in_few_statements_and_compares_nothing(session: Session) -> None:
    org = an_organisation(session)
    engine = session.get_bind().engine
    with _writing_transactions(engine) as vues:
        assert _import(session, org, _fichier(300)).importees == 300
    ecriture, *paires = vues
    assert len(ecriture) < 20
    assert not any("suppression" in sql and sql.lower().startswith("select") for sql in ecriture)
    assert sum("INSERT INTO usager" in sql for lot in (ecriture, *paires) for sql in lot) == 1
    for lot in paires:
        assert not any("suppression" in sql for sql in lot)
    assert check_index(session) == []


@pytest.mark.parametrize("simuler", [False, True])
def test_an_agent_saves_while_a_file_is_prepared_and_compared(session: Session, simuler: bool) -> None:
    org = an_organisation(session)
    fiche = a_usager(session, org, ville="Dole")
    session.commit()
    engine = session.get_bind().engine

    def agent_saves(_lignes: int) -> None:
        with Session(engine) as autre, autre.begin():
            autre.execute(update(Usager).where(Usager.id == fiche).values(version=Usager.version + 1))

    assert _import(session, org, _fichier(250), agent_saves, simuler=simuler).importees == 250
    session.rollback()
    relue = session.get(Usager, fiche)
    assert relue is not None
    assert relue.version > 250


def test_a_dossier_used_since_the_file_was_read_is_rejected(session: Session) -> None:
    org = an_organisation(session)
    engine = session.get_bind().engine
    faits: list[int] = []

    def agent_creates(_lignes: int) -> None:
        if not faits:
            with Session(engine) as autre:
                faits.append(a_usager(autre, org, numero_dossier="d-1"))
                autre.commit()

    bilan = _import(session, org, _fichier(3), agent_creates)
    assert (bilan.importees, [rejet.brute.numero for rejet in bilan.rejetees]) == (2, [3])
    assert "Déjà importé" in bilan.rejetees[0].motif


def test_r0_a_fiche_merged_while_it_was_compared_gets_no_pair(session: Session) -> None:
    org = an_organisation(session)
    gardee = a_usager(session, org, prenom="Luc", nom="Autre")
    ancienne = a_usager(session, org, prenom="Emmanuel", nom="Lefèvre", date_naissance="1984-03-14")
    session.commit()
    engine = session.get_bind().engine

    def merged(connection: Any) -> None:
        """Just before the pairs are stored, the second write transaction of the import."""
        if connection.get_execution_options().get("fiches_writing"):
            transactions.append(1)

    transactions: list[int] = []
    event.listen(engine, "begin", merged)

    def agent_merges(_connection: Any) -> None:
        with Session(engine) as autre, autre.begin():
            autre.execute(update(Usager).where(Usager.id == ancienne).values(fusionne_vers_id=gardee))

    def on_rollback(connection: Any) -> None:
        if len(transactions) == 1 and not fusions:
            fusions.append(1)
            agent_merges(connection)

    fusions: list[int] = []
    event.listen(engine, "rollback", on_rollback)
    try:
        bilan = _import(session, org, "prenom;nom;date_naissance\nEmmanuel;LEFEVRE;14/03/1984\n")
    finally:
        event.remove(engine, "rollback", on_rollback)
        event.remove(engine, "begin", merged)
    assert fusions
    assert (bilan.importees, bilan.doublons) == (1, 0)
    assert session.scalar(select(func.count()).select_from(Doublon)) == 0


def test_what_is_written_in_the_copy_of_the_base_stays_there(session: Session) -> None:
    org = an_organisation(session)
    a_usager(session, org, prenom="Zoé")
    session.commit()
    with copy_of_base(session) as copie:
        assert copie.scalars(select(Usager.prenom)).all() == ["Zoé"]
        a_usager(copie, org, prenom="Ali")
        copie.commit()
        assert copie.scalar(select(func.count()).select_from(Usager)) == 2
    session.rollback()
    assert session.scalars(select(Usager.prenom)).all() == ["Zoé"]


def test_an_id_is_never_given_twice(session: Session) -> None:
    org = an_organisation(session)
    dernier = a_usager(session, org)
    session.commit()
    _import(session, org, _fichier(3))
    suivant = a_usager(session, org)
    session.commit()
    assert len({dernier, suivant, *session.scalars(select(Usager.id))}) == 5
    assert min(reserve_ids(session, 2)) > suivant
