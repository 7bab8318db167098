"""What goes wrong without being a fault of the program: one line for the user, and an exit code that scripts can rely on."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command; 2 is wrong use, 130 an interrupt."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    VERIFICATION_FAILED = 4
    REFUSED = 5
    UNAVAILABLE = 69
    TRY_LATER = 75


class CommandError(Exception):
    """Ends a command with one line on standard error and an exit code."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        """Take the line and the code."""
        super().__init__(message)
        self.code = code


# By name, so that saying what went wrong needs no import of what was never used.
_EXPECTED = {
    "docaxis.config.section.ConfigError": ExitCode.FAILED,
    "docaxis.hub.ports.StoreUnavailable": ExitCode.UNAVAILABLE,
    "docaxis.hub.ports.StoreRefused": ExitCode.FAILED,
    "docaxis.backends.amqp.BrokerUnavailable": ExitCode.UNAVAILABLE,
    "docaxis.backends.management.ManagementError": ExitCode.UNAVAILABLE,
    "docaxis.local.service.ServiceError": ExitCode.UNAVAILABLE,
    "adapters.settings.SettingsError": ExitCode.FAILED,
    "adapters.connection.BrokerUnavailableError": ExitCode.UNAVAILABLE,
    "adapters.publisher.SendError": ExitCode.UNAVAILABLE,
}


def read_trouble(error: BaseException) -> CommandError | None:
    """Return what to tell the user of an error, None for a fault of the program, whose traceback is wanted."""
    if isinstance(error, CommandError):
        return error
    for kind in type(error).__mro__:
        code = _EXPECTED.get(f"{kind.__module__}.{kind.__qualname__}")
        if code is not None:
            return CommandError(str(error) or kind.__name__, code)
    if isinstance(error, FileNotFoundError) and error.filename:
        return CommandError(f"{error.filename}: {error.strerror}", ExitCode.NOT_FOUND)
    if isinstance(error, OSError) and error.filename:
        return CommandError(f"{error.filename}: {error.strerror}")
    return None
