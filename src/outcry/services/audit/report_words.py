"""What acts are called in reports; the others keep their names."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "audit.entries_read": "the audit log",
    "audit.exported": "the audit log",
    "audit.report_made": "a compliance report",
    "auth.invitations_read": "invitations",
    "auth.member_disabled": "kept out",
    "auth.member_enabled": "let in again",
    "auth.member_joined": "joined",
    "auth.member_left": "left",
    "auth.member_ownership": "ownership handed over",
    "auth.member_removed": "removed",
    "auth.member_role": "role changed",
    "auth.members_read": "the list of people",
    "auth.person_exported": "their own data",
    "auth.person_registered": "registered",
}
