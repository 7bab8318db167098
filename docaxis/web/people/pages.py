"""The pages of this area."""

from docaxis.domain.people import Role
from docaxis.web.people.account import (
    change_agency,
    change_language,
    change_password,
    end_one,
    end_others,
    show_account,
)
from docaxis.web.people.administration import (
    add_person,
    change_role,
    disable,
    enable,
    give_link,
    grant,
    revoke,
    set_mandate,
    show_addition,
    show_people,
    show_person,
)
from docaxis.web.people.enter import show_link, use_link
from docaxis.web.people.keys import add_key, ask_for_key, offer_keys, remove_key, rename_key, take_key
from docaxis.web.people.oidc import back, start, told_ended
from docaxis.web.people.sign_in import sign_in, sign_out, take_demo, take_password
from docaxis.web.routing import EVERYBODY, NOBODY_YET, Page

_CLERKS = frozenset({Role.CLERK})
_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

PAGES: tuple[Page, ...] = (
    Page("/sign-in", sign_in, NOBODY_YET, "signin"),
    Page("/sign-in", take_password, NOBODY_YET, "signin-password", acts=True),
    Page("/sign-in/passkey", take_key, NOBODY_YET, "signin-passkey", acts=True),
    Page("/sign-in/passkey/options", offer_keys, NOBODY_YET, "signin-passkey-options", acts=True),
    Page("/sign-in/oidc", start, NOBODY_YET, "signin-oidc"),
    Page("/sign-in/oidc/back", back, NOBODY_YET, "signin-oidc-back"),
    Page("/sign-in/oidc/ended", told_ended, NOBODY_YET, "signin-oidc-ended", acts=True),
    Page("/sign-in/link/{link}", show_link, NOBODY_YET, "signin-link"),
    Page("/sign-in/link", use_link, NOBODY_YET, "signin-link-use", acts=True),
    Page("/sign-in/demo", take_demo, NOBODY_YET, "signin-demo", acts=True),
    Page("/sign-out", sign_out, EVERYBODY, "sign-out", acts=True),
    Page("/account", show_account, EVERYBODY, "account"),
    Page("/account/password", change_password, EVERYBODY, "account-password", acts=True),
    Page("/account/language", change_language, EVERYBODY, "account-language", acts=True),
    Page("/account/agency", change_agency, _CLERKS, "account-agency", acts=True),
    Page("/account/sessions/end", end_one, EVERYBODY, "account-session-end", acts=True),
    Page("/account/sessions/end-others", end_others, EVERYBODY, "account-sessions-end", acts=True),
    Page("/account/passkeys", add_key, EVERYBODY, "account-passkey-add", acts=True),
    Page("/account/passkeys/options", ask_for_key, EVERYBODY, "account-passkey-options", acts=True),
    Page("/account/passkeys/name", rename_key, EVERYBODY, "account-passkey-name", acts=True),
    Page("/account/passkeys/remove", remove_key, EVERYBODY, "account-passkey-remove", acts=True),
    Page("/people", show_people, _ADMINISTRATORS, "people"),
    Page("/people/add", show_addition, _ADMINISTRATORS, "person-add"),
    Page("/people/add", add_person, _ADMINISTRATORS, "person-add-act", acts=True),
    Page("/people/{person}", show_person, _ADMINISTRATORS, "person"),
    Page("/people/{person}/disable", disable, _ADMINISTRATORS, "person-disable", acts=True),
    Page("/people/{person}/enable", enable, _ADMINISTRATORS, "person-enable", acts=True),
    Page("/people/{person}/grant", grant, _ADMINISTRATORS, "person-grant", acts=True),
    Page("/people/{person}/revoke", revoke, _ADMINISTRATORS, "person-revoke", acts=True),
    Page("/people/{person}/mandate", set_mandate, _ADMINISTRATORS, "person-mandate", acts=True),
    Page("/people/{person}/role", change_role, _ADMINISTRATORS, "person-role", acts=True),
    Page("/people/{person}/link", give_link, _ADMINISTRATORS, "person-link", acts=True),
)
