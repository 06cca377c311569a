"""GetCostReport and `trent cost report`: keys and requests of this month at the default prices, by tag, key and Region."""

import calendar
import csv
import datetime
import io
import json
import subprocess
import time
from decimal import Decimal

import pytest
import raw
from conftest import TARGET
from people import of_key, statement
from program import run, serving, wait_for

COLUMNS = [
    "lineItem/UsageAccountId", "lineItem/UsageStartDate", "lineItem/UsageEndDate", "lineItem/ProductCode",
    "lineItem/UsageType", "lineItem/UsageAmount", "pricing/unit", "lineItem/CurrencyCode", "lineItem/UnblendedCost",
]  # fmt: skip


def month_of(moment):
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m")


def ask(account, by=(), month=None, endpoint=None, **more):
    body = {"Month": month or month_of(time.time()), "GroupBy": list(by)} | more
    answer = raw.own(endpoint or account.stack, "GetCostReport", body, account.credentials)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def hours_of(month):
    year, number = map(int, month.split("-"))
    return calendar.monthrange(year, number)[1] * 24


def nano(number):
    """To the nearest billionth, the half up."""
    return number.quantize(Decimal("1e-9"), rounding="ROUND_HALF_UP")


@pytest.fixture(scope="module")
def abroad(new_account):
    """Another account, of this module alone."""
    return new_account()


@pytest.fixture(scope="module")
def spent(new_account, abroad):
    """An account with keys and requests, its report by tag, and when it began."""
    account = new_account()
    begun = time.time()
    tags = [{"TagKey": "team", "TagValue": "red"}]
    kms = account.kms
    red = kms.create_key(Tags=tags)["KeyMetadata"]
    plain = kms.create_key()["KeyMetadata"]
    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", Tags=tags)["KeyMetadata"]
    rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    gone = kms.create_key(Tags=tags)["KeyMetadata"]
    kms.schedule_key_deletion(KeyId=gone["KeyId"])
    kept = kms.create_key(Tags=[{"TagKey": "team", "TagValue": "blue"}])["KeyMetadata"]
    kms.schedule_key_deletion(KeyId=kept["KeyId"])
    kms.cancel_key_deletion(KeyId=kept["KeyId"])
    kms.rotate_key_on_demand(KeyId=red["KeyId"])
    for _ in range(4):
        kms.encrypt(KeyId=red["KeyId"], Plaintext=b"x")
    for _ in range(3):
        kms.sign(KeyId=signing["KeyId"], Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    for _ in range(2):
        kms.sign(KeyId=rsa["KeyId"], Message=b"m", SigningAlgorithm="RSASSA_PSS_SHA_256")
    kms.generate_data_key_pair(KeyId=red["KeyId"], KeyPairSpec="ECC_NIST_P384")
    kms.generate_data_key_pair_without_plaintext(KeyId=red["KeyId"], KeyPairSpec="RSA_2048")
    # The caller pays: three requests for this account's key by another account are that one's.
    account.put(red, account.everything, of_key(abroad.arn, "kms:Encrypt"))
    for _ in range(3):
        abroad.kms.encrypt(KeyId=red["Arn"], Plaintext=b"x")
    replica = account.client("kms", "eu-west-1")
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion="eu-west-1", Tags=tags)
    replica.list_keys()
    # The last of all.
    kms.list_keys()

    def counted():
        rows = {line["UsageType"]: line for line in ask(account)["Lines"]}
        # Everything of eu-west-1 comes before the last request of us-east-1.
        wanted = {"us-east-1-KMS-Requests-GenerateDatakeyPair-RSA", "eu-west-1-KMS-Requests", "eu-west-1-KMS-Keys"}
        return rows if wanted <= rows.keys() else None

    wait_for("costs", counted, patience=20)
    time.sleep(2.5)
    return account, begun, (red, plain, signing, rsa, gone, kept, primary)


def lines_of(report, by=()):
    return {
        (*(line["Group"][word] for word in by), line["UsageType"]): (Decimal(line["Quantity"]), Decimal(line["Amount"]))
        for line in report["Lines"]
    }


