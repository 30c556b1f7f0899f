"""Notifications of events through boto3 against a live server that has the target hook at a port of this machine: ENDPOINT PORT."""
import http.server
import json
import queue
import sys
import threading

import boto3
from botocore.exceptions import ClientError

BUCKET = "events"
ARN = "arn:aws:sqs:us-east-1:000000000000:hook"
PATIENCE_SECONDS = 30


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes what is posted, unless it is told to be down."""

    messages: queue.Queue = queue.Queue()
    is_down = False

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_down = Receiver.is_down
        self.send_response(503 if is_down else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if not is_down:
            Receiver.messages.put(json.loads(body))

    def log_message(self, *_):
        pass


def take(count):
    """The next records, name and key."""
    records = []
    while len(records) < count:
        records += Receiver.messages.get(timeout=PATIENCE_SECONDS).get("Records", [])
    return [(record["eventName"], record["s3"]["object"]["key"]) for record in records]


def main(endpoint: str, port: int) -> None:
    s3 = boto3.client("s3", endpoint_url=endpoint)
    s3.create_bucket(Bucket=BUCKET)

    def configure(**configuration):
        s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=configuration)
        found = s3.get_bucket_notification_configuration(Bucket=BUCKET)
        found.pop("ResponseMetadata")
        return found

    def rule(*events, **more):
        return {"QueueArn": ARN, "Events": list(events), **more}

    try:
        configure(QueueConfigurations=[rule("s3:ObjectCreated:*")])
        raise AssertionError("a target that is not there was taken")
    except ClientError as refusal:
        assert refusal.response["Error"]["Code"] == "InvalidArgument", refusal
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    jpg = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"}]}}
    asked = [rule("s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", Id="mine", Filter=jpg)]
    assert configure(QueueConfigurations=asked) == {"QueueConfigurations": asked}
    assert Receiver.messages.get(timeout=PATIENCE_SECONDS)["Event"] == "s3:TestEvent"
    s3.put_object(Bucket=BUCKET, Key="in/a b.jpg", Body=b"x")
    s3.put_object(Bucket=BUCKET, Key="out/a.jpg", Body=b"x")
    s3.copy_object(Bucket=BUCKET, Key="in/copy.jpg", CopySource={"Bucket": BUCKET, "Key": "out/a.jpg"})
    s3.put_object_tagging(Bucket=BUCKET, Key="in/copy.jpg", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert take(3) == [("ObjectCreated:Put", "in/a+b.jpg"), ("ObjectCreated:Copy", "in/copy.jpg"), ("ObjectTagging:Put", "in/copy.jpg")]

    Receiver.is_down = True
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "in/a b.jpg"}, {"Key": "in/copy.jpg"}, {"Key": "out/a.jpg"}]})
    Receiver.is_down = False
    assert sorted(take(2)) == [("ObjectRemoved:Delete", "in/a+b.jpg"), ("ObjectRemoved:Delete", "in/copy.jpg")]

    # What is told in the end comes after what might have been told of before.
    assert configure() == {}
    s3.put_object(Bucket=BUCKET, Key="in/untold.jpg", Body=b"x")
    s3.delete_object(Bucket=BUCKET, Key="in/untold.jpg")
    configure(QueueConfigurations=[rule("s3:ObjectCreated:*")])
    s3.put_object(Bucket=BUCKET, Key="marker", Body=b"x")
    assert take(1) == [("ObjectCreated:Put", "marker")]
    assert Receiver.messages.empty()
    s3.delete_object(Bucket=BUCKET, Key="marker")
    s3.delete_bucket(Bucket=BUCKET)
    print("held")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
