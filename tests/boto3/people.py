"""Accounts, users, roles, sessions and services of tests, each with its clients; and the policies that they get."""

import json
import uuid


def statement(actions, resources="*", effect="Allow", condition=None, **more):
    """A statement of an identity policy."""
    made = {"Effect": effect, "Action": actions, "Resource": resources} | more
    return made | ({"Condition": condition} if condition else {})


def of_key(principal, actions, effect="Allow", condition=None, **more):
    """A statement of a key policy; a text as principal is an AWS principal."""
    principal = {"AWS": principal} if isinstance(principal, (str, list)) and principal != "*" else principal
    return statement(actions, effect=effect, condition=condition, Principal=principal, **more)


def trusting(principal, condition=None, actions="sts:AssumeRole", effect="Allow"):
    """A statement of a trust policy."""
    made = {"Effect": effect, "Principal": {"AWS": principal}, "Action": actions}
    return made | ({"Condition": condition} if condition else {})


def document(*statements):
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def new_name(kind):
    """A name that nobody has used."""
    return f"{kind}-{uuid.uuid4().hex[:12]}"


class Caller:
    """A principal with credentials: its ARN, and its clients."""

    def __init__(self, stack, arn, credentials):
        self.stack, self.arn, self.credentials = stack, arn, credentials
        self.clients = {}

    def client(self, service, region="us-east-1", **config):
        """A client of this caller's; the same one again for the same parameters."""
        wanted = (service, region, repr(sorted(config.items())))
        if wanted not in self.clients:
            self.clients[wanted] = self.stack.client(service, region, self.credentials, **config)
        return self.clients[wanted]

    @property
    def kms(self):
        return self.client("kms")

    @property
    def iam(self):
        return self.client("iam")

    @property
    def sts(self):
        return self.client("sts")

    def assume(self, role, name="session", **given):
        """A session of a role."""
        made = self.sts.assume_role(RoleArn=role.arn, RoleSessionName=name, **given)
        return Session(self.stack, made)


class Session(Caller):
    """A session of a role, as AssumeRole gave it."""

    def __init__(self, stack, made):
        given = made["Credentials"]
        credentials = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        super().__init__(stack, made["AssumedRoleUser"]["Arn"], credentials)
        self.made = made


class User(Caller):
    """An IAM user with an access key."""

    def __init__(self, account, name, arn, credentials):
        super().__init__(account.stack, arn, credentials)
        self.account, self.name = account, name

    def may(self, *statements, name="test"):
        """Gives the user an inline policy in the place of the one before."""
        self.account.iam.put_user_policy(UserName=self.name, PolicyName=name, PolicyDocument=document(*statements))
        return self


class Role:
    """A role."""

    def __init__(self, account, name, made):
        self.account, self.name, self.arn, self.id = account, name, made["Arn"], made["RoleId"]

    def may(self, *statements, name="test"):
        """Gives the role an inline policy in the place of the one before."""
        self.account.iam.put_role_policy(RoleName=self.name, PolicyName=name, PolicyDocument=document(*statements))
        return self

    def trusts(self, *statements):
        """Gives the role another trust policy."""
        self.account.iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=document(*statements))
        return self


class Account(Caller):
    """An account, in the hands of its root user."""

    def __init__(self, stack, credentials):
        super().__init__(stack, None, credentials)
        self.id = self.sts.get_caller_identity()["Account"]
        self.arn = f"arn:aws:iam::{self.id}:root"
        self.everything = of_key(self.arn, "kms:*")

    def user(self, *statements, **given):
        """A new user, with an inline policy if there are statements."""
        name = given.pop("UserName", None) or new_name("user")
        made = self.iam.create_user(UserName=name, **given)["User"]
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        user = User(self, name, made["Arn"], (key["AccessKeyId"], key["SecretAccessKey"]))
        return user.may(*statements) if statements else user

    def role(self, trust, *statements, **given):
        """A new role with one statement or several as its trust policy, and an inline policy if there are statements."""
        name = given.pop("RoleName", None) or new_name("role")
        trust = trust if isinstance(trust, list) else [trust]
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(*trust), **given)["Role"]
        role = Role(self, name, made)
        return role.may(*statements) if statements else role

    def policy(self, *statements, **given):
        """A new managed policy: its ARN."""
        name = given.pop("PolicyName", None) or new_name("policy")
        return self.iam.create_policy(PolicyName=name, PolicyDocument=document(*statements), **given)["Policy"]["Arn"]

    def key(self, *statements, region="us-east-1", **given):
        """A new key: its metadata. Statements come after the one of the default policy."""
        policy = {"Policy": document(self.everything, *statements)} if statements else {}
        return self.client("kms", region).create_key(**policy, **given)["KeyMetadata"]

    def put(self, key, *statements, **given):
        """Puts these statements, and no others, into a key's policy."""
        self.kms.put_key_policy(KeyId=key["KeyId"], Policy=document(*statements), **given)


class Service(Caller):
    """A service principal."""

    def __init__(self, stack, name, credentials):
        super().__init__(stack, name, credentials)
        self.name = name

    def client(self, service, region="us-east-1", behalf=None, source_arn=None, source_account=None, **config):
        """A client of the service's: for itself, or on behalf of the principal with this ARN."""
        client = self.stack.client(service, region, self.credentials, **config)
        return with_headers(client, behalf, source_arn, source_account)

    def on_behalf_of(self, caller, region="us-east-1", **source):
        """A KMS client of the service on behalf of a caller."""
        return self.client("kms", region, caller.arn, **source)


def with_headers(client, behalf=None, source_arn=None, source_account=None):
    """The client, which sends and signs the headers of services from now on."""
    headers = {
        "X-Trent-On-Behalf-Of": behalf,
        "X-Trent-Source-Arn": source_arn,
        "X-Trent-Source-Account": source_account,
    }

    def add(params, **_):
        params["headers"].update({name: value for name, value in headers.items() if value is not None})

    client.meta.events.register("before-call", add)
    return client


def denied_because(action, kind):
    """The end of an access-denied message where nothing of this kind allows the action."""
    return f"because no {kind} allows the {action} action"


def denied_in(kind):
    """The end of an access-denied message where something of this kind denies."""
    article = "an" if kind[0] in "aeiou" else "a"
    return f"with an explicit deny in {article} {kind}"
