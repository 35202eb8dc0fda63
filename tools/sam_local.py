#!/usr/bin/env python3
"""Test that `sam local` runs Outhook: the APIs' end-to-end tests with `start-api`, the delivery functions with `invoke`.

usage: tools/build.py x86_64 && tools/sam_local.py        (both with the Python of an environment that has aws-sam-cli)

It uses a running Docker engine. If there is none, it starts Debian's as root in its own namespaces, so that network, firewall rules,
mounts and processes are gone when it ends, even if it is killed. It installs missing programs with apt-get.
"""
import functools
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import boto3

from support import (ROOT, STORIES, TARGET, Failed, built_template, call, end_on_signals, explained_by, free_port, local_stack,
                     run_suite, running, stand_in_for_aws, step, until)

IMAGE = "outhook-sam-local"
ARCHITECTURE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
INSIDE = "OUTHOOK_OWN_ENGINE"  # set inside the namespaces that this script creates


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def engine_answers() -> bool:
    return bool(shutil.which("docker")) and subprocess.run(["docker", "version"], capture_output=True).returncode == 0


@functools.cache
def update_package_lists() -> None:
    """A new machine has no lists, and old lists name packages that no longer exist."""
    if os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=True)


def install(programs: dict) -> None:
    """Installs the Debian packages of the programs that are missing."""
    missing = sorted({package for program, package in programs.items() if not shutil.which(program)})
    if missing:
        step(f"installing {', '.join(missing)}")
        update_package_lists()
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=True,
                       stdout=subprocess.DEVNULL)


def base_image() -> Path:
    """The archive of a small system for running a function, made once from three Debian packages."""
    archive = TARGET / "sam-local" / "base.tar"
    if not archive.is_file():
        step("making a base image of Debian packages")
        archive.parent.mkdir(parents=True, exist_ok=True)
        update_package_lists()
        with tempfile.TemporaryDirectory() as folder:
            system = Path(folder, "system")
            packages = ["libc6", "busybox-static", "ca-certificates"]
            subprocess.run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *packages], cwd=folder, check=True)
            for package in Path(folder).glob("*.deb"):
                subprocess.run(["dpkg-deb", "--extract", package, system], check=True)
            # SAM's build step moves its emulator into place with these; our functions need the certificate authorities in one file.
            for tool in ("sh", "mv", "chmod"):
                (system / "bin" / tool).symlink_to("busybox")
            bundle = system / "etc/ssl/certs/ca-certificates.crt"
            bundle.parent.mkdir(parents=True, exist_ok=True)
            certificates = sorted((system / "usr/share/ca-certificates").rglob("*.crt"))
            bundle.write_text("".join(path.read_text() for path in certificates))
            (system / "tmp").mkdir(mode=0o1777)
            fresh = archive.with_suffix(".new")
            subprocess.run(["tar", "-C", system, "-cf", fresh, "."], check=True)
            fresh.rename(archive)
    return archive


def in_namespaces() -> int:
    """Runs this script again inside namespaces, so that nothing is left behind."""
    if os.geteuid() != 0:
        raise Failed("no Docker engine answers; start one, or run this as root so that it can start its own")
    install({"dockerd": "docker.io", "docker": "docker.io", "iptables": "iptables", "ip": "iproute2"})
    base_image()  # It needs the network, which the namespaces do not have.
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, __file__]
    there = control_groups()
    with tempfile.TemporaryDirectory(prefix="outhook-docker-") as folder:
        process = subprocess.Popen(command, env=os.environ | {INSIDE: folder})
        try:
            return process.wait()
        finally:
            process.terminate()
            process.wait()
            for group in control_groups() - there:
                for path in [*sorted(group.glob("**/"), reverse=True)]:
                    path.rmdir()


def control_groups() -> set:
    """The engine's control groups, which do not disappear with the namespaces."""
    return {path for pattern in ("docker", "*/docker") for path in Path("/sys/fs/cgroup").glob(pattern)}


def start_engine(cleanup: ExitStack, folder: Path) -> None:
    """Starts an engine that keeps all its files in the folder."""
    step("starting a Docker engine")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    socket, log = f"unix://{folder}/docker.sock", folder / "dockerd.log"
    os.environ["DOCKER_HOST"] = socket
    engine = ["dockerd", "--data-root", folder / "data", "--exec-root", folder / "exec", "-p", folder / "pid", "-H", socket]
    process = cleanup.enter_context(running(engine, log))
    until("the Docker engine", process, log, engine_answers)


def remove_what_is_ours() -> None:
    """Removes the containers that SAM left, then the images; SAM's image first, because it is based on the other."""
    rapid = f"{IMAGE}:rapid-{ARCHITECTURE}"
    if containers := output("docker", "ps", "-aq", "--filter", f"ancestor={rapid}").split():
        output("docker", "rm", "-f", *containers)
    for image in (rapid, f"{IMAGE}:base"):
        if output("docker", "images", "-q", image):
            output("docker", "rmi", "-f", image)


