"""One round of boto3 with its default checksums against a live server: ENDPOINT WORKFOLDER."""
import sys
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError


def main(endpoint: str, work: str) -> None:
    s3 = boto3.client("s3", endpoint_url=endpoint)
    bucket = "boto3-check"
    s3.create_bucket(Bucket=bucket)
    small = open(f"{work}/small", "rb").read()
    large = open(f"{work}/large", "rb").read()
    for key, body in {"a/b": small, "a/b/c": b"", "ключ ✓ 100%+&": small}.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata={"kind": "check"})
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["Body"].read() == body and got["Metadata"] == {"kind": "check"}, key
    s3.upload_file(f"{work}/large", bucket, "large", Config=TransferConfig(multipart_chunksize=8 << 20))
    assert s3.get_object(Bucket=bucket, Key="large")["Body"].read() == large
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copy", Config=TransferConfig(multipart_threshold=16 << 20))
    assert s3.get_object(Bucket=bucket, Key="copy", Range="bytes=5000000-15000000")["Body"].read() == large[5000000:15000001]
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a/b", "a/b/c", "copy", "large", "ключ ✓ 100%+&"]
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a/b"})
    assert urllib.request.urlopen(url).read() == small
    try:
        s3.put_object(Bucket=bucket, Key="a/b", Body=b"x", IfNoneMatch="*")
        raise AssertionError("If-None-Match let a second write through")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "PreconditionFailed", error
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        answer = s3.put_object(Bucket=bucket, Key=algorithm, Body=small, ChecksumAlgorithm=algorithm)
        head = s3.head_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
        assert head["Checksum" + algorithm] == answer["Checksum" + algorithm], algorithm
    # Botocore computes these with an optional package or not at all: the check values of their definitions.
    for algorithm, value in (
        ("CRC32C", "4waSgw=="),
        ("CRC64NVME", "rosUhgp5mIg="),
        ("MD5", "JfnnlDI7RTiF9RgfG2JNCw=="),
        ("SHA512", "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ=="),
        ("XXHASH64", "jLhB20DmroM="),
        ("XXHASH3", "ctyxi2ehff8="),
        ("XXHASH128", "MxGUd+3l3NXpcWQnaB1YYA=="),
    ):
        if "Checksum" + algorithm not in s3.meta.service_model.operation_model("PutObject").input_shape.members:
            continue  # an older botocore
        s3.put_object(Bucket=bucket, Key=algorithm, Body=b"123456789", **{"Checksum" + algorithm: value})
        head = s3.head_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
        assert head["Checksum" + algorithm] == value, algorithm
    keys = [{"Key": entry["Key"]} for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    s3.delete_bucket(Bucket=bucket)


main(*sys.argv[1:])
