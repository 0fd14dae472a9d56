"""Databases of one test run on a shared PostgreSQL server."""

from __future__ import annotations

import contextlib
from uuid import uuid4

from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from chassis import migrations


class Databases:
    """Makes databases in milliseconds: migrated once for each service, copied from then on."""

    def __init__(self, admin_url: str) -> None:
        self._admin = make_url(admin_url).set(drivername="postgresql+psycopg2")
        self._templates: dict[str, str] = {}
        self._made: list[str] = []

    def create(self, service: str | None = None) -> str:
        """The URL of a new database: empty, or with the newest schema of a service."""
        name = f"test_{uuid4().hex}"
        template = "template1" if service is None else self._template(service)
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.append(name)
        return self._url(name)

    def copy(self, url: str) -> str:
        """The URL of a database with all that another one holds; nobody is connected to that one."""
        name = f"test_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database}")
        self._made.append(name)
        return self._url(name)

    def drop(self, url: str) -> None:
        """Whoever is still connected is thrown out."""
        name = make_url(url).database or ""
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._made.remove(name)

    def close(self) -> None:
        # A server that is gone has nothing left to drop.
        with contextlib.suppress(DBAPIError):
            for name in [*self._made, *self._templates.values()]:
                self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _template(self, service: str) -> str:
        if service not in self._templates:
            name = f"schema_{service}_{uuid4().hex}"
            self._execute(f"CREATE DATABASE {name}")
            self._templates[service] = name
            migrations.upgrade(service, self._url(name))
        return self._templates[service]

    def _url(self, name: str) -> str:
        plain: URL = self._admin.set(drivername="postgresql", database=name)
        return plain.render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
