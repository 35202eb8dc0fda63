#!/usr/bin/env python3
"""Deploy Outhook without AWS, on the emulator ministack, and run the contract and delivery suites there.

usage: tools/build.py x86_64 && tools/deploy_ministack.py --ministack PROGRAM      (with a Python that has aws-sam-cli)

`sam deploy` packages the built template and creates a CloudFormation stack from it, as on AWS; only AWS_ENDPOINT_URL points
elsewhere. PROGRAM is `bin/ministack` of a separate environment with `pip install ministack aws-sam-translator`, because its boto3
differs from SAM's. Nothing is left behind.
"""
import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import boto3
from samcli.yamlhelper import yaml_dump, yaml_parse

from support import (ROOT, Failed, built_template, carry_out, explained_by, free_port, run_suite, running, stand_in_for_aws, step,
                     until)

STACK = "outhook"
ARCHITECTURE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
SUITES = ["contract::", "delivery::", "sdelements::", "flip::", "akinon::", "socotra::", "operations::documented::",
          "operations::notifications::", "operations::rotation::", "operations::webhooks::"]
# Tests that cannot run on a deployment, because they start a stack with their own options or access its internals.
OWN_STACK = ["budget", "slack_compatible", "a_redelivered_record", "quarantined_and_holds_up_nobody",
             "suspends_its_webhook_and_keeps_the_queue", "cannot_be_read_is_an_error_of_the_function"]
# Tests that fail because ministack differs from AWS (docs/building.md): its gateway has no ANY methods, so nothing reaches the
# fallback; it decodes ids before routing, and renames no header. The local stack runs these.
OTHERWISE = ["every_literal_in_its_place", "every_error_has_the_one_shape", "every_error_is_a_problem",
             "every_error_has_its_place", "any_event_can_be_published_by_whoever_may"]
# More concurrent requests than the emulator, a single Python process, forwards before the functions time out. The local stack runs it.
TOO_MUCH = ["two_hundred_concurrent_creates"]


# The types of resources that ministack refuses, even if their condition does not hold.
UNKNOWN = ["AWS::Logs::QueryDefinition"]


def answers(url: str):
    """A condition for `until`: something answers at the URL."""
    def asked() -> bool:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            return False
        return True
    return asked


def client(service: str):
    return boto3.client(service, config=boto3.session.Config(retries={"max_attempts": 1}))


def understood(cleanup: ExitStack) -> Path:
    """The built template without what ministack does not know: alarms on metric expressions, and saved queries."""
    built = built_template("template", ARCHITECTURE)
    template = yaml_parse(built.read_text())
    resources = template["Resources"].items()
    unknown = [name for name, resource in resources
               if "Metrics" in resource.get("Properties", {}) or resource["Type"] in UNKNOWN]
    for name in unknown:
        del template["Resources"][name]
    print(f"left out of the template: {', '.join(unknown)}")
    # In the same folder, because its paths are relative.
    path = built.with_name(f"template-ministack-{os.getpid()}.yaml")
    cleanup.callback(path.unlink, missing_ok=True)
    path.write_text(yaml_dump(template))
    return path


def deploy(template: Path, *parameters: str) -> dict:
    """Deploys as a user would, and returns the stack's outputs."""
    sam = str(Path(sys.executable).parent / "sam")
    command = [sam, "deploy", "-t", str(template), "--stack-name", STACK, "--s3-bucket", "code",
               "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
               "--no-fail-on-empty-changeset", "--parameter-overrides", f"Architecture={ARCHITECTURE}", *parameters]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Failed("\n".join((done.stdout + done.stderr).splitlines()[-40:]))
    stack = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def physical(kind: str) -> dict:
    """The physical names of the stack's resources of that kind, by logical id."""
    pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in resources if r["ResourceType"] == kind}


def check_triggers(queue: str) -> None:
    """Checks the stream's mapping with its filter and queue, and the schedules."""
    [mapping] = client("lambda").list_event_source_mappings()["EventSourceMappings"]
    wanted = {"BatchSize": 100, "BisectBatchOnFunctionError": True, "MaximumRecordAgeInSeconds": 82800,
              "MaximumRetryAttempts": -1, "StartingPosition": "TRIM_HORIZON",
              "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    found = {name: mapping.get(name) for name in wanted}
    filters = [json.loads(each["Pattern"]) for each in mapping["FilterCriteria"]["Filters"]]
    destination = mapping["DestinationConfig"]["OnFailure"]["Destination"]
    if found != wanted or filters != [{"eventName": ["INSERT"]}] or not destination.endswith(queue.rsplit("/", 1)[-1]):
        raise Failed(f"the stream's mapping differs from the template: {mapping}")
    schedules = client("scheduler").list_schedules()["Schedules"]
    schedules = [client("scheduler").get_schedule(Name=each["Name"], GroupName=each["GroupName"]) for each in schedules]
    inputs = sorted(schedule["Target"]["Input"] for schedule in schedules if schedule["State"] == "ENABLED")
    if inputs != [json.dumps({"watch_seconds": 58})]:
        raise Failed(f"the schedules differ from the template: {schedules}")


def prove(cleanup: ExitStack, folder: Path, ministack: Path) -> None:
    slack, port = (f"http://127.0.0.1:{free_port()}", free_port())
    endpoint, log = f"http://127.0.0.1:{port}", folder / "ministack.log"
    step("starting the stand-in for Slack, and ministack")
    command = ["cargo", "run", "--quiet", "--bin", "local", "--", "receiver", "--slack", slack.removeprefix("http://")]
    receiver = cleanup.enter_context(running(command, folder / "receiver.log"))
    until("the stand-in for Slack", receiver, folder / "receiver.log", answers(f"{slack}/messages"), patience=900)
    # Its functions inherit its environment, so the template needs none of these settings.
    environment = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0", "TMPDIR": str(folder),
                   "AWS_ENDPOINT_URL": endpoint, "OUTHOOK_LOCAL_RECEIVER": slack}
    emulator = cleanup.enter_context(running([str(ministack)], log, **environment))
    os.environ["AWS_ENDPOINT_URL"] = endpoint
    until("ministack", emulator, log, answers(f"{endpoint}/_ministack/health"))
    with explained_by(log):
        client("s3").create_bucket(Bucket="code")
        step("sam deploy")
        started = time.monotonic()
        template = understood(cleanup)
        outputs = deploy(template)
        step(f"deployed in {time.monotonic() - started:.0f} s: {outputs}")
        [api] = physical("AWS::ApiGateway::RestApi").values()
        gateway = f"{endpoint}/restapis/{api}/prod/_user_request_"
        step("sam deploy again, with the API's address as a parameter")
        deploy(template, f"PublicUrl={gateway}")
        [queue] = physical("AWS::SQS::Queue").values()
        check_triggers(queue)
        tables = physical("AWS::DynamoDB::Table")
        tables = {re.sub("(?<=.)Table", "_table", name).lower(): table for name, table in tables.items()}
        step("running the suites on the deployment")
        run_suite({"gateway": gateway, "slack": slack, "dynamodb": endpoint, **tables}, folder, SUITES,
                  OWN_STACK + OTHERWISE + TOO_MUCH)
        attributes = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
        if attributes["Attributes"]["ApproximateNumberOfMessages"] != "0":
            raise Failed("stream records could not be processed; they are in UnprocessedQueue")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ministack", type=Path, required=True)
    arguments = parser.parse_args()
    stand_in_for_aws()
    ministack = arguments.ministack.resolve()
    return carry_out(lambda cleanup, folder: prove(cleanup, folder, ministack), "the suites pass on a deployed stack")


if __name__ == "__main__":
    sys.exit(main())
