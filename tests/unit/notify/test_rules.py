"""Quiet hours, waits between attempts, what an answer means, ids and signatures: properties of the pure parts."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.notify.identity import delivery_id
from pipeline.notify.quiet import is_quiet, quiet_until
from pipeline.notify.routes import Quiet
from pipeline.notify.signing import is_signed, signature
from pipeline.notify.trying import FIRST_MS, LONGEST_MS, RETRIES, chance_of, judge, wait_ms

ZONES = ("UTC", "Europe/Oslo", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia")
MINUTE = 60_000
minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0))
moments = st.integers(1_262_304_000_000, 2_000_000_000_000)  # 2010 to 2033
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=20)


@st.composite
def hours(draw: st.DrawFn) -> Quiet:
    begin, end = draw(minutes), draw(minutes)
    assume(begin != end)
    return Quiet.model_validate({"from": begin, "to": end, "zone": draw(st.sampled_from(ZONES))})


@given(hours(), moments)
def test_quiet_hours_end_with_the_first_minute_that_is_not_quiet(quiet: Quiet, at: int) -> None:
    until = quiet_until(quiet, at)
    assert not is_quiet(quiet, until)
    assert all(is_quiet(quiet, moment) for moment in range(at, until, MINUTE))
    assert until - at <= 26 * 60 * MINUTE


@given(hours(), moments)
def test_a_moment_is_quiet_by_what_the_clocks_of_the_zone_show(quiet: Quiet, at: int) -> None:
    shown = datetime.fromtimestamp(at / 1000, UTC).astimezone(quiet.zone).time()
    since_begin = _minutes(shown) - _minutes(quiet.begin)
    length = _minutes(quiet.end) - _minutes(quiet.begin)
    assert is_quiet(quiet, at) is (since_begin % 1440 < length % 1440)


def _minutes(at: time) -> float:
    return at.hour * 60 + at.minute + at.second / 60 + at.microsecond / 6e7


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-28T23:00+01:00", "2026-03-29T06:00+02:00"),  # a night of seven hours less one
        ("2026-10-24T23:00+02:00", "2026-10-25T06:00+01:00"),
        ("2026-06-01T05:59:59+02:00", "2026-06-01T06:00+02:00"),
        ("2026-06-01T06:00+02:00", "2026-06-01T06:00+02:00"),
        ("2026-06-01T21:59:59.999+02:00", "2026-06-01T21:59:59.999+02:00"),
    ],
)
def test_a_night_ends_at_six_also_when_clocks_change(at: str, until: str) -> None:
    quiet = Quiet.model_validate({"from": "22:00", "to": "06:00", "zone": "Europe/Oslo"})
    ends = quiet_until(quiet, round(datetime.fromisoformat(at).timestamp() * 1000))
    assert datetime.fromtimestamp(ends / 1000, UTC) == datetime.fromisoformat(until)


def test_an_hour_that_a_zone_skips_ends_the_quiet() -> None:
    quiet = Quiet.model_validate({"from": "01:00", "to": "02:30", "zone": "Europe/Oslo"})
    ends = quiet_until(quiet, round(datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Oslo")).timestamp() * 1000))
    assert datetime.fromtimestamp(ends / 1000, UTC) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_between_a_second_and_five_minutes_and_about_twice_the_one_before(retry: int, chance: float) -> None:
    assert FIRST_MS <= wait_ms(retry, chance) <= LONGEST_MS
    assert abs(wait_ms(retry, chance) / min(FIRST_MS * 2 ** (retry - 1), LONGEST_MS) - 1) <= 0.2501


def test_ten_retries_go_from_one_second_to_five_minutes() -> None:
    waits = [wait_ms(retry, 0.5) for retry in range(1, RETRIES + 1)]
    assert waits == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000]


@given(texts, st.integers(1, 10))
def test_chance_is_a_share_and_the_same_whenever_it_is_asked_for(delivery: str, retry: int) -> None:
    assert 0 <= chance_of(delivery, retry) < 1
    assert chance_of(delivery, retry) == chance_of(delivery, retry)


def test_deliveries_do_not_come_back_all_at_once() -> None:
    waits = {wait_ms(5, chance_of(f"{n}", 5)) for n in range(1_000)}
    assert max(waits) - min(waits) > 7_000
    assert len(waits) > 900


@pytest.mark.parametrize("code", range(100, 600))
def test_every_status_is_a_success_or_final_or_tried_again(code: int) -> None:
    answer = judge(code)
    assert answer.is_delivered is (200 <= code < 300)
    assert answer.is_final is (200 <= code < 500 and code not in (408, 429))


@given(st.lists(st.tuples(texts, st.integers(1, 9), texts, st.integers(1, 3), texts, texts), unique=True, max_size=20))
def test_an_id_is_the_same_for_the_same_and_another_for_all_else(
    told: list[tuple[str, int, str, int, str, str]],
) -> None:
    ids = [delivery_id((alert, opening), event, times, *to) for alert, opening, event, times, *to in told]
    assume(all("#" not in event for _, _, event, *_ in told))
    assert len(set(ids)) == len(told)


@given(texts, st.binary(max_size=50), st.integers(0, 10**12), st.binary(max_size=50))
def test_a_signature_is_of_one_secret_and_one_body(secret: str, body: bytes, seconds: int, other: bytes) -> None:
    header = signature(secret, body, seconds)
    assert is_signed(secret, body, header, seconds)
    assert is_signed(secret, other, header, seconds) is (other == body)
    assert not is_signed(f"{secret}x", body, header, seconds)


@pytest.mark.parametrize(("late", "is_good"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_a_signature_that_is_old_is_refused(late: int, is_good: bool) -> None:
    header = signature("secret", b"{}", 1_000_000)
    assert is_signed("secret", b"{}", header, 1_000_000 + late) is is_good


@pytest.mark.parametrize("header", ["", "t=1", "t=x,v1=00", "v1=00,t=1", "t=1,v1=" + "0" * 63])
def test_what_is_no_signature_is_refused(header: str) -> None:
    assert not is_signed("secret", b"{}", header, 1)


def test_the_signature_is_that_of_openssl() -> None:
    # printf '1764000000.{"event":"opened"}' | openssl dgst -sha256 -hmac 0123456789abcdef
    digest = "973f1b37fe7516a3a11dde3ffb4e4ba7b5c93cafa7c36023d0d1d22ea9fe3e9a"
    assert signature("0123456789abcdef", b'{"event":"opened"}', 1_764_000_000) == f"t=1764000000,v1={digest}"
