"""Through whose hands accounts came: whoever makes an account, or an address to sign in to it, could sit there too."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.people_tables import people


async def share_a_hand(connection: AsyncConnection, one: str, other: str) -> bool:
    """Whether one person could have signed in as both logins, by the accounts and addresses that were made on the pages.

    What the command line or the identity provider let in stands for itself: nobody on the pages had it in hand.
    """
    return bool(await _hands(connection, one) & await _hands(connection, other))


async def _hands(connection: AsyncConnection, login: str) -> set[str]:
    """Return an account, who let it in, who let that one in, and so on."""
    found = set[str]()
    while login not in found:
        query = select(people.c.let_in_by).where(people.c.login == login)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            break
        found.add(login)
        login = row.let_in_by
    return found
