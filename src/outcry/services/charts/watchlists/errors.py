"""What can go wrong with watchlists."""

from outcry.kit.errors import ConflictError, NotFoundError
from outcry.services.charts.errors import ChangedError


class WatchlistNotFoundError(NotFoundError):
    """There is no such watchlist, or it is not the person's to see: the two look alike."""

    code, title = "watchlist_not_found", "There is no such watchlist"


class WatchlistChangedError(ChangedError):
    """Somebody changed the watchlist since."""

    code, title = "watchlist_changed", "The watchlist has changed meanwhile"


class TooManyWatchlistsError(ConflictError):
    """The person has as many as one may have."""

    code, title = "too_many_watchlists", "There are too many watchlists"
