"""Hashing: what it costs, and that those who click go before it."""

import asyncio
import os
import sys
import threading

import pytest
from passlib.hash import argon2

from motlink.accounts import passwords
from motlink.accounts.passwords import hash_password, verify_password
from tests.loops import run

WORDS = "four quiet words here"


@pytest.mark.asvs("11.4.2")
def test_a_password_is_hashed_by_argon2id_in_one_lane() -> None:
    assert hash_password(WORDS).startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_an_old_hash_of_several_lanes_fits_and_is_made_anew() -> None:
    old = argon2.using(type="ID", rounds=3, memory_cost=65_536, parallelism=4).hash(WORDS)

    verdict = verify_password(WORDS, old)

    assert verdict.fits and verdict.new_hash
    assert verify_password(WORDS, verdict.new_hash) == passwords.Verdict(True)


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a priority of its own on Linux alone")
def test_what_hashes_lets_those_who_click_go_first() -> None:
    async def priority() -> int:
        return await asyncio.get_running_loop().run_in_executor(passwords._pool, own_priority)

    assert run(priority()) == min(own_priority() + passwords.NICENESS, 19)


def own_priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
