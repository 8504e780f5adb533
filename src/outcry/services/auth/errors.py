"""What can go wrong with who somebody is."""

from typing import Any

from outcry.kit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    OutcryError,
    UnauthenticatedError,
)
from outcry.ports.challenges import Widget


class EmailTakenError(ConflictError):
    """Somebody has registered with this e-mail address."""

    code, title = "email_taken", "This e-mail address is taken"


class WrongCredentialsError(UnauthenticatedError):
    """The same for an unknown account, a wrong password and a disabled person."""

    code, title = "wrong_credentials", "The e-mail address or the password is not right"


class SessionEndedError(UnauthenticatedError):
    """The refresh token is not one that may be used: unknown, used up, too old, or its session has ended."""

    code, title = "session_ended", "You are signed out"


class OrganisationNotFoundError(NotFoundError):
    """There is no such organisation, or the person is not in it."""

    code, title = "organisation_not_found", "There is no such organisation"


class TooManyOrganisationsError(ConflictError):
    """The person owns as many organisations as one may."""

    code, title = "too_many_organisations", "You own too many organisations"


class FeatureNotFoundError(NotFoundError):
    """There is no such feature."""

    code, title = "feature_not_found", "There is no such feature"


class FeatureOffError(ConflictError):
    """The organisation's plan, or an admin, has this switched off."""

    code, title = "feature_off", "This is switched off in the organisation"


class MemberNotFoundError(NotFoundError):
    """There is no such person in the organisation."""

    code, title = "member_not_found", "There is no such member"


class OwnMembershipError(ForbiddenError):
    """Nobody changes their own role, disables or removes themselves."""

    code, title = "own_membership", "You cannot change your own membership"


class OwnerProtectedError(ForbiddenError):
    """The owner's place changes only when the owner hands the organisation on."""

    code, title = "owner_protected", "The owner cannot be changed"


class OwnerCannotLeaveError(ConflictError):
    """An organisation is never without an owner."""

    code, title = "owner_cannot_leave", "The owner cannot leave"


class LastOrganisationError(ConflictError):
    """An account is never without an organisation."""

    code, title = "last_organisation", "This is your only organisation"


class CannotOwnError(ConflictError):
    """A guest or somebody who is disabled cannot own the organisation."""

    code, title = "cannot_own", "This person cannot own the organisation"


class AlreadyMemberError(ConflictError):
    """The person is in the organisation."""

    code, title = "already_member", "This person is a member already"


class NoSeatLeftError(ConflictError):
    """The organisation's plan has no more places."""

    code, title = "no_seat_left", "There is no seat left"


class InvitationNotFoundError(NotFoundError):
    """The invitation does not exist, or was used, revoked or replaced, or is too old: all answered alike."""

    code, title = "invitation_not_found", "This invitation is not valid"


class InvitationForAnotherError(ForbiddenError):
    """The invitation was sent to another address than the account's."""

    code, title = "invitation_for_another", "This invitation is for another address"


class TooManyInvitationsError(ConflictError):
    """The organisation has as many open invitations as it may."""

    code, title = "too_many_invitations", "There are too many open invitations"


class SessionNotFoundError(NotFoundError):
    """There is no such session, it has ended, or it is somebody else's."""

    code, title = "session_not_found", "There is no such session"


class ApiKeyNotFoundError(NotFoundError):
    """There is no such key, it was revoked, or it is somebody else's."""

    code, title = "api_key_not_found", "There is no such key"


class TooManyKeysError(ConflictError):
    """The plan has no more keys for this person."""

    code, title = "too_many_keys", "There are too many keys"


class WrongFactorError(ForbiddenError):
    """The code, the passkey or the password that was shown is not right; the same whichever it was, and why."""

    code, title = "wrong_factor", "That was not right"


class TicketEndedError(OutcryError):
    """The ticket was used, is too old, is somebody else's or never was: begin again."""

    code, status, title = "ticket_ended", 410, "This took too long, or was done already"


