"""An order that golive makes for itself by the profile's statements, looks at by its queries, and removes again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field, model_validator

from golive import RunInfo, Settings, Unavailable, shortened
from golive_checks.subjects import Database
from golive_checks.systems.gateways.gateways import Currency, uuid_of
from golive_checks.systems.gateways.payment_rows import PaymentRows, bound
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.guard import Undo
from golive_checks.systems.postgres.client.trouble import PostgresTrouble
from golive_checks.systems.postgres.client.writes import PostgresWriter

HOME = "payments.reconciliation"


class Reconciliation(Settings):
    """How a test order is made and removed, and how its rows are read.

    Statements and queries run on the payments' database (payments.data); {reference} in them is the order's id, which
    golive makes up, {amount} its amount and {currency} its currency. Statements run as the application. Stripe itself
    knows nothing of the PaymentIntent: an application that asks Stripe for it again does not book it.
    """

    home: ClassVar[str] = HOME

    create: tuple[str, ...] = ()
    """Statements that store the order, pending: INSERT INTO orders (id, ...) VALUES ({reference}, ...)."""
    create_command: tuple[str, ...] = ()
    """Or a command that does."""
    remove: tuple[str, ...] = ()
    """Statements that remove the order, its payments, and what else an event leaves behind; none of them is an error
    where there is nothing."""
    remove_command: tuple[str, ...] = ()
    """Or a command that does."""
    order_query: str = Field(default="", max_length=10_000)
    """A query for the order, whose first column is its status."""
    payments_query: str = Field(default="", max_length=10_000)
    """A query for the order's payments: a row for each that is stored."""
    paid: tuple[str, ...] = Field(default=("paid",), min_length=1)
    """The order's statuses that say that it is paid."""
    uuids: bool = False
    """Whether an order's id is a UUID; else it is a text such as golive-0123abcd-1."""
    amount: str = Field(default="5.00", pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?$")
    """What the order costs, in the currency's own unit."""
    currency: Currency = "EUR"
    """The currency of it."""
    metadata: dict[str, str] = Field(default={"order_id": "{reference}"}, max_length=50)
    """The PaymentIntent's metadata, by which the application knows the order."""
    wait_s: float = Field(default=10.0, gt=0, le=120)
    """How long the application may take from an event to the rows."""
    settle_s: float = Field(default=2.0, ge=0, le=60)
    """How long to look, after an event that must change nothing, before it counts as having changed nothing."""

    @model_validator(mode="after")
    def _whole(self) -> "Reconciliation":
        for one in ("create", "remove"):
            if getattr(self, one) and getattr(self, f"{one}_command"):
                raise ValueError(f"needs either {one} or {one}_command")
        given = [
            bool(self.create or self.create_command),
            bool(self.remove or self.remove_command),
            bool(self.order_query),
            bool(self.payments_query),
        ]
        if any(given) and not all(given):
            raise ValueError("needs all of create, remove, order_query and payments_query")
        return self


@dataclass(frozen=True)
class TrialOrder:
    """A test order, and how it is made, looked at and removed."""

    reference: str
    how: Reconciliation
    database: Database
    reader: PaymentRows
    writer: PostgresWriter
    command: CommandRunner

    @property
    def marks(self) -> dict[str, object]:
        """What stands for {marks}."""
        return {"reference": self.reference, "amount": self.how.amount, "currency": self.how.currency}

    async def create(self) -> None:
        """Store it, pending."""
        await self._do("create", self.how.create, self.how.create_command)

    async def remove(self) -> None:
        """Remove it, and make sure of that.

        Raises:
            Unavailable: something of it is still there.
        """
        await self._do("remove", self.how.remove, self.how.remove_command)
        if any(await self._rows()):
            raise Unavailable(f"{HOME}.remove leaves rows of {self.reference} behind")

    def removal(self) -> Undo:
        """Return how a process beside golive removes it."""
        if self.how.remove_command:
            argv = tuple(self.filled(part) for part in self.how.remove_command)
            return Undo(f"{HOME} {self.database.name} {json.dumps(self.how.remove_command)}", argv)
        statements = [bound(statement, self.marks) for statement in self.how.remove]
        return self.writer.undo(self.database.url, HOME, statements)

    async def look(self) -> tuple[str, bool, int]:
        """Return the order's status, whether that says that it is paid, and how many payments are stored."""
        order, payments = await self._rows()
        status = shortened(str(order[0][0]), 50) if order and order[0] else "not there"
        return status, status in self.how.paid, len(payments)

    async def _rows(self) -> Sequence[Sequence[Sequence[object]]]:
        queries = {f"{HOME}.{name}": getattr(self.how, name) for name in ("order_query", "payments_query")}
        return await self.reader.read(self.database, queries, self.marks)

    async def _do(self, name: str, statements: Sequence[str], argv: tuple[str, ...]) -> None:
        if argv:
            filled = tuple(self.filled(part) for part in argv)
            ran = await self.command.run(filled)
            if ran.code != 0:
                raise Unavailable(
                    f"{HOME}.{name}_command ended with {ran.code}", fix=f"run {HOME}.{name}_command by hand"
                )
            return
        try:
            await self.writer.run(self.database.url, [bound(statement, self.marks) for statement in statements])
        except PostgresTrouble as trouble:
            raise Unavailable(f"{HOME}.{name}: {trouble.reason}", fix=f"fix {HOME}.{name} in the profile") from None

    def filled(self, part: str) -> str:
        """Write a text with its {marks} filled in."""
        for mark, value in self.marks.items():
            part = part.replace(f"{{{mark}}}", str(value))
        return part


def reference_of(how: Reconciliation, run: RunInfo, number: int) -> str:
    """Return an order's id, of this run and no other."""
    text = f"golive-{run.id}-{number}"
    return uuid_of(text) if how.uuids else text