class SamLocal:
    """`sam local` with the settings that all calls share."""

    def __init__(self, folder: Path, bridge: str, dynamodb: str, public_url: str):
        parameters = [f"Architecture={ARCHITECTURE}", f"DynamoDbEndpoint={dynamodb}", f"PublicUrl={public_url}",
                      f"LambdaEndpoint=http://{bridge}:9"]  # Nothing listens there: this script invokes drain itself.
        self.folder = folder
        self.options = ["-t", str(built_template("local", ARCHITECTURE)), "--skip-pull-image", "--invoke-image", f"{IMAGE}:base",
                        "--parameter-overrides", *parameters]
        self.sam = str(Path(sys.executable).parent / "sam")

    def start_api(self, port: int):
        """Starts the API at the port, with one container per function, kept warm."""
        options = ["--warm-containers", "LAZY", "--port", str(port), *self.options]
        return running([self.sam, "local", "start-api", *options], self.folder / "start-api.log", patience=60)

    def invoke(self, function: str, event: str):
        """Invokes the function with the event and returns its answer."""
        path = self.folder / "event.json"
        path.write_text(event)
        done = subprocess.run([self.sam, "local", "invoke", function, "-e", path, *self.options], cwd=ROOT, text=True,
                              capture_output=True)
        if done.returncode or "errorType" in done.stdout:
            raise Failed(f"sam local invoke {function}: {done.stdout}\n{done.stderr}")
        lines = done.stdout.strip().splitlines()
        return json.loads(lines[-1]) if lines else None


def deliver(sam: SamLocal, ready: dict, gateway: str) -> None:
    """Delivers one event from the stream's sample to the stand-in for Slack; each function runs in its container."""
    token, sample = ready["tokens"]["super_user"], (ROOT / "events/delivery-fan-out.json").read_text()
    slack = "https://hooks.slack.com/services/T00000000/B00000000/SamLocal"
    webhook = call("POST", f"{gateway}/api/v2/webhooks", token, {"name": "sam local", "url": slack})
    source = {"event_source": "CreatedProjectActivity"}
    call("POST", f"{gateway}/api/v2/webhooks/{webhook['id']}/configs", token, source)
    published = call("POST", f"{gateway}/api/v2/projects/11/activities", token,
                     {"name": "CreatedProjectActivity", "text": "told by sam local"})
    # The record that the stream would deliver for the event just published.
    record = json.loads(sample.replace("ORGANIZATION", ready["organization"]))
    image = item_of(ready["dynamodb"], "EventsTable", published["id"])
    record["Records"][0]["dynamodb"].update(NewImage=image, Keys={name: image[name] for name in ("pk", "sk")})
    report = sam.invoke("FanOut", json.dumps(record))
    if report != {"batchItemFailures": []}:
        raise Failed(f"FanOut reported {report}")
    wake = json.loads((ROOT / "events/delivery-drain.json").read_text())
    wake["wake"] = [item_of(ready["dynamodb"], "DeliveriesTable", "QUEUE")["pk"]["S"]]
    sam.invoke("Drain", json.dumps(wake))
    arrived = call("GET", f"{ready['slack']}/messages", token)
    if not any("told by sam local" in message["body"] for message in arrived):
        raise Failed(f"the message did not arrive at {ready['slack']}: {arrived}")


def item_of(dynamodb: str, table: str, key: str) -> dict:
    """The item with the sort key, as DynamoDB's JSON."""
    found = boto3.client("dynamodb", endpoint_url=dynamodb).scan(
        TableName=table, FilterExpression="sk = :key", ExpressionAttributeValues={":key": {"S": key}})
    return found["Items"][0]


def prove(cleanup: ExitStack, folder: Path) -> None:
    """Runs all tests with a running engine."""
    archive = base_image()
    os.environ["TMPDIR"] = str(folder)  # SAM writes files that it does not remove.
    bridge = output("docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
    bridge = bridge or "172.17.0.1"
    cleanup.callback(remove_what_is_ours)
    step("starting DynamoDB and the stand-in for Slack where containers can reach them")
    place = local_stack(cleanup, folder, bridge, "--no-triggers")
    settings = ["--change", "WORKDIR /var/task", "--change", "ENV LAMBDA_TASK_ROOT=/var/task",
                "--change", f"ENV OUTHOOK_LOCAL_RECEIVER={place['slack']}"]
    output("docker", "import", *settings, str(archive), f"{IMAGE}:base")
    port = free_port()
    gateway = f"http://127.0.0.1:{port}"
    sam = SamLocal(folder, bridge, place["dynamodb"], gateway)
    step("sam local start-api")
    api, log = cleanup.enter_context(sam.start_api(port)), folder / "start-api.log"
    until("sam local start-api", api, log, lambda: "Running on" in log.read_text(errors="replace"))
    with explained_by(log):
        step("sam local invoke: fan-out and drain")
        deliver(sam, place, gateway)
        step("the end-to-end tests of the four APIs, through sam local start-api")
        run_suite({**place, "gateway": gateway}, folder, STORIES)


def main() -> int:
    end_on_signals()
    stand_in_for_aws()
    try:
        built_template("local", ARCHITECTURE)
        if INSIDE not in os.environ and not engine_answers():
            return in_namespaces()
        with ExitStack() as cleanup:
            folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
            if INSIDE in os.environ:
                start_engine(cleanup, Path(os.environ[INSIDE]))
            prove(cleanup, folder)
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    print("sam local runs Outhook")
    return 0


if __name__ == "__main__":
    sys.exit(main())
