"""Calls that end: storage that hangs must not stop a run."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


def with_deadline(call: Callable[[], Value], seconds: float) -> Value:
    """The value of a call, made in a thread that is abandoned after some seconds.

    Raises:
        TimeoutError: it did not end in time.
    """
    future: Future[Value] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # raised in the thread that waits
            future.set_exception(error)

    Thread(target=work, daemon=True).start()
    try:
        return future.result(seconds)
    except TimeoutError:
        if future.done():  # the call's own
            raise
        raise TimeoutError(f"no answer in {seconds:g} s") from None
