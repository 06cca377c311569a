"""Golden records: the record of every operation of every API, done and refused, is the one that CloudTrail shows."""

import pytest
from golden import World, compare
from golden_iam import IAM, OWN, STS
from golden_kms import CASES as KMS

CASES = KMS + IAM + STS + OWN


@pytest.fixture(scope="module")
def world(stack, home):
    return World(stack, home)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_record_is_the_golden_one(world, case):
    compare(case, world.play(case))
