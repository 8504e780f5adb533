"""How commands fail: what a person can mend is one line on the error stream, and the exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from outcry.kit.errors import OutcryError


def fail(message: str) -> NoReturn:
    """End the command with a line."""
    typer.echo(f"outcry: {message}", err=True)
    raise typer.Exit(1)


@contextmanager
def failing_in_a_line() -> Iterator[None]:
    """Tell in a line what is wrong with the settings, the engines or what was asked for."""
    # Imported here: the commands that need no engine start in a third of the time.
    from pydantic import ValidationError
    from sqlalchemy.exc import SQLAlchemyError

    from outcry.engines import UnknownEngineError

    try:
        yield
    except ValidationError as error:
        fail("; ".join(f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors()))
    except OutcryError as error:
        fail(error.detail)
    except (UnknownEngineError, OSError) as error:
        fail(str(error))
    except SQLAlchemyError as error:
        fail(f"the databases of OUTCRY_DATABASE cannot be used: {str(error).splitlines()[0]}")