def stable(account, begun):
    """A report, the month's hours and the hours that had begun, all at one time."""
    while True:
        before = int(time.time() // 3600)
        month = month_of(time.time())
        if month_of(begun) != month or int(begun // 3600) != before:
            pytest.skip("the hour has changed since the keys were made")
        report = ask(account, ["TAG:team"], month)
        if int(time.time() // 3600) == before:
            return report, hours_of(month)


def test_keys_and_requests_cost_what_the_list_says(spent):
    account, begun, _ = spent
    report, hours = stable(account, begun)
    lines = lines_of(report, ["TAG:team"])
    # Every hour that has begun: this one.
    hour = Decimal(1) / hours
    # Red: one and its rotation, the signing key, and the one whose deletion was scheduled within the hour.
    red = lines["red", "us-east-1-KMS-Keys"]
    assert red == (nano(hour * 4), nano(hour * 4))
    # Plain, RSA and the primary key.
    assert lines["", "us-east-1-KMS-Keys"] == (nano(hour * 3), nano(hour * 3))
    assert lines["blue", "us-east-1-KMS-Keys"] == (nano(hour), nano(hour))
    assert lines["red", "eu-west-1-KMS-Keys"] == (nano(hour), nano(hour))
    assert lines["red", "us-east-1-KMS-Requests-Asymmetric"] == (3, Decimal("0.000045"))
    assert lines["", "us-east-1-KMS-Requests-Asymmetric-RSA_2048"] == (2, Decimal("0.000006"))
    assert lines["red", "us-east-1-KMS-Requests-GenerateDatakeyPair-ECC"] == (1, Decimal("0.00001"))
    assert lines["red", "us-east-1-KMS-Requests-GenerateDatakeyPair-RSA"] == (1, Decimal("0.0012"))
    # Made red: three keys; rotated, scheduled, its policy, and four times Encrypt. All of them free.
    assert lines["red", "us-east-1-KMS-Requests"] == (3 + 1 + 1 + 1 + 4, 0)
    # Made blue, scheduled, cancelled.
    assert lines["blue", "us-east-1-KMS-Requests"] == (3, 0)
    assert lines["", "eu-west-1-KMS-Requests"] == (1, 0)
    assert Decimal(report["Total"]) == sum(amount for _, amount in lines.values())
    assert (report["Currency"], report["Complete"]) == ("USD", False)


def test_the_caller_of_another_account_pays(spent, abroad):
    account, _, (red, *_) = spent
    mine = lines_of(ask(account, ["KEY"]), ["KEY"])
    theirs = lines_of(ask(abroad, ["KEY", "TAG:team"]), ["KEY", "TAG:team"])
    usage_type = "us-east-1-KMS-Requests"
    # Made, rotated, its policy, four times Encrypt.
    assert mine[red["Arn"], usage_type][0] == 7
    assert theirs[red["Arn"], "", usage_type][0] == 3


def test_days_add_up_to_the_month(spent):
    account, _, _ = spent
    month = ask(account, ["KEY", "REGION", "USAGE_TYPE"])
    days = ask(account, ["KEY", "REGION", "USAGE_TYPE"], Granularity="DAILY")
    assert all(line["End"] - line["Start"] == 86400 for line in days["Lines"])
    for line in month["Lines"]:
        parts = [Decimal(day["Quantity"]) for day in days["Lines"] if day["Group"] == line["Group"]]
        # Each line is rounded by itself.
        assert abs(sum(parts) - Decimal(line["Quantity"])) <= len(parts) * Decimal("1e-9")
        assert line["Group"]["USAGE_TYPE"] == line["UsageType"]
        assert line["UsageType"].startswith(line["Group"]["REGION"])


def test_csv_has_the_columns_of_aws(spent):
    account, _, (red, *_) = spent
    report = ask(account, ["TAG:team", "KEY", "REGION"], Format="CSV")["Report"]
    assert report.endswith("\r\n") and report.count("\n") == report.count("\r\n")
    rows = list(csv.DictReader(io.StringIO(report, newline="")))
    assert list(rows[0]) == [*COLUMNS, "resourceTags/user:team", "lineItem/ResourceId", "product/region"]
    (row,) = [
        row for row in rows
        if row["lineItem/ResourceId"] == red["Arn"] and row["lineItem/UsageType"].endswith("-ECC")
    ]  # fmt: skip
    now = datetime.datetime.now(datetime.timezone.utc)
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (first + datetime.timedelta(days=32)).replace(day=1)
    shown = "%Y-%m-%dT%H:%M:%SZ"
    assert row == {
        "lineItem/UsageAccountId": account.id,
        "lineItem/UsageStartDate": first.strftime(shown),
        "lineItem/UsageEndDate": following.strftime(shown),
        "lineItem/ProductCode": "awskms",
        "lineItem/UsageType": "us-east-1-KMS-Requests-GenerateDatakeyPair-ECC",
        "lineItem/UsageAmount": "1",
        "pricing/unit": "Requests",
        "lineItem/CurrencyCode": "USD",
        "lineItem/UnblendedCost": "0.00001",
        "resourceTags/user:team": "red",
        "lineItem/ResourceId": red["Arn"],
        "product/region": "us-east-1",
    }


def test_the_command_prints_the_report(stack, spent):
    account, _, _ = spent
    month = month_of(time.time())

    def printed(*arguments):
        command = [TARGET / "trent", "cost", "report", "--month", month, *arguments]
        env = stack.environment(credentials=account.credentials)
        done = subprocess.run(command, env=env, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    table = printed("--by", "tag:team")
    assert table.splitlines()[0].split() == ["TAG:team", "USAGE", "TYPE", "QUANTITY", "USD"]
    assert f"Total of {month} so far: " in table
    assert printed("--by", "tag:team", "--format", "csv").startswith(",".join([*COLUMNS, "resourceTags/user:team"]))
    told = json.loads(printed("--by", "region", "--daily", "--format", "json"))
    assert {line["Group"]["REGION"] for line in told["Lines"]} == {"us-east-1", "eu-west-1"}


def test_only_who_may_sees_costs(spent):
    account, _, _ = spent
    user = account.user(statement("kms:*"))
    answer = raw.own(account.stack, "GetCostReport", {"Month": month_of(time.time())}, user.credentials)
    assert (answer.status, answer.code) == (400, "AccessDeniedException")
    user.may(statement("trent:GetCostReport"))
    answer = raw.own(account.stack, "GetCostReport", {"Month": month_of(time.time())}, user.credentials)
    assert answer.status == 200


def test_a_price_list_that_is_none_is_refused_at_the_start(tmp_path):
    prices = tmp_path / "prices.toml"
    prices.write_text('[regions.us-east-1]\nkey_month = "cheap"\n')
    done = run("all", TRENT_DATA_DIR=str(tmp_path / "data"), TRENT_PRICES_FILE=str(prices))
    assert done.returncode == 64 and "TRENT_PRICES_FILE" in done.stderr and "key_month" in done.stderr, done.stderr
    done = run("all", TRENT_DATA_DIR=str(tmp_path / "data"), TRENT_PRICES_FILE=str(tmp_path / "none"))
    assert done.returncode == 64 and "TRENT_PRICES_FILE" in done.stderr


def test_an_operators_prices_are_used(stack, tmp_path):
    prices = tmp_path / "prices.toml"
    prices.write_text('free_requests = 0\n[regions.us-east-1]\nrequests = "7.5"\n')
    program = serving(stack, tmp_path, TRENT_PRICES_FILE=str(prices))
    if program.role != "all":
        pytest.skip("the audit logger of the stack has its own prices")
    try:
        own = program.start().wait_until_ready().stack(stack)
        kms = own.client("kms")
        for _ in range(3):
            kms.list_keys()
        root = type("Root", (), {"stack": own, "credentials": None})

        def told():
            line = lines_of(ask(root)).get(("us-east-1-KMS-Requests",))
            return line if line and line[0] == 3 else None

        assert wait_for("costs", told, patience=20) == (3, Decimal("0.00225"))
    finally:
        program.kill()
