"""Facades: the rules that let one travel over a wire, and the loopback that proves that it can."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from outcry.kit.errors import ConflictError, NotFoundError, OutcryError
from outcry.kit.facade import Facade, FacadeDefinitionError, check_facade, facade_methods, loopback
from outcry.kit.ids import new_id
from outcry.kit.market import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Something that a facade gives back."""

    id: UUID
    time: datetime
    prices: tuple[float | None, ...]
    extra: dict[str, Any]


class DeskFacade(Facade):
    """A facade as it should be."""

    @abstractmethod
    async def slip(
        self, *, slip_id: UUID, time: datetime, timeframe: Timeframe, prices: tuple[float | None, ...]
    ) -> Slip:
        """Return a slip."""

    @abstractmethod
    async def refuse(self, *, why: str | None) -> None:
        """Raise the error that was asked for."""

    @abstractmethod
    async def find(self, *, names: frozenset[str]) -> Slip | None:
        """Return nothing."""


class TakenError(ConflictError):
    """An error of a service of its own."""

    code, title = "test_taken", "It is taken"


class Desk(DeskFacade):
    """The facade's real side; it remembers what it was given."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    async def slip(
        self, *, slip_id: UUID, time: datetime, timeframe: Timeframe, prices: tuple[float | None, ...]
    ) -> Slip:
        self.seen.append({"slip_id": slip_id, "time": time, "timeframe": timeframe, "prices": prices})
        return Slip(
            id=slip_id, time=time, prices=prices, extra={"timeframe": timeframe.value, "nested": [1, {"a": None}]}
        )

    async def refuse(self, *, why: str | None) -> None:
        if why == "taken":
            raise TakenError("By somebody else.", errors=({"field": "name", "message": "taken"},))
        if why == "unknown":
            raise NotFoundError()

    async def find(self, *, names: frozenset[str]) -> Slip | None:
        self.seen.append({"names": names})
        return None


class NotAbstract(Facade):
    """Breaks a rule."""

    async def ask(self, *, a: int) -> int:
        """Return it."""
        return a


class NotAsync(Facade):
    """Breaks a rule."""

    @abstractmethod
    def ask(self, *, a: int) -> int:
        """Return it."""


class Positional(Facade):
    """Breaks a rule."""

    @abstractmethod
    async def ask(self, a: int) -> int:
        """Return it."""


class Star(Facade):
    """Breaks a rule."""

    @abstractmethod
    async def ask(self, **rest: int) -> int:
        """Return it."""


class NoArgumentType(Facade):
    """Breaks a rule."""

    @abstractmethod
    async def ask(self, *, a) -> int:  # type: ignore[no-untyped-def]  # the missing type is what is tested
        """Return it."""


class NoResultType(Facade):
    """Breaks a rule."""

    @abstractmethod
    async def ask(self, *, a: int):  # type: ignore[no-untyped-def]  # the missing type is what is tested
        """Return it."""


class Socket:
    """Something that no wire can carry."""


class NotSerialisable(Facade):
    """Breaks a rule."""

    @abstractmethod
    async def ask(self, *, a: Socket) -> int:
        """Return it."""


class ResultNotSerialisable(Facade):
    """Breaks a rule."""

    @abstractmethod
    async def ask(self) -> Socket:
        """Return it."""


def test_a_facade_as_it_should_be_passes() -> None:
    check_facade(DeskFacade)
    assert sorted(facade_methods(DeskFacade)) == ["find", "refuse", "slip"]


@pytest.mark.parametrize(
    ("facade", "complaint"),
    [
        (NotAbstract, "NotAbstract.ask is not abstract"),
        (NotAsync, "NotAsync.ask is not async"),
        (Positional, "Positional.ask: a is not keyword-only"),
        (Star, "Star.ask: rest is not keyword-only"),
        (NoArgumentType, r"NoArgumentType.ask: no type for \['a'\]"),
        (NoResultType, r"NoResultType.ask: no type for \['return'\]"),
        (NotSerialisable, "NotSerialisable.ask: a cannot be serialised"),
        (ResultNotSerialisable, "ResultNotSerialisable.ask: return cannot be serialised"),
    ],
)
def test_each_broken_rule_is_refused(facade: type[Facade], complaint: str) -> None:
    with pytest.raises(FacadeDefinitionError, match=complaint):
        check_facade(facade)


async def test_loopback_gives_what_the_direct_call_gives() -> None:
    direct, target = Desk(), Desk()
    looped = loopback(DeskFacade, target)
    arguments: dict[str, Any] = {
        "slip_id": new_id(),
        "time": datetime(2020, 2, 29, 14, 30, 0, 123_456, tzinfo=UTC),
        "timeframe": Timeframe.W1,
        "prices": (0.1 + 0.2, None, -1e300, 5e-324),
    }
    assert await looped.slip(**arguments) == await direct.slip(**arguments)
    assert target.seen == direct.seen == [arguments]
    assert type(target.seen[0]["timeframe"]) is Timeframe
    assert type(target.seen[0]["prices"]) is tuple


async def test_loopback_carries_none_and_sets() -> None:
    target = Desk()
    looped = loopback(DeskFacade, target)
    assert await looped.find(names=frozenset({"a", "b"})) is None
    assert target.seen == [{"names": frozenset({"a", "b"})}]
    await looped.refuse(why=None)


@pytest.mark.parametrize("why", ["taken", "unknown"])
async def test_loopback_raises_what_the_direct_call_raises(why: str) -> None:
    caught: list[OutcryError] = []
    for facade in (Desk(), loopback(DeskFacade, Desk())):
        with pytest.raises(OutcryError) as raised:
            await facade.refuse(why=why)
        caught.append(raised.value)
    direct, looped = caught
    assert type(looped) is type(direct)
    assert looped.to_problem() == direct.to_problem()
