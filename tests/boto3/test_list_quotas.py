"""`Trent.ListQuotas`: the quotas in force, as a caller is told them."""

import json

import raw
from people import statement


def quotas(caller, region="us-east-1", status=200):
    answer = raw.own(caller.stack, "ListQuotas", {}, caller.credentials, region)
    assert answer.status == status, answer.body
    body = json.loads(answer.body)
    return {one["Code"]: one for one in body["Quotas"]} if status == 200 else body


def test_every_quota_is_listed_with_its_default(home):
    told = quotas(home)
    keys = {"Code": "keys-per-region", "Name": "KMS keys", "Kind": "RESOURCE", "Value": 100000, "Default": 100000, "Adjustable": True}
    assert told["keys-per-region"] == keys
    look_up = {"Code": "lookup-events-requests", "Name": "LookupEvents request rate", "Kind": "REQUEST", "Value": 2, "Default": 2, "Adjustable": True}  # fmt: skip
    assert told["lookup-events-requests"] == look_up
    assert not told["tags-per-key"]["Adjustable"]
    assert "Value" not in told["grants-per-principal-per-key"]
    assert told["symmetric-requests"]["Value"] == 100_000
    assert quotas(home, "eu-north-1")["symmetric-requests"]["Value"] == 10_000


def test_what_the_operator_sets_is_in_force_for_whom_it_is_set(stack, home, new_account):
    account = new_account()
    scope = ("--account", account.id, "--region", "eu-west-1")
    for code in ("keys-per-region", "create-key-requests"):
        assert stack.trent("quota", "set", code, "7", *scope).returncode == 0
        assert quotas(account, "eu-west-1")[code]["Value"] == 7
        assert quotas(account)[code]["Value"] != 7 and quotas(home, "eu-west-1")[code]["Value"] != 7
        assert quotas(account, "eu-west-1")[code]["Default"] != 7
        assert stack.trent("quota", "reset", code, *scope).returncode == 0
        assert quotas(account, "eu-west-1")[code]["Value"] != 7


def test_policies_say_who_may_list_quotas(home):
    user = home.user()
    assert quotas(user, status=400)["__type"] == "AccessDeniedException"
    user.may(statement("trent:ListQuotas"))
    assert quotas(user)
