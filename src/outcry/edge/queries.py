"""What the query of an address may look like."""

from starlette.requests import HTTPConnection

from outcry.kit.errors import MalformedRequestError


async def refuse_repeated(connection: HTTPConnection) -> None:
    """Refuse a parameter that comes twice: of two values, whoever looks first may mean the other one."""
    query = connection.query_params
    if connection.scope["type"] == "http" and len(query) < len(query.multi_items()):
        raise MalformedRequestError("A parameter stands in the query more than once.")
