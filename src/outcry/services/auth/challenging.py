"""Asks who fails often to show that they are a person, before anything that they typed is looked at.

It is done here and not at the edge because only here it is known whose account is tried, and from which browsers its
owner has signed in before: those are never asked. Counted is what the throttle counts anyway, failed sign-ins for each
account and network; and, as registering and recovering do not say whether they failed, how often a network asked for
one.

A solved challenge is one try. It gives no more tries than the throttle has, and a wrong one counts as a failure. While
nobody can verify, the challenge is left out and the throttle alone slows who guesses: an installation whose people
cannot sign in because somebody else's server is down, or was attacked for it, would be worse off than without one.
"""

import logging

from outcry.kit.errors import UnavailableError
from outcry.ports.challenges import Challenges, Widget
from outcry.services.auth.errors import ChallengeFailedError, ChallengeRequiredError
from outcry.services.auth.identity import Client
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.throttle import Throttle

log = logging.getLogger(__name__)


class Challenger:
    """Decides who is asked, and has what they answered verified once."""

    def __init__(self, challenges: Challenges, throttle: Throttle, settings: AuthSettings) -> None:
        self._challenges = challenges
        self._throttle = throttle
        self._per_account = settings.challenge_after_failures
        self._from_strangers = settings.challenge_after_strangers
        self._per_address = settings.challenge_after_address

    async def check_sign_in(self, account: str, client: Client, *, browser: str) -> None:
        """Raise ChallengeRequiredError or ChallengeFailedError for who has to solve one first.

        ``browser`` is the name of a browser that signed in to the account before.
        """
        if self._challenges.widget is None or browser:
            return
        tries = await self._throttle.tries(account, client.address)
        suspect = (
            tries.for_account >= self._per_account
            or tries.from_strangers >= self._from_strangers
            or tries.from_address >= self._per_address
        )
        # Nobody solves one only to be told to wait.
        if suspect and not tries.over:
            await self._check(client, self._challenges.widget)

    async def check_asking(self, client: Client) -> None:
        """Do the same for who wants an account or a mail, and count that they did."""
        if self._challenges.widget is None:
            return
        tries = await self._throttle.tries("", client.address)
        if tries.from_address >= self._per_address and not tries.over:
            await self._check(client, self._challenges.widget)
        await self._throttle.asked(client.address)

    async def _check(self, client: Client, widget: Widget) -> None:
        if not client.challenge_response:
            raise ChallengeRequiredError(widget=widget)
        try:
            solved = await self._challenges.verify(client.challenge_response, address=client.address)
        except UnavailableError as error:
            log.warning("a challenge could not be verified and was left out: %s", error)
            return
        if not solved:
            await self._throttle.failed(client.address)
            raise ChallengeFailedError(widget=widget)
