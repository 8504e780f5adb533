"""Facades: how services ask each other. The same abstract class serves in one process and over a wire."""

import asyncio
import inspect
import json
from abc import ABC
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast, get_type_hints

from pydantic import PydanticUserError, TypeAdapter

from outcry.kit.errors import OutcryError, error_from_problem

F = TypeVar("F", bound="Facade")


class Facade(ABC):  # noqa: B024  # the abstract methods are each service's own
    """The base of every service's facade: abstract async methods, keyword-only and fully typed."""


class FacadeDefinitionError(TypeError):
    """A facade breaks the rules that let it travel over a wire."""


def facade_methods(facade: type[Facade]) -> dict[str, Callable[..., Any]]:
    """Return the public methods of a facade by name."""
    members = inspect.getmembers(facade, inspect.isfunction)
    return {name: function for name, function in members if not name.startswith("_")}


def check_facade(facade: type[Facade]) -> None:
    """Raise FacadeDefinitionError unless each method is abstract, async, keyword-only and typed to serialise."""
    for name, function in facade_methods(facade).items():
        where = f"{facade.__name__}.{name}"
        if not getattr(function, "__isabstractmethod__", False):
            raise FacadeDefinitionError(f"{where} is not abstract")
        if not inspect.iscoroutinefunction(function):
            raise FacadeDefinitionError(f"{where} is not async")
        parameters = list(inspect.signature(function).parameters.values())[1:]
        for parameter in parameters:
            if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
                raise FacadeDefinitionError(f"{where}: {parameter.name} is not keyword-only")
        hints = get_type_hints(function)
        missing = {parameter.name for parameter in parameters} | {"return"}
        if missing - hints.keys():
            raise FacadeDefinitionError(f"{where}: no type for {sorted(missing - hints.keys())}")
        for key, hint in hints.items():
            try:
                TypeAdapter(hint)
            except PydanticUserError as error:
                raise FacadeDefinitionError(f"{where}: {key} cannot be serialised") from error


class _Method:
    """One facade call, taken apart into JSON and put together again on either side."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        hints = get_type_hints(function)
        self.name = name
        self.result: TypeAdapter[Any] = TypeAdapter(hints.pop("return"))
        self.arguments: dict[str, TypeAdapter[Any]] = {key: TypeAdapter(hint) for key, hint in hints.items()}

    def pack(self, arguments: dict[str, Any]) -> bytes:
        return json.dumps(
            {key: self.arguments[key].dump_python(value, mode="json") for key, value in arguments.items()}
        ).encode()

    def unpack(self, body: bytes) -> dict[str, Any]:
        return {key: self.arguments[key].validate_json(json.dumps(value)) for key, value in json.loads(body).items()}


def loopback(facade: type[F], target: F) -> F:
    """Return a facade that sends each call to ``target`` as bytes and back, as a wire would.

    Errors cross as problem documents. What does not survive serialising is thus found in one process.
    """
    methods = {name: _Method(name, function) for name, function in facade_methods(facade).items()}

    def make(method: _Method) -> Callable[..., Coroutine[Any, Any, Any]]:
        async def call(_self: Any, **arguments: Any) -> Any:
            request = method.pack(arguments)
            await asyncio.sleep(0)
            try:
                value = await getattr(target, method.name)(**method.unpack(request))
            except OutcryError as error:
                raise error_from_problem(json.loads(json.dumps(error.to_problem()))) from error
            reply = method.result.dump_json(value)
            await asyncio.sleep(0)
            return method.result.validate_json(reply)

        return call

    body = {name: make(method) for name, method in methods.items()}
    return cast(F, type(f"Loopback{facade.__name__}", (facade,), body)())
