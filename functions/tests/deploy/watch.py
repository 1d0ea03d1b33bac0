"""Whether each alarm fires at its threshold, and is heard.

The emulator's alarms know neither dimensions nor single periods, and its services measure nothing:
whether AWS measures what an alarm watches is what a test of the template asks AWS's documentation.
"""

import json

from stack import aws


def alarms(stack):
    names = {stack.names[name] for name, made in stack.resources.items() if made["Type"] == "AWS::CloudWatch::Alarm"}
    return [alarm for alarm in aws("cloudwatch").describe_alarms()["MetricAlarms"] if alarm["AlarmName"] in names]


def listen(stack):
    """A queue that hears what the stack's topic says."""
    queue = aws("sqs").create_queue(QueueName="heard")["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = stack.names["Alarms"]
    allowed = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ],
    }
    aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(allowed)})
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue


def feed(alarm, value):
    measure = {"MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"], "Value": value}
    aws("cloudwatch").put_metric_data(Namespace=alarm["Namespace"], MetricData=[measure])


def state(alarm):
    return aws("cloudwatch").describe_alarms(AlarmNames=[alarm["AlarmName"]])["MetricAlarms"][0]["StateValue"]


def heard(queue):
    """The names of the alarms that the queue heard of."""
    names = set()
    while (
        messages := aws("sqs")
        .receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        .get("Messages")
    ):
        names |= {json.loads(json.loads(message["Body"])["Message"])["AlarmName"] for message in messages}
        for message in messages:
            aws("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return names
