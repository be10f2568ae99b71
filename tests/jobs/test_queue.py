import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.jobs.queue import TRIES, Queue


def test_jobs_come_in_their_order() -> None:
    queue = Queue("abc")
    assert [queue.take() for _ in range(4)] == [0, 1, 2, None]


def test_of_one_lane_one_at_a_time_is_begun() -> None:
    queue = Queue(["a1", "b1", "a2", "c1", "a3"], lambda item: item[0])
    assert [queue.take() for _ in range(4)] == [0, 1, 3, None]
    queue.done(1)
    assert queue.take() is None
    queue.done(0)
    assert [queue.take(), queue.take()] == [2, None]


def test_a_job_without_a_lane_waits_for_none() -> None:
    queue = Queue(["a", "", "a", ""], lambda item: item or None)
    assert [queue.take() for _ in range(4)] == [0, 1, 3, None]


def test_a_job_that_is_tried_again_keeps_its_lane() -> None:
    queue = Queue(["a1", "a2"], lambda _: "a")
    assert queue.take() == 0
    assert queue.again(0)
    assert [queue.take(), queue.take()] == [0, None]


def test_a_job_is_given_up_after_some_tries_and_its_lane_goes_on() -> None:
    queue = Queue(["a1", "a2"], lambda _: "a")
    tried = []
    while True:
        tried.append(queue.take())
        if not queue.again(0):
            break
    assert tried == [0] * TRIES
    assert queue.take() == 1


def test_nothing_is_begun_once_it_is_stopped() -> None:
    queue = Queue(["a1", "a2", "b1"], lambda item: item[0])
    assert queue.take() == 0
    queue.stop()
    queue.done(0)
    assert queue.take() is None


@pytest.mark.parametrize("workers", [1, 3])
@given(lanes=st.lists(st.sampled_from(["", "a", "b", "c"])), data=st.data())
def test_every_job_is_done_once_and_no_lane_is_entered_twice(
    workers: int, lanes: list[str], data: st.DataObject
) -> None:
    queue = Queue(lanes, lambda item: item or None)
    busy: list[int] = []
    done: list[int] = []
    while True:
        while len(busy) < workers and (number := queue.take()) is not None:
            busy.append(number)
        within = [lanes[number] for number in busy if lanes[number]]
        assert len(within) == len(set(within))
        if not busy:
            break
        number = busy.pop(data.draw(st.integers(0, len(busy) - 1)))
        queue.done(number)
        done.append(number)
    assert sorted(done) == [*range(len(lanes))]
    for lane in {*lanes} - {""}:
        mine = [number for number in done if lanes[number] == lane]
        assert mine == sorted(mine)
