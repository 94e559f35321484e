"""What the web process is told first: where everything is, and which styles there are."""

from daemon import __version__
from daemon.config import Config
from daemon.http.wire import Hello, StyleCard
from daemon.session_folder import sessions_folder
from daemon.styles_folder import StyleShelf


def greeting(config: Config, shelf: StyleShelf, session: str) -> Hello:
    """The facts of a session that is about to begin; `session` is the name of its recording, if there is one."""
    cards = tuple(
        StyleCard(style.name, style.title, style.genre, str(style.meter)) for _, style in sorted(shelf.styles.items())
    )
    return Hello(
        version=__version__,
        host=config.http.host,
        port=config.http.port,
        token=config.http.token,
        osc_host=config.osc.host,
        osc_port=config.osc.port,
        sessions=str(sessions_folder(config)),
        session=session,
        styles=cards,
        osc_feedback_port=config.osc.feedback_port,
    )
