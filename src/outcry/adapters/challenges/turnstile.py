"""The Challenges port on Cloudflare Turnstile."""

from outcry.adapters.challenges.challenge_address import ChallengeAddress
from outcry.adapters.challenges.siteverify import SiteverifyChallenges
from outcry.adapters.outgoing.addresses import Resolve, resolve_host
from outcry.adapters.outgoing.destinations import Destinations
from outcry.ports.challenges import Widget
from outcry.ports.secrets import Secrets

_BASE = "https://challenges.cloudflare.com"


class TurnstileChallenges(SiteverifyChallenges):
    """Asks Turnstile, or a server at ``base`` that speaks like it."""

    def __init__(
        self,
        address: ChallengeAddress,
        *,
        secrets: Secrets,
        resolve: Resolve = resolve_host,
        outside: Destinations | None = None,
    ) -> None:
        base = address.base or _BASE
        widget = Widget(
            provider="turnstile",
            site_key=address.site_key,
            script=f"{base}/turnstile/v0/api.js?render=explicit",
            origins=(base,),
        )
        url = f"{base}/turnstile/v0/siteverify"
        super().__init__(widget, url, secrets=secrets, extra={}, resolve=resolve, outside=outside)
