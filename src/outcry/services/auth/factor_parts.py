"""Wires the second factors from the core: what proves them, and the commands over it."""

from dataclasses import dataclass

from fastapi import APIRouter

from outcry.services.auth.api.factors import factors_router
from outcry.services.auth.api.passkey_registration import passkey_registration_router
from outcry.services.auth.api.passkeys import passkeys_router
from outcry.services.auth.api.step_up import step_up_router
from outcry.services.auth.commands.factors import FactorCommands
from outcry.services.auth.commands.passkey_registration import PasskeyRegistrationCommands
from outcry.services.auth.commands.passkey_sign_in import PasskeySignInCommands
from outcry.services.auth.commands.passkeys import PasskeyCommands
from outcry.services.auth.commands.second_factor import SecondFactorCommands
from outcry.services.auth.commands.step_up import StepUpCommands
from outcry.services.auth.devices import Devices
from outcry.services.auth.factor_news import FactorNews
from outcry.services.auth.passkeys import Passkeys
from outcry.services.auth.proofs import Proofs
from outcry.services.auth.provider_step_up import ProviderStepUp
from outcry.services.auth.providers import Providers
from outcry.services.auth.queries.factors import FactorQueries
from outcry.services.auth.recovery_codes import RecoveryCodes
from outcry.services.auth.relying_party import RelyingParty
from outcry.services.auth.totp import TotpCodes
from outcry.services.auth.wiring import Core


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inner:
    """What only the factors are made of."""

    party: RelyingParty
    passkeys: Passkeys
    codes: TotpCodes
    recovery: RecoveryCodes
    news: FactorNews
    proofs: Proofs


def factor_part(core: Core, providers: Providers) -> APIRouter:
    """Return the endpoints of second factors, of passkeys and of showing them again."""
    inner = _inner(core)
    router = APIRouter()
    for part in (_factors(core, inner), _passkeys(core, inner), _step_up(core, inner, providers)):
        router.routes.extend(part.routes)
    return router


def _inner(core: Core) -> _Inner:
    party = RelyingParty(core.settings.public_url)
    passkeys = Passkeys(party=party, tickets=core.tickets, entrance=core.entrance, clock=core.clock)
    codes, recovery = TotpCodes(core.vault, core.clock), RecoveryCodes(core.vault, core.clock)
    news = FactorNews(core.mailing, core.directory)
    proofs = Proofs(passkeys=passkeys, codes=codes, recovery=recovery, news=news)
    return _Inner(party=party, passkeys=passkeys, codes=codes, recovery=recovery, news=news, proofs=proofs)


def _passkeys(core: Core, inner: _Inner) -> APIRouter:
    commands = PasskeyCommands(
        database=core.database,
        directory=core.directory,
        party=inner.party,
        passkeys=inner.passkeys,
        recovery=inner.recovery,
        news=inner.news,
        settings=core.settings,
    )
    sign_ins = PasskeySignInCommands(
        database=core.database,
        tickets=core.tickets,
        throttle=core.throttle,
        entrance=core.entrance,
        passkeys=inner.passkeys,
    )
    registration = PasskeyRegistrationCommands(
        database=core.database,
        party=inner.party,
        passkeys=inner.passkeys,
        throttle=core.throttle,
        challenger=core.challenger,
        registration=core.registration,
    )
    router = passkeys_router(commands, sign_ins, core.settings)
    router.routes.extend(passkey_registration_router(registration, core.settings).routes)
    return router


def _factors(core: Core, inner: _Inner) -> APIRouter:
    commands = FactorCommands(
        database=core.database,
        clock=core.clock,
        tickets=core.tickets,
        directory=core.directory,
        codes=inner.codes,
        recovery=inner.recovery,
        news=inner.news,
    )
    second = SecondFactorCommands(
        database=core.database,
        tickets=core.tickets,
        throttle=core.throttle,
        entrance=core.entrance,
        proofs=inner.proofs,
        devices=Devices(core.clock, core.settings),
        news=inner.news,
        settings=core.settings,
    )
    return factors_router(commands, second, FactorQueries(core.database, core.clock, core.vault), core.settings)


def _step_up(core: Core, inner: _Inner, providers: Providers) -> APIRouter:
    commands = StepUpCommands(
        database=core.database,
        clock=core.clock,
        settings=core.settings,
        credentials=core.credentials,
        throttle=core.throttle,
        sessions=core.sessions,
        announcer=core.announcer,
        proofs=inner.proofs,
        passkeys=inner.passkeys,
        providers=ProviderStepUp(providers, core.sessions),
    )
    return step_up_router(commands)
