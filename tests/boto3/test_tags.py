"""Tags."""


def tags_of(kms, key):
    return {t["TagKey"]: t["TagValue"] for t in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]}


def test_tags_are_added_overwritten_and_removed(kms, key):
    kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": ""}])
    kms.tag_resource(KeyId=key["Arn"], Tags=[{"TagKey": "a", "TagValue": "2"}])
    assert tags_of(kms, key) == {"a": "2", "b": ""}
    kms.untag_resource(KeyId=key["KeyId"], TagKeys=["b", "never-there"])
    assert tags_of(kms, key) == {"a": "2"}


def test_a_key_has_at_most_fifty_tags(kms, key, refused):
    kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": f"t{n:02}", "TagValue": "x"} for n in range(50)])
    with refused("LimitExceededException"):
        kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "one-more", "TagValue": ""}])
    assert len(tags_of(kms, key)) == 50
    page = kms.list_resource_tags(KeyId=key["KeyId"], Limit=20)
    assert len(page["Tags"]) == 20 and page["Truncated"]
    rest = kms.list_resource_tags(KeyId=key["KeyId"], Marker=page["NextMarker"])
    assert len(rest["Tags"]) == 30 and not rest["Truncated"]


def test_the_prefix_aws_is_reserved(kms, key, refused):
    with refused("TagException"):
        kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "AWS:x", "TagValue": ""}])
