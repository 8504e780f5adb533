"""What each role may do in a room: one table, reviewed as data.

A tenant's permission stands before it on every endpoint; this is the rule of the one room.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from outcry.kit.errors import ForbiddenError

# From the highest to the lowest; who is out of a room has no role and no right.
ROLES = ("owner", "moderator", "member", "reader")


class Right(StrEnum):
    """Something that not everybody in a room may do. Everybody in it may read it, keep it in their list, and leave."""

    POST = "post"  # messages, also in topics
    REACT = "react"
    PIN = "pin"
    NAME = "name"  # the title and description of the room, and those of topics
    INVITE = "invite"  # to bring somebody in
    LINK = "link"  # to make, see and revoke links that let others in
    MODERATE = "moderate"  # others' messages and topics; to take others out, or let them only read
    MANAGE = "manage"  # roles, who owns it, its kind


_MEMBERS = frozenset({"owner", "moderator", "member"})
_MODERATORS = frozenset({"owner", "moderator"})
_OWNERS = frozenset({"owner"})

HOLDERS: Mapping[Right, frozenset[str]] = {
    Right.POST: _MEMBERS,
    Right.REACT: _MEMBERS,
    Right.PIN: _MEMBERS,
    Right.NAME: _MEMBERS,
    Right.INVITE: _MEMBERS,
    Right.LINK: _MODERATORS,
    Right.MODERATE: _MODERATORS,
    Right.MANAGE: _OWNERS,
}

_REFUSALS: Mapping[Right, str] = {
    Right.POST: "You may read this room, and post nothing in it.",
    Right.REACT: "You may read this room, and react to nothing in it.",
    Right.PIN: "You may read this room, and pin nothing in it.",
    Right.NAME: "You may read this room, and name nothing in it.",
    Right.INVITE: "You may read this room, and bring nobody into it.",
    Right.LINK: "Only the owner and the moderators of a room make links to it.",
    Right.MODERATE: "Only the owner and the moderators of a room may do this.",
    Right.MANAGE: "Only the owner of a room may do this.",
}


class HasRole(Protocol):
    """A member of a room, such as a ``MemberRow``."""

    role: str


def holds(member: HasRole, right: Right) -> bool:
    """Say whether a member's role has a right; an unknown role has none."""
    return member.role in HOLDERS[right]


def require(member: HasRole, right: Right) -> None:
    """Raise ForbiddenError unless a member's role has a right."""
    if not holds(member, right):
        raise ForbiddenError(_REFUSALS[right])


def outranks(member: HasRole, other: HasRole) -> bool:
    """Say whether one member stands above another: only then may they take them out or change what they may do."""
    return ROLES.index(member.role) < ROLES.index(other.role)
