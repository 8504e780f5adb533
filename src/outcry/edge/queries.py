"""What the query of an address may look like."""

from starlette.requests import HTTPConnection

from outcry.kit.errors import InvalidInputError


async def refuse_repeated(connection: HTTPConnection) -> None:
    """Refuse a parameter that comes twice: of two values, whoever looks first may mean the other one."""
    query = connection.query_params
    if connection.scope["type"] == "http" and len(query) < len(query.multi_items()):
        twice = next(name for name in query if len(query.getlist(name)) > 1)
        message = "must not come more than once"
        raise InvalidInputError(f"{twice[:100]} {message}.", errors=({"field": twice[:100], "message": message},))
