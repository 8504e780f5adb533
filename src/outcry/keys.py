"""``outcry keys rotate``: a new master key and a new signing key, while a server runs."""

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from outcry.failing import fail, failing_in_a_line

if TYPE_CHECKING:
    from outcry.services.auth.contracts import RotationStep
    from outcry.settings import Settings

keys = typer.Typer(no_args_is_help=True, help="The keys that everything else is sealed with.")


@keys.command()
def rotate() -> None:
    """Make a new master key and a new signing key; the server may run. Keep the older secrets: copies need them."""
    from outcry.settings import Settings

    with failing_in_a_line():
        asyncio.run(_rotate(Settings()))


async def _rotate(settings: "Settings") -> None:
    from outcry.engines import migrations_folder, open_database, open_secrets
    from outcry.kit.clock import SystemClock
    from outcry.services.auth.module import build_rotation
    from outcry.services.auth.settings import AuthSettings

    clock = SystemClock()
    database, secrets = open_database(settings, "auth", clock), open_secrets(settings)
    try:
        await database.migrate(migrations_folder("auth"))
        rotation = build_rotation(database=database, secrets=secrets, clock=clock, settings=AuthSettings())
        step = await rotation.plan()
        _check_environment(step, os.environ)
        if step.begun:
            typer.echo(f"Finishing the rotation to version {step.version} of the master key, which was interrupted.")
        done = await rotation.rotate(step)
        typer.echo(f"The master key is version {step.version}: it wraps {done.organisations} organisations' keys anew")
        typer.echo(f"and {done.signing_keys} signing keys. The key {done.kid} signs from now on;")
        typer.echo("what the older one signed stays valid meanwhile. Keep all older secrets: older copies need them.")
    finally:
        await secrets.close()
        await database.close()


def _check_environment(step: "RotationStep", environment: Mapping[str, str]) -> None:
    """Refuse to put a key into a file where the operator gives them by the environment."""
    from outcry.adapters.secrets.files import ENVIRONMENT_PREFIX

    names = (step.older_secret, step.secret)
    now, then = (ENVIRONMENT_PREFIX + name.upper().replace("-", "_") for name in names)
    if environment.get(now) and not environment.get(then):
        fail(
            f"the master key comes from the environment ({now}). Set {then} to 32 new random bytes in base64 (openssl "
            f"rand -base64 32) for the server too, keep {now}, start the server again, then run this once more"
        )
