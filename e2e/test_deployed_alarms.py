"""Each alarm fires at its threshold and notifies its subscribers.

The emulator ignores the dimensions and periods of alarms and publishes no metrics. `cargo test` checks that AWS
publishes the metrics that the template's alarms use.
"""

import json
import time

import pytest

from support.template import RESOURCES

DEADLINE = 60
"""Seconds until a notification must arrive."""
ALARMS = [
    name
    for name, resource in RESOURCES.items()
    # The emulator leaves out alarms on an expression. Alarms without actions are for CodeDeploy.
    if resource["Type"] == "AWS::CloudWatch::Alarm" and {"MetricName", "AlarmActions"} <= resource["Properties"].keys()
]


@pytest.fixture(scope="module")
def queue(issuer_stack):
    """A queue that receives the alarms."""
    sqs = issuer_stack.emulator.client("sqs")
    queue = sqs.create_queue(QueueName="alarms")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    topic = issuer_stack.names["Alarms"]
    issuer_stack.emulator.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue


def received(sqs, queue):
    """Receives messages, and returns the names of their alarms."""
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return {json.loads(json.loads(message["Body"])["Message"])["AlarmName"] for message in messages}


@pytest.mark.parametrize("name", ALARMS)
def test_alarm_notifies_at_its_threshold(issuer_stack, queue, name):
    cloudwatch, sqs = issuer_stack.emulator.client("cloudwatch"), issuer_stack.emulator.client("sqs")

    def describe():
        return cloudwatch.describe_alarms(AlarmNames=[issuer_stack.names[name]])["MetricAlarms"][0]

    alarm = describe()
    # Another alarm's metric may have the same name.
    cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="OK", StateReason="test")
    assert describe()["StateValue"] == "OK"
    metric = {"MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"], "Value": alarm["Threshold"]}
    cloudwatch.put_metric_data(Namespace=alarm["Namespace"], MetricData=[metric])
    assert describe()["StateValue"] == "ALARM"

    deadline = time.monotonic() + DEADLINE
    while alarm["AlarmName"] not in received(sqs, queue):
        assert time.monotonic() < deadline, "the alarm is not heard"


def test_email_address_is_subscribed_to_alarms(issuer_stack):
    topic = issuer_stack.names["Alarms"]
    subscriptions = issuer_stack.emulator.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    addresses = {each["Endpoint"] for each in subscriptions if each["Protocol"] == "email"}
    assert addresses == {"nobody@example.com"}
