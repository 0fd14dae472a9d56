"""Lookup: how a recursive statement finds the next folders."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class looked_up(FunctionElement[bool]):  # noqa: N801 stands in statements as a function does
    """``looked_up(column, value)``: they are equal, and an index of ``column`` is used to see it.

    PostgreSQL takes a recursion to find thousands of rows whatever it starts from, and would read
    all folders into a hash table rather than look up one (M4: 5 ms instead of 50).
    """

    name = "looked_up"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 SQLAlchemy's own signature
        """As it is: where booleans are numbers, ``a = b = 1`` would be asked, which no index answers."""
        return self


@compiles(looked_up)
def _equal(element: Any, compiler: Any, **options: Any) -> str:
    column, value = element.clauses
    return f"{compiler.process(column, **options)} = {compiler.process(value, **options)}"


@compiles(looked_up, "postgresql")
def _equal_to_any(element: Any, compiler: Any, **options: Any) -> str:
    # An array, even of one, can be looked up but neither hashed nor merged.
    column, value = element.clauses
    return (
        f"{compiler.process(column, **options)} = ANY (ARRAY[{compiler.process(value, **options)}])"
    )
