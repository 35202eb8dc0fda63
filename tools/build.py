#!/usr/bin/env python3
"""Build all functions at once, and write a template that points at what was built.

usage: tools/build.py [arm64|x86_64] [--profile release|release-small] [--only BINARY]

`sam build` runs cargo once per function; this runs it once. It needs `pip install aws-sam-cli cargo-lambda` (run it with that
Python), and no network once the crates are fetched. It writes to the target folder:

    lambda/<architecture>/<binary>/bootstrap
    lambda/template-<architecture>.yaml     for `sam deploy -t`
    lambda/local-<architecture>.yaml        for `sam local ... -t`

It fails if a binary needs a newer glibc than Amazon Linux 2023 has, or exceeds the size limit.
"""
import argparse
import io
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from samcli.yamlhelper import yaml_dump, yaml_parse

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
TRIPLES = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}
GLIBC = (2, 34)  # Amazon Linux 2023's; zig links against exactly that one.
LIMITS = {"release": (10.0, 4.0), "release-small": (7.0, 3.2)}  # MB of a binary and of its zip


def build(architecture: str, profile: str, only: str | None) -> Path:
    """Runs cargo-lambda and returns the folder of the binaries."""
    folder = TARGET / "lambda" / architecture
    target = f"{TRIPLES[architecture]}.{GLIBC[0]}.{GLIBC[1]}"
    command = ["cargo", "lambda", "build", "--package", "outhook", "--target", target, "--lambda-dir", folder]
    command += ["--release"] if profile == "release" else ["--profile", profile]
    command += ["--bin", only] if only else []
    # cargo finds cargo-lambda, and cargo-lambda finds zig, beside this Python.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"PATH": path})
    return folder


def glibc_of(binary: bytes) -> tuple:
    """The newest version of glibc that the binary needs."""
    versions = re.findall(rb"GLIBC_(\d+)\.(\d+)", binary)
    return max((int(major), int(minor)) for major, minor in versions)


def zipped(binary: bytes) -> int:
    """The size in bytes of the zip that `sam package` would make of the binary."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bootstrap", binary)
    return buffer.tell()


def check(binaries: list, profile: str) -> list:
    """Prints the largest sizes, and returns what is wrong with the binaries."""
    wrong, sizes = [], []
    most, most_zipped = LIMITS[profile]
    for path in binaries:
        binary = path.read_bytes()
        size, packed, glibc = len(binary) / 1e6, zipped(binary) / 1e6, glibc_of(binary)
        sizes.append((size, packed, glibc))
        if glibc > GLIBC:
            wrong.append(f"{path} needs glibc {glibc}, Amazon Linux 2023 has {GLIBC}")
        if size > most or packed > most_zipped:
            wrong.append(f"{path} has {size:.1f} MB, zipped {packed:.1f} MB; the limits are {most} and {most_zipped}")
    size, packed, glibc = (max(column) for column in zip(*sizes))
    print(f"{len(sizes)} binaries of at most {size:.2f} MB, zipped {packed:.2f} MB, glibc {glibc[0]}.{glibc[1]}")
    return wrong


def write_templates(folder: Path, architecture: str) -> list:
    """Writes the template with each function's code where it was built, so that SAM does not build it again; and one for `sam local`.

    If a path has ANY beside a method, `sam local` calls either function at random. Without these ANYs it behaves like API Gateway
    with them: a request that no method matches goes to /{proxy+}, which is the same function.
    """
    template = yaml_parse((ROOT / "template.yaml").read_text())
    template["Parameters"]["Architecture"]["Default"] = architecture
    del template["Globals"]["Function"]["CodeUri"]
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = resource.pop("Metadata")["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = f"{folder.name}/{binary}/"
    paths = [folder.parent / f"{name}-{architecture}.yaml" for name in ("template", "local")]
    paths[0].write_text(yaml_dump(template))
    fallback = template["Resources"]["Fallback"]["Properties"]
    fallback["Events"] = {name: fallback["Events"][name] for name in ("Root", "Proxy")}
    del template["Resources"]["OperationsFallback"]["Properties"]["Events"]
    paths[1].write_text(yaml_dump(template))
    return paths


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("architecture", nargs="?", default="arm64", choices=TRIPLES)
    parser.add_argument("--profile", default="release", choices=LIMITS)
    parser.add_argument("--only", metavar="BINARY", help="build only this function, and write no template")
    arguments = parser.parse_args()
    started = time.monotonic()
    folder = build(arguments.architecture, arguments.profile, arguments.only)
    print(f"built in {time.monotonic() - started:.0f} s")
    if wrong := check(sorted(folder.glob(f"{arguments.only or '*'}/bootstrap")), arguments.profile):
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    if not arguments.only:
        print(*write_templates(folder, arguments.architecture), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
