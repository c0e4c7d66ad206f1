"""The .ics of one RDV: when and where, under the name « RDV » and nobody's (PURE, R17, R21)."""

from datetime import datetime

from icalendar import Calendar, Event

from fiches.rdvs.moments import end_of

DOMAINE = "fiches-usager.invalid"  # right side of the UID: nobody's, so that no server's name leaks


def make_ics(
    rdv_id: int, debut: datetime, duree: int, lieu: str | None, *, evenement: int, annule: bool, modifie_le: datetime
) -> bytes:
    """The calendar file. The same RDV has the same UID for ever; SEQUENCE rises when it is moved or
    cancelled, so that a calendar replaces what it had. `modifie_le`: when the file was made."""
    event = Event()
    event.add("uid", f"rdv-{rdv_id}@{DOMAINE}")
    event.add("sequence", evenement)
    event.add("dtstamp", modifie_le)
    event.add("dtstart", debut)
    event.add("dtend", end_of(debut, duree))
    event.add("summary", "RDV")
    if lieu:
        event.add("location", lieu)
    event.add("status", "CANCELLED" if annule else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Fiches usager//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if annule else "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
