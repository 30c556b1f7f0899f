"""Lifecycle rules through boto3 against a live server whose days last a second (--lifecycle-day-seconds 1): ENDPOINT."""
import sys
import time

import boto3
from botocore.exceptions import ClientError

WAIT_SECONDS = 30


def until(what, holds):
    end = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < end, f"{what}: not within {WAIT_SECONDS} s"
        time.sleep(0.2)


def main(endpoint: str) -> None:
    s3 = boto3.client("s3", endpoint_url=endpoint)

    def rules(bucket, *given):
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [{"Status": "Enabled", **rule} for rule in given]})

    def keys(bucket):
        return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]

    def versions(bucket):
        page = s3.list_object_versions(Bucket=bucket)
        return len(page.get("Versions", [])), len(page.get("DeleteMarkers", []))

    plain = "lifecycle-plain"
    s3.create_bucket(Bucket=plain)
    for key, tags in {"logs/1": "", "logs/2": "keep=yes", "data/1": "", "data/2": "keep=no"}.items():
        s3.put_object(Bucket=plain, Key=key, Body=b"x" * 200_000, Tagging=tags)
    upload = s3.create_multipart_upload(Bucket=plain, Key="logs/upload")["UploadId"]
    rules(
        plain,
        {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 2}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        {"ID": "tagged", "Filter": {"And": {"Prefix": "data/", "Tags": [{"Key": "keep", "Value": "no"}]}}, "Expiration": {"Days": 1}},
        {"ID": "cold", "Filter": {"Prefix": "data/"}, "Transitions": [{"Days": 1, "StorageClass": "GLACIER_IR"}]},
    )
    assert 'rule-id="logs"' in s3.put_object(Bucket=plain, Key="logs/3", Body=b"x")["Expiration"]
    assert 'rule-id="tagged"' in s3.put_object(Bucket=plain, Key="data/3", Body=b"x", Tagging="keep=no")["Expiration"]
    until("expiration", lambda: keys(plain) == ["data/1"])
    until("abort", lambda: "Uploads" not in s3.list_multipart_uploads(Bucket=plain))
    until("transition", lambda: s3.head_object(Bucket=plain, Key="data/1").get("StorageClass") == "GLACIER_IR")
    assert s3.get_object(Bucket=plain, Key="data/1")["Body"].read() == b"x" * 200_000
    try:
        s3.list_parts(Bucket=plain, Key="logs/upload", UploadId=upload)
        raise AssertionError("the upload is there still")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchUpload", error
    s3.delete_bucket_lifecycle(Bucket=plain)
    s3.put_object(Bucket=plain, Key="logs/4", Body=b"x")

    def readable(key):
        try:
            return s3.get_object(Bucket=plain, Key=key)["Body"].read() == b"cold"
        except s3.exceptions.InvalidObjectState as error:
            assert error.response["Error"]["StorageClass"] == "DEEP_ARCHIVE", error
            return False

    s3.put_object(Bucket=plain, Key="archived", Body=b"cold", StorageClass="DEEP_ARCHIVE")
    assert not readable("archived")
    answer = s3.restore_object(Bucket=plain, Key="archived", RestoreRequest={"Days": 4, "GlacierJobParameters": {"Tier": "Bulk"}})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202, answer
    assert readable("archived")
    assert 'ongoing-request="false"' in s3.head_object(Bucket=plain, Key="archived")["Restore"]
    listed = s3.list_objects_v2(Bucket=plain, Prefix="archived", OptionalObjectAttributes=["RestoreStatus"])["Contents"][0]
    assert listed["RestoreStatus"]["IsRestoreInProgress"] is False and listed["RestoreStatus"]["RestoreExpiryDate"], listed
    until("end of the restored copy", lambda: not readable("archived"))
    s3.delete_object(Bucket=plain, Key="archived")

    versioned = "lifecycle-versioned"
    s3.create_bucket(Bucket=versioned)
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(4):
        s3.put_object(Bucket=versioned, Key="k", Body=b"x")
    rules(versioned, {"ID": "old", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}})
    until("noncurrent versions", lambda: versions(versioned) == (2, 0))
    rules(versioned, {"ID": "all", "Filter": {}, "Expiration": {"Days": 1}})
    until("delete marker", lambda: versions(versioned) == (2, 1))
    rules(
        versioned,
        {"ID": "rest", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    )
    until("nothing left", lambda: versions(versioned) == (0, 0))
    s3.delete_bucket(Bucket=versioned)
    assert keys(plain) == ["data/1", "logs/4"], keys(plain)
    for key in keys(plain):
        s3.delete_object(Bucket=plain, Key=key)
    s3.delete_bucket(Bucket=plain)


main(*sys.argv[1:])
