"""The Challenges port on hCaptcha."""

from outcry.adapters.challenges.challenge_address import ChallengeAddress
from outcry.adapters.challenges.siteverify import SiteverifyChallenges
from outcry.adapters.outgoing.addresses import Resolve, resolve_host
from outcry.adapters.outgoing.destinations import Destinations
from outcry.ports.challenges import Widget
from outcry.ports.secrets import Secrets

_SCRIPTS = "https://js.hcaptcha.com"
_VERIFIER = "https://api.hcaptcha.com"
# As hCaptcha asks for them: its parts come from hosts that change.
_ORIGINS = ("https://hcaptcha.com", "https://*.hcaptcha.com")


class HcaptchaChallenges(SiteverifyChallenges):
    """Asks hCaptcha, or a server at ``base`` that speaks like it, as enterprises have their own."""

    def __init__(
        self,
        address: ChallengeAddress,
        *,
        secrets: Secrets,
        resolve: Resolve = resolve_host,
        outside: Destinations | None = None,
    ) -> None:
        base = address.base
        widget = Widget(
            provider="hcaptcha",
            site_key=address.site_key,
            script=f"{base or _SCRIPTS}/1/api.js?render=explicit",
            origins=(base,) if base else _ORIGINS,
        )
        # Named, so that what was solved for another site of the same owner is not taken.
        extra = {"sitekey": address.site_key}
        url = f"{base or _VERIFIER}/siteverify"
        super().__init__(widget, url, secrets=secrets, extra=extra, resolve=resolve, outside=outside)
