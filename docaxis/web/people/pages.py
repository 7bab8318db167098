"""The pages of this area."""

from docaxis.web.people.sign_in import PAGES_OF_SIGN_IN
from docaxis.web.routing import Page

PAGES: tuple[Page, ...] = PAGES_OF_SIGN_IN
