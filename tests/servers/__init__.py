"""Private PostgreSQL and RabbitMQ for tests: on free loopback ports, in the project's `.run` folder.

Everything about a server lies in its folder, so any process that knows the folder may restart or
kill it: ``PrivateRabbit(folder).kill()``.
"""

from tests.servers.errors import ServerUnavailable
from tests.servers.instance import Instance
from tests.servers.named import AMQP_URL, MANAGEMENT_URL, POSTGRES_URL, SERVERS_FOLDER
from tests.servers.postgres import PrivatePostgres
from tests.servers.rabbit import PrivateRabbit

__all__ = [
    "AMQP_URL",
    "MANAGEMENT_URL",
    "POSTGRES_URL",
    "SERVERS_FOLDER",
    "Instance",
    "PrivatePostgres",
    "PrivateRabbit",
    "ServerUnavailable",
]
