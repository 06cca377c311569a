"""The audit trail as a whole. Its records: test_golden.py, test_audit_identities.py, test_audit_events.py, test_audit_refused.py."""


def test_the_trail_verifies_while_the_service_runs(stack, kms):
    stack.record(kms.list_keys(Limit=1))
    done = stack.trent("audit", "verify")
    assert done.returncode == 0, done.stdout + done.stderr
