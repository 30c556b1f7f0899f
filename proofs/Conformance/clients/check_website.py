"""Website hosting through boto3 and plain HTTP against a live server that has --website-domain web.localhost: ENDPOINT."""
import http.client
import json
import sys
import urllib.parse

import boto3
from botocore.exceptions import ClientError

BUCKET = "website"
DOMAIN = "web.localhost"


def main(endpoint: str) -> None:
    s3 = boto3.client("s3", endpoint_url=endpoint)
    address = urllib.parse.urlsplit(endpoint)
    site = f"{BUCKET}.{DOMAIN}:{address.port}"

    def visit(path, method="GET", host=site, **headers):
        connection = http.client.HTTPConnection(address.hostname, address.port)
        connection.request(method, path, headers={"Host": host, **{name.replace("_", "-"): value for name, value in headers.items()}})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    def configure(**configuration):
        s3.put_bucket_website(Bucket=BUCKET, WebsiteConfiguration=configuration)
        assert {name: value for name, value in s3.get_bucket_website(Bucket=BUCKET).items() if name != "ResponseMetadata"} == configuration

    s3.create_bucket(Bucket=BUCKET)
    assert visit("/")[0] == 404
    index, error = {"Suffix": "index.html"}, {"Key": "error.html"}
    configure(IndexDocument=index, ErrorDocument=error)
    for key in ("index.html", "docs/index.html", "error.html", "metrics"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode(), ContentType="text/html")
    s3.put_object(Bucket=BUCKET, Key="moved", Body=b"", WebsiteRedirectLocation="/docs/")
    status, headers, body = visit("/")
    assert status == 403 and headers["Content-Type"] == "text/html; charset=utf-8" and b"<li>Code: AccessDenied</li>" in body, body
    s3.put_bucket_policy(
        Bucket=BUCKET,
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"},
            {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"},
        ]}),
    )
    status, headers, body = visit("/")
    assert (status, headers["Content-Type"], body) == (200, "text/html", b"index.html"), body
    assert visit("/", If_None_Match=headers["ETag"])[0] == 304
    assert visit("/", Range="bytes=0-4")[::2] == (206, b"index")
    assert visit("/", "HEAD")[::2] == (200, b"")
    assert visit("/metrics")[::2] == (200, b"metrics")
    assert visit("/docs/")[::2] == (200, b"docs/index.html")
    status, headers, _ = visit("/docs")
    assert (status, headers["Location"]) == (302, "/docs/")
    status, headers, _ = visit("/moved")
    assert (status, headers["Location"]) == (301, "/docs/")
    assert visit("/missing")[::2] == (404, b"error.html")
    assert visit("/missing", "HEAD")[::2] == (404, b"")
    assert visit("/", "POST")[0] == 405
    assert visit("/", host=DOMAIN)[0] == 404
    configure(
        IndexDocument=index,
        RoutingRules=[
            {"Condition": {"KeyPrefixEquals": "old/"}, "Redirect": {"ReplaceKeyPrefixWith": "docs/", "HttpRedirectCode": "302"}},
            {"Condition": {"HttpErrorCodeReturnedEquals": "404"}, "Redirect": {"HostName": "example.com", "Protocol": "https"}},
        ],
    )
    status, headers, _ = visit("/old/a?b=c")
    assert (status, headers["Location"]) == (302, f"http://{site}/docs/a?b=c")
    status, headers, _ = visit("/missing")
    assert (status, headers["Location"]) == (301, "https://example.com/missing")
    configure(RedirectAllRequestsTo={"HostName": "example.com"})
    status, headers, _ = visit("/index.html")
    assert (status, headers["Location"]) == (301, "http://example.com/index.html")
    try:
        s3.put_bucket_website(Bucket=BUCKET, WebsiteConfiguration={"IndexDocument": {"Suffix": "a/b"}})
        raise AssertionError("an index document with a slash was taken")
    except ClientError as refusal:
        assert refusal.response["Error"]["Code"] == "InvalidArgument", refusal
    s3.delete_bucket_website(Bucket=BUCKET)
    assert visit("/")[0] == 404
    for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
    s3.delete_bucket(Bucket=BUCKET)


main(*sys.argv[1:])
