"""Deliveries during a run, by one thread that the run never waits for."""

from __future__ import annotations

import logging
import time
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from runner.files.redact import redact
from runner.progress import Listener, Note
from runner.store.folder import Store
from runner.store.lock import try_lock
from runner.store.run import RunFolder
from runner.track.delivery import open_sender, prepare_delivery, send_pending
from runner.track.destination import Destination
from runner.track.settings import load_quietly

if TYPE_CHECKING:
    from runner.track.sender import MlflowSender

log = logging.getLogger(__name__)

PAUSE: Final = 5.0
"""Seconds between two deliveries and before the first, so that a short run does without."""
LEISURE: Final = 10
"""A pause is so many times the computing time of the round before: of many trials all are looked at each time."""
LONGEST_PAUSE: Final = 60.0
"""After a failed delivery the pause doubles, up to this."""


class LiveDelivery:
    """Delivers what is on disk every few seconds, from when it is entered until it is left.

    It reads the records through a view of its own and writes nothing but marks, so that the run and its tracking
    cannot harm each other. A place that is away is reported once.
    """

    def __init__(self, folder: RunFolder, store: Store, tell: Listener, pause: float = PAUSE) -> None:
        self._store = Store(store.root, read_only=True)
        self._folder = self._store.run(folder.name, folder.run_id)
        self._tell, self._pause = tell, pause
        self._ending = Event()
        self._away = False
        self._thread = Thread(target=self._work, name="deliveries", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ask it to end after its current event; `deliver` waits for that, and the run does not."""
        self._ending.set()

    def _work(self) -> None:
        try:
            with try_lock(self._folder.delivery_lock) as locked:
                delivery = prepare_delivery(self._folder, self._store) if locked else None
                if delivery is not None:
                    self._deliver_until_the_end(delivery.place)
        except Exception:  # tracking cannot end a run; what could not be delivered is tried again after it
            log.exception("deliveries during the run have ended")

    def _deliver_until_the_end(self, place: Destination) -> None:
        trouble = _first_trouble(place)
        self._report(place.label, trouble)
        sender: MlflowSender | None = None
        pause = self._pause
        while not self._ending.wait(pause):
            started = time.thread_time()
            try:
                delivery = prepare_delivery(self._folder, self._store)
                if delivery is None or not delivery.snapshot.studies:
                    continue  # a run that ends before its first trial is not delivered meanwhile
                if sender is None:
                    sender, started = _open_sender(place), time.thread_time()
                report = send_pending(delivery, sender, self._ending.is_set)
                log.info("deliveries: %s events arrived, %s wait", report.delivered, report.pending)
                trouble = report.trouble
            except Exception as error:  # such as a file that was deleted: the next round reads what there is
                log.exception("a delivery during the run failed")
                trouble = f"{type(error).__name__}: {error}"
            self._report(place.label, trouble)
            least = LEISURE * (time.thread_time() - started)
            pause = min(2 * pause, LONGEST_PAUSE) if trouble else min(max(self._pause, least), LONGEST_PAUSE)

    def _report(self, label: str, trouble: str | None) -> None:
        """One line when the place is first in trouble, and one when it is there again."""
        if self._ending.is_set() or self._away == bool(trouble):
            return
        self._away = bool(trouble)
        if self._away:
            text = f"tracking  {label}: {trouble}; the run goes on, `run-spec sync` delivers later"
            self._tell(Note(redact(text), "warning"))
        else:
            self._tell(Note(f"tracking  {label} takes deliveries again"))


def _first_trouble(place: Destination) -> str | None:
    """Return why a server cannot be used, before the first trial; a local store imports no MLflow yet."""
    return load_quietly("runner.track.client").unreachable(place) if place.remote else None


def _open_sender(place: Destination) -> MlflowSender:
    # The final models import the same module: the second thread waits for it, and never sees half of it.
    load_quietly("runner.track.flavor")
    return open_sender(place)
