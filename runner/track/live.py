"""Deliveries while a run goes on, by one thread that the run never waits for."""

from __future__ import annotations

import importlib
import logging
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from runner.progress import Listener, Note
from runner.store.folder import Store
from runner.store.lock import alone
from runner.store.run import RunFolder
from runner.track.delivery import hand_over, messenger, pack
from runner.track.events import Delivery

log = logging.getLogger(__name__)

PAUSE: Final = 5.0
"""Seconds between two deliveries, and before the first to a local store: a short run does without."""
LONGEST_PAUSE: Final = 60.0
"""After a failed delivery the pause doubles, up to this."""
PATIENCE: Final = 20.0
"""Seconds that the end of a run gives to the event in hand, whose own time-outs are shorter."""


class LiveDelivery:
    """Delivers what is on disk, every few seconds from when it is entered until it is left.

    It reads the records through a view of its own and writes nothing but marks, so that the run and its tracking
    cannot harm each other. A place that is away or answers nonsense is told once.
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
        """Returns when the event in hand has arrived or failed; what waits is delivered after the run."""
        self._ending.set()
        self._thread.join(PATIENCE if error is None else PATIENCE / 4)

    def _work(self) -> None:
        try:
            with alone(self._folder.delivery_lock) as mine:
                if mine:
                    self._deliver_until_the_end()
        except Exception:  # tracking cannot end a run; what could not be delivered is tried again after it
            log.exception("deliveries during the run have ended")

    def _deliver_until_the_end(self) -> None:
        parcel = pack(self._folder, self._store)
        if parcel is None or (not parcel.place.remote and self._ending.wait(self._pause)):
            return
        # The final models import the same module: whoever comes second waits for it, and never meets half of it.
        importlib.import_module("runner.track.flavour")
        courier = messenger(parcel.place)
        pause = self._pause
        while not self._ending.is_set():
            parcel = pack(self._folder, self._store)
            if parcel is not None and parcel.pending:
                delivery = hand_over(parcel, courier, self._ending.is_set)
                log.info("deliveries: %s events arrived, %s wait", delivery.delivered, delivery.pending)
                self._report(parcel.place.label, delivery)
            pause = min(2 * pause, LONGEST_PAUSE) if self._away else self._pause
            self._ending.wait(pause)

    def _report(self, label: str, delivery: Delivery) -> None:
        """One line when the place is first in trouble, and one when it is there again."""
        if self._ending.is_set() or self._away == bool(delivery.trouble):
            return
        self._away = bool(delivery.trouble)
        if self._away:
            text = f"tracking  {label}: {delivery.trouble}; the run goes on, `run-spec sync` delivers later"
            self._tell(Note(text, "warning"))
        else:
            self._tell(Note(f"tracking  {label} takes deliveries again"))
