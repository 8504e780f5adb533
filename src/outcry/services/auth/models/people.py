"""People and organisations. What names a person is sealed under the person's own data key; see ``vault.py``."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.kit.ids import new_id
from outcry.ports.database import Instant
from outcry.services.auth.models.metadata import Base


class PersonRow(Base):
    """A person. ``email_index`` is a keyed hash of the address, by which it is found and unique; None once erased.

    ``picture`` is the version of the sealed blob that holds their picture (``pictures.py``).
    ``handle`` is what passkeys know the person by: random, and nothing else is derived from it.
    ``email``, ``email_key`` and ``name`` are what an older version wrote in the clear: the start seals what it finds
    there. They stay as empty columns because SQLite cannot drop a unique one.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index("person_email", "email_index", unique=True),
        Index("person_handle", "handle", unique=True),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    email: Mapped[str] = mapped_column(String(320), default="")
    email_key: Mapped[str] = mapped_column(String(640), unique=True, default=lambda: new_id().hex)
    name: Mapped[str] = mapped_column(String(80), default="")
    sealed_email: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    sealed_name: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_verified_at: Mapped[datetime | None] = mapped_column(Instant)
    handle: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    locale: Mapped[str] = mapped_column(String(16), default="en")
    picture: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)


class PersonKeyRow(Base):
    """A person's data key, wrapped by the key of an organisation. Without this row all that it sealed is noise."""

    __tablename__ = "person_key"

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class OrganisationKeyRow(Base):
    """An organisation's key, wrapped by the master key of a version."""

    __tablename__ = "organisation_key"

    organisation_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    master_version: Mapped[int] = mapped_column(Integer)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class OrganisationRow(Base):
    """A tenant. ``flags`` are the features that its admins switched by hand, by name."""

    __tablename__ = "organisation"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(160))
    plan: Mapped[str] = mapped_column(String(16), default="desk")
    flags: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)


class MembershipRow(Base):
    """What a person is in an organisation; ``room_id`` is the one room of a guest."""

    __tablename__ = "membership"

    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16))
    room_id: Mapped[UUID | None] = mapped_column(Uuid)
    joined_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)


class InvitationRow(Base):
    """An invitation. Its token opens it; the address is sealed under the organisation's key."""

    __tablename__ = "invitation"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    invited_by: Mapped[UUID] = mapped_column(Uuid)
    sealed_email: Mapped[bytes] = mapped_column(LargeBinary)
    email_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    role: Mapped[str] = mapped_column(String(16))
    room_id: Mapped[UUID | None] = mapped_column(Uuid)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_by: Mapped[UUID | None] = mapped_column(Uuid)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class InstallationRow(Base):
    """This installation: one row (id 1), written by whoever registers first, who thereby runs it."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    operator_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))


class ErasureRow(Base):
    """Somebody whose data was erased, and the organisations that went with them. Also kept in the ledger."""

    __tablename__ = "erasure"

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organisation_ids: Mapped[list[Any]] = mapped_column(JSON)
    erased_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
