"""Sessions, the tokens of every kind, and the keys behind them. Of a token only a hash is ever stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.auth.models.metadata import Base


class SessionRow(Base):
    """A signed-in device: a family of refresh tokens.

    ``head_id`` is the refresh token that was used last. It and its children may be used, no other of the family.
    ``methods`` are the authentication methods of RFC 8176 that opened it, ``fresh_at`` when a factor was last shown.
    """

    __tablename__ = "session"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    head_id: Mapped[UUID | None] = mapped_column(Uuid)
    methods: Mapped[list[Any]] = mapped_column(JSON, default=list)
    fresh_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    user_agent: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end_reason: Mapped[str | None] = mapped_column(String(32))


class RefreshTokenRow(Base):
    """A refresh token, of which only the SHA-256 is kept. ``confirmed_at`` is its first use."""

    __tablename__ = "refresh_token"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("session.id"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(Uuid)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class SigningKeyRow(Base):
    """An Ed25519 key that signs access tokens; its private part is sealed under the master key of a version.

    Tokens that it signed are valid until ``retired_at``, which is set when a newer key takes over. Version 0 is a key
    of an earlier version of the program: it still verifies, and signs no more.
    """

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed_private_jwk: Mapped[bytes] = mapped_column(LargeBinary)
    master_version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class MasterKeyRow(Base):
    """A version of the master key: the secret ``auth-master`` for 1, ``auth-master-<version>`` for later ones."""

    __tablename__ = "master_key"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    created_at: Mapped[datetime] = mapped_column(Instant)


class TicketRow(Base):
    """A single-use permission to go on with something: a link in a mail, a half-done sign-in, a challenge.

    ``sealed_data`` is JSON that belongs to it, sealed under the installation's key. ``tries`` counts wrong codes.
    """

    __tablename__ = "ticket"
    __table_args__ = (Index("ticket_expiry", "expires_at"), Index("ticket_person", "person_id", "purpose"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    sealed_data: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class MailRow(Base):
    """A mail that waits to be handed over, sealed under the installation's key. Removed once it is."""

    __tablename__ = "mail"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)


class ApiKeyRow(Base):
    """A person's key for programs, in one organisation. ``prefix`` may be shown; of all only the SHA-256 is kept."""

    __tablename__ = "api_key"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[list[Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
