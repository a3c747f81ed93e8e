"""Executors: the same tasks one after another, or on several processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as connection_wait
from threading import Thread
from typing import Final, TypeVar

from straits.base.compiled import are_compiled
from straits.base.errors import InternalError, InterruptedRunError
from straits.ensemble.store import Store
from straits.ensemble.study import Study, TaskDone, run_task, simulate, simulate_traffic

__all__ = ["compile_first", "run_study", "spread"]

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
_ENDED: Final = ("A worker process was ended from outside, mostly for want of memory. What was "
                 "finished is kept; the same command resumes, with --jobs 1 in less memory.")
# What numerical libraries read when a process loads them.
_THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def run_study(
    study: Study, store: Store, jobs: int, on_done: Callable[[TaskDone], None]
) -> list[TaskDone]:
    """Run every task of a study and return what was done, by row and policy.

    Tasks go out row by row, so that a worker mostly keeps the row whose history it has
    simulated. An interruption leaves finished parts in the store; the same call resumes.

    Parameters
    ----------
    study : Study
    store : Store
    jobs : int
        Number of processes; 1 runs in this one.
    on_done : callable
        Called after each task, in order of completion.
    """
    if study.traffic == "replayed":
        raise InternalError("a study with replayed traffic is run by ensemble.replayed")
    study = study.stamped()
    store.prepare()
    if not are_compiled():
        compile_first(study, jobs)
    tasks = [(policy, row) for row in range(study.rows) for policy in study.policies]
    done: list[TaskDone] = []

    def book(result: TaskDone) -> None:
        done.append(result)
        on_done(result)

    if jobs <= 1:
        for policy, row in tasks:
            book(run_task(study, policy, row, store))
    else:
        _spread(study, store, tasks, jobs, book)
    order = {task: k for k, task in enumerate(tasks)}
    return sorted(done, key=lambda result: order[(result.policy, result.row)])


def compile_first(study: Study, jobs: int) -> None:
    """Compile the kernels in processes of their own, which give the compiler's memory back.

    Compiling takes several hundred megabytes that a process keeps for good, and every worker of
    a cold start would do it over again. Half of the time goes to the calendar, which a day of
    vehicles needs last: with two processes one compiles it while the other does all the rest.
    """
    parts = (_calendar_day, _whole_day) if jobs > 1 else (_whole_day,)
    with _pool(len(parts)) as pool, suppress(BrokenProcessPool):  # workers then compile themselves
        for part in [pool.submit(part, study) for part in parts]:
            part.result()


def _calendar_day(study: Study) -> None:
    simulate_traffic(replace(study, days=1), study.policies[0], 0, "calendar")


def _whole_day(study: Study) -> None:
    simulate(replace(study, days=1), study.policies[0], 0)


def _spread(
    study: Study,
    store: Store,
    tasks: Sequence[tuple[str, int]],
    jobs: int,
    book: Callable[[TaskDone], None],
) -> None:
    """Run tasks on worker processes; each worker is given the next task of its own row."""
    rows: dict[int, list[str]] = {}
    for policy, row in tasks:
        rows.setdefault(row, []).append(policy)
    with _pool(jobs) as pool:
        waiting = {}

        def submit(last: int | None) -> bool:
            row = last if last is not None and rows.get(last) else next(
                (r for r, left in rows.items() if left and r not in taken.values()), None)
            if row is None:
                row = max(rows, key=lambda r: len(rows[r]), default=None)
            if row is None or not rows[row]:
                return False
            policy = rows[row].pop(0)
            future = pool.submit(run_task, study, policy, row, store)
            waiting[future] = row
            taken[future] = row
            return True

        taken: dict[object, int] = {}
        for _ in range(jobs):
            submit(None)
        while waiting:
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                row = waiting.pop(future)
                taken.pop(future, None)
                try:
                    book(future.result())
                except BrokenProcessPool as error:
                    raise InterruptedRunError(_ENDED) from error
                submit(row)


def spread(function: Callable[[_Task], _Result], tasks: Sequence[_Task],
           jobs: int) -> Iterator[_Result]:
    """Yield what a function returns for each task, in order, computed on several processes.

    Parameters
    ----------
    function : callable
        Defined at the top of a module.
    tasks : sequence
    jobs : int
        Number of processes; 1 runs in this one.
    """
    if jobs <= 1 or len(tasks) <= 1:
        yield from map(function, tasks)
        return
    with _pool(min(jobs, len(tasks))) as pool:
        try:
            yield from pool.map(function, tasks)
        except BrokenProcessPool as error:
            raise InterruptedRunError(_ENDED) from error


def _start_worker() -> None:
    """Leave interruptions to the parent, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection_wait([sentinel])
    os._exit(1)


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of spawned processes that is gone, tasks and all, when its user is interrupted.

    Spawned and not forked: a forked child inherits threads' locks and open sockets. Each has one
    thread: as many processes as cores with as many threads each slow each other threefold.
    """
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start_worker)
    try:
        yield pool
    except BaseException:
        processes = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        raise
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    pool.shutdown()