class FactorNotOnError(ConflictError):
    """The person does not have this factor."""

    code, title = "factor_not_on", "This factor is not switched on"


class LastWayInError(ConflictError):
    """Removing it would lock the person out for good."""

    code, title = "last_way_in", "This is your last way to sign in"


class DeviceNotFoundError(NotFoundError):
    """There is no such remembered device, or it is somebody else's."""

    code, title = "device_not_found", "There is no such device"


class SignInLostError(UnauthenticatedError):
    """Somebody came back from a provider who was not sent there by this browser, or too long ago, or came twice."""

    code, title = "sign_in_lost", "This sign-in was not begun in this browser, or is over. Begin it again"


class ProviderDeniedError(ForbiddenError):
    """The provider sent the person back without an answer: mostly because they said no there."""

    code, title = "provider_denied", "The provider did not let you in"


class LinkFirstError(ConflictError):
    """The provider's word is not enough to open an account, or to make one."""

    code, title = "link_first", "Sign in as you usually do, then connect this provider to your account"


class IdentityTakenError(ConflictError):
    """Another person here is connected with this account at the provider."""

    code, title = "identity_taken", "This account at the provider is connected with another person here"


class IdentityNotFoundError(NotFoundError):
    """There is no such connection with a provider, or it is somebody else's."""

    code, title = "identity_not_found", "There is no such connection"


class OwnsOrganisationsError(ConflictError):
    """The person owns organisations in which there are others."""

    code, title = "owns_organisations", "Others would lose their organisation"


class OperatorStaysError(ConflictError):
    """The person runs the installation, and others use it."""

    code, title = "operator_stays", "This account runs the installation"


class LinkInvalidError(OutcryError):
    """The link of a mail was used, is too old, or never was one: the three are answered alike."""

    code, status, title = "link_invalid", 410, "This link does not work any more"


class PasskeyRefusedError(InvalidInputError):
    """The browser's answer is not one to our question: another address, another challenge, not signed, not readable."""

    code, title = "passkey_refused", "This passkey cannot be used here"


class PasskeysUnavailableError(ConflictError):
    """The installation is reached by a number, or by no known address, and passkeys are bound to names."""

    code, title = "passkeys_unavailable", "Passkeys do not work at this address"


class PasskeyNotFoundError(NotFoundError):
    """There is no such passkey, or it is somebody else's."""

    code, title = "passkey_not_found", "There is no such passkey"


class TooManyPasskeysError(ConflictError):
    """The person has as many passkeys as anybody may have."""

    code, title = "too_many_passkeys", "There are too many passkeys"


class ShortPasswordError(ConflictError):
    """A password that is long enough only beside a second factor would stand alone."""

    code, title = "short_password", "The password is too short to stand alone"


class _ChallengeError(OutcryError):
    """The document says what the page has to show: whose widget, for which site, and where its script is."""

    status, counted = 403, True

    def __init__(
        self, detail: str = "", *, errors: tuple[dict[str, str], ...] = (), widget: Widget | None = None
    ) -> None:
        super().__init__(detail, errors=errors)
        self.widget = widget

    def to_problem(self, *, instance: str = "", request_id: str = "") -> dict[str, Any]:
        """Return the document, with ``challenge`` in it."""
        problem = super().to_problem(instance=instance, request_id=request_id)
        if self.widget is not None:
            shown = {"provider": self.widget.provider, "site_key": self.widget.site_key, "script": self.widget.script}
            problem["challenge"] = shown
        return problem


class ChallengeRequiredError(_ChallengeError):
    """There were many failures: solve a challenge, and send its response with the same request again."""

    code, title = "challenge_required", "Show that you are a person"


class ChallengeFailedError(_ChallengeError):
    """The response is not one of a challenge that was just solved, or it was used before."""

    code, title = "challenge_failed", "That did not show that you are a person. Try it once more"
