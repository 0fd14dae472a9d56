"""applications/list.cgi: what is installed on a camera."""

from __future__ import annotations

from dataclasses import dataclass

from services.devices.vapix.answer import refuse_status
from services.devices.vapix.envelope import shown
from services.devices.vapix.errors import RequestRefused
from services.devices.vapix.markup import elements
from services.devices.vapix.session import ANSWER_BYTES, Session

PATH = "/axis-cgi/applications/list.cgi"


@dataclass(frozen=True)
class Application:
    """``application_id`` is what licenses are for; it is absent where none are needed."""

    name: str
    nice_name: str
    vendor: str
    version: str
    application_id: str
    license: str
    is_running: bool
    configuration_page: str


def listed(session: Session) -> tuple[Application, ...]:
    """:raises RequestRefused: the camera answers ``error`` instead of ``ok``."""
    answer = session.get(PATH, most=4 * ANSWER_BYTES)
    refuse_status(answer.status)
    (reply,) = elements([answer.content], "reply", "reply")
    if reply.attribute("result") != "ok":
        raise RequestRefused("The camera does not list its applications.")
    return tuple(
        Application(
            name=element.attribute("Name"),
            nice_name=element.attribute("NiceName"),
            vendor=element.attribute("Vendor"),
            version=element.attribute("Version"),
            application_id=element.attribute("ApplicationID"),
            license=element.attribute("License"),
            is_running=element.attribute("Status") == "Running",
            configuration_page=shown(element.attributes.get("ConfigurationPage"), 300),
        )
        for element in reply.parts
        if element.name == "application"
    )
