"""What can go wrong in a room."""

from outcry.kit.errors import ConflictError, NotFoundError


class RoomNotFoundError(NotFoundError):
    """There is no such room, or the person is not in it: the two look alike."""

    code, title = "room_not_found", "There is no such room"


class MessageNotFoundError(NotFoundError):
    """There is no such message in this room."""

    code, title = "message_not_found", "There is no such message"


class MemberNotFoundError(NotFoundError):
    """This person is not in the room."""

    code, title = "member_not_found", "This person is not in the room"


class PersonNotFoundError(NotFoundError):
    """Nobody in the organisation has this e-mail address."""

    code, title = "person_not_found", "Nobody here has this e-mail address"


class GuestElsewhereError(ConflictError):
    """A guest is in one room only."""

    code, title = "guest_elsewhere", "This person is a guest of another room, and can be in that one only"


class NotStreamingError(ConflictError):
    """The reply has ended, so there is nothing to stop."""

    code, title = "not_streaming", "This reply has already ended"


class StillStreamingError(ConflictError):
    """The reply is still being written."""

    code, title = "still_streaming", "This reply is still being written: stop it first"


class OwnerStaysError(ConflictError):
    """The owner of a room cannot be taken out of it."""

    code, title = "owner_stays", "The owner of a room cannot leave it"


class RoomFullError(ConflictError):
    """No more members fit into the room."""

    code, title = "room_full", "This room is full"


class RoleError(ConflictError):
    """A role that this member cannot have, or that cannot be taken from them."""

    code, title = "role_impossible", "This member cannot have this role"


class DirectRoomError(ConflictError):
    """A direct room is of the same two people for good."""

    code, title = "direct_room", "A direct room is of two people: nobody else comes in, and neither leaves it"


class MessageErasedError(ConflictError):
    """The message has lost its text for good."""

    code, title = "message_erased", "This message was erased"
