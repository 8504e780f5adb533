"""What can be set of the auth service: environment variables that begin with ``OUTCRY_AUTH_``."""

from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from outcry.services.auth.plans import PlanName
from outcry.services.auth.provider_settings import ProviderSettings


class AuthSettings(BaseSettings):
    """The settings of the auth service. Argon2id's defaults are the second choice of RFC 9106, section 4."""

    model_config = SettingsConfigDict(env_prefix="OUTCRY_AUTH_", frozen=True)

    issuer: str = Field(default="outcry", min_length=1, description="The `iss` claim of access tokens.")
    public_url: str = Field(
        default="", description="Where people reach the installation; links in mails and passkeys are made for it."
    )
    access_minutes: int = Field(default=10, ge=1, le=60, description="Minutes that an access token is valid.")
    refresh_days: int = Field(default=14, ge=1, le=365, description="Days that somebody who is away stays signed in.")
    session_days: int = Field(default=30, ge=1, le=365, description="Days after which everybody signs in anew.")
    step_up_minutes: int = Field(default=5, ge=1, le=30, description="Minutes that a shown factor counts as fresh.")
    device_days: int = Field(default=30, ge=1, le=90, description="Days that a remembered device skips the factor.")
    link_minutes: int = Field(default=30, ge=5, le=1440, description="Minutes that a link in a mail is valid.")
    invitation_days: int = Field(default=7, ge=1, le=60, description="Days that an invitation is valid.")
    default_plan: PlanName = Field(default="desk", description="The plan of a new organisation.")
    confirm_email: bool | None = Field(
        default=None, description="Whether a new address is confirmed before the account is made; unset: with SMTP."
    )
    failure_minutes: int = Field(default=15, ge=1, description="Minutes over which failed sign-ins are counted.")
    failures_per_account: int = Field(default=5, ge=1, description="Failed tries of one account from one address.")
    failures_per_address: int = Field(
        default=30, ge=1, description="Failed tries from one address, all accounts together."
    )
    failures_from_strangers: int = Field(
        default=50, ge=1, description="Tries of one account from all browsers that never signed in to it."
    )
    challenge_after_failures: int = Field(
        default=3, ge=0, description="Failed tries of one account from one address before a challenge has to be solved."
    )
    challenge_after_strangers: int = Field(
        default=10, ge=0, description="Tries of one account from all new browsers before these have to solve one."
    )
    challenge_after_address: int = Field(
        default=10, ge=0, description="Failed tries, new accounts and recoveries from one address before it has to."
    )
    hash_time_cost: int = Field(default=3, ge=1, description="Argon2id: passes over the memory.")
    hash_memory_kib: int = Field(default=65_536, ge=8, description="Argon2id: memory of one hash, in KiB.")
    hash_parallelism: int = Field(default=4, ge=1, description="Argon2id: lanes of one hash.")
    oidc: tuple[ProviderSettings, ...] = Field(
        default=(), description="The providers that people may sign in by, as a JSON list."
    )

    @model_validator(mode="after")
    def _names_of_providers_differ(self) -> Self:
        names = [provider.name for provider in self.oidc]
        if len(set(names)) < len(names):
            raise ValueError("two providers have the same name")
        return self
